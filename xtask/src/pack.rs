//! `cargo xtask pack`: the installable packages of the calling SDK, for use under the alias of the packages that they replace.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::npm;
use crate::shell::{self, capture, command, root};

/// Folder of the package and the beginning of the version that applications expect of it.
const PACKAGES: [(&str, &str); 2] = [("web/packages/calling", "1.40."), ("web/packages/calling-effects", "1.3.")];

pub(crate) fn run() -> Result<()> {
    npm::install()?;
    let dist = root().join("dist");
    fs::create_dir_all(&dist)?;
    for (package, version) in PACKAGES {
        pack_one(package, version)?;
    }
    Ok(())
}

fn pack_one(package: &str, version: &str) -> Result<()> {
    shell::run(&mut command("npm", ["run", "build", "--workspace", package]))?;
    let text = capture(&mut command(
        "npm",
        ["pack", "--json", "--workspace", package, "--pack-destination", "dist"],
    ))?;
    let packed: serde_json::Value = serde_json::from_str(&text).context("npm pack did not answer with JSON")?;
    // npm 11 answers with a list; later versions with an object by package name.
    let first = packed
        .get(0)
        .or_else(|| packed.as_object().and_then(|all| all.values().next()))
        .context("npm pack wrote nothing")?;
    let file = first
        .get("filename")
        .and_then(|name| name.as_str())
        .context("npm pack names no file")?;
    let has = first.get("version").and_then(|text| text.as_str()).unwrap_or_default();
    if !has.starts_with(version) {
        bail!("{package} has version {has}; applications expect {version}N, see its package.json");
    }
    println!("dist/{file}");
    Ok(())
}
