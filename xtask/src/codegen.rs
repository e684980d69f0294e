//! `cargo xtask codegen`: files that are generated from the Rust sources and committed, and the check that they are up to date.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::shell::{capture, cargo, root, run};

/// TypeScript types of the wire.
const WIRE_TYPES: &str = "web/packages/calling/src/wire/generated";
/// The page that lists every refusal.
const REFUSALS: &str = "docs/refusals.md";

/// Path in the repository and content of every generated file.
type Files = BTreeMap<String, String>;

/// Writes all generated files; files that are no longer generated go.
pub(crate) fn write() -> Result<()> {
    let wanted = generate()?;
    for (path, content) in &wanted {
        let path = root().join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, content).with_context(|| format!("{} is not writable", path.display()))?;
    }
    for path in committed()?.into_keys().filter(|path| !wanted.contains_key(path)) {
        fs::remove_file(root().join(path))?;
    }
    println!("{} generated files are up to date", wanted.len());
    Ok(())
}

/// Fails when a committed file differs from what the sources generate.
pub(crate) fn check() -> Result<()> {
    let wanted = generate()?;
    let found = committed()?;
    let changed = wanted
        .iter()
        .filter(|(path, content)| found.get(*path) != Some(content))
        .map(|(path, _)| path.as_str());
    let stale = found.keys().filter(|path| !wanted.contains_key(*path)).map(String::as_str);
    let drifted: Vec<&str> = changed.chain(stale).collect();
    if !drifted.is_empty() {
        bail!("generated files are out of date, run `cargo xtask codegen`: {}", drifted.join(", "));
    }
    Ok(())
}

fn generate() -> Result<Files> {
    let scratch = root().join("target/codegen/wire");
    if scratch.exists() {
        fs::remove_dir_all(&scratch)?;
    }
    fs::create_dir_all(&scratch)?;
    run(cargo(["run", "--quiet", "--package", "anteroom-wire", "--example", "export", "--"]).arg(&scratch))?;
    let mut files = read_all(&scratch, WIRE_TYPES)?;
    if root().join("crates/meeting/examples/refusals.rs").exists() {
        let page = capture(&mut cargo([
            "run",
            "--quiet",
            "--package",
            "anteroom-meeting",
            "--example",
            "refusals",
        ]))?;
        files.insert(REFUSALS.to_owned(), page);
    }
    Ok(files)
}

fn committed() -> Result<Files> {
    let dir = root().join(WIRE_TYPES);
    let mut files = if dir.exists() { read_all(&dir, WIRE_TYPES)? } else { Files::new() };
    if let Ok(page) = fs::read_to_string(root().join(REFUSALS)) {
        files.insert(REFUSALS.to_owned(), page);
    }
    Ok(files)
}

/// All files below `dir`, named as if `dir` were `prefix`.
fn read_all(dir: &Path, prefix: &str) -> Result<Files> {
    let mut files = Files::new();
    for entry in fs::read_dir(dir).with_context(|| format!("{} cannot be read", dir.display()))? {
        let entry = entry?;
        let name = format!("{prefix}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            files.extend(read_all(&entry.path(), &name)?);
        } else {
            files.insert(name, fs::read_to_string(entry.path())?);
        }
    }
    Ok(files)
}
