//! The npm side: installed packages and npm scripts.

use std::fs;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};

use serde_json::Value;

use crate::shell::{command, root, run};

/// Installs the locked packages when they are missing or older than the lock file.
pub(crate) fn install() -> Result<()> {
    let changed = |path: &str| {
        fs::metadata(root().join(path))
            .and_then(|file| file.modified())
            .unwrap_or(SystemTime::UNIX_EPOCH)
    };
    if root().join("node_modules/.package-lock.json").exists() {
        if changed("node_modules/.package-lock.json") >= changed("package-lock.json") {
            return Ok(());
        }
        return run(&mut command("npm", ["install", "--no-audit"]));
    }
    run(&mut command("npm", ["ci", "--no-audit"]))
}

/// Builds the packages and the applications; the page of the example comes after them (`build_example`).
pub(crate) fn build() -> Result<()> {
    run(&mut command("npm", ["run", "build"]))
}

/// The page of the example application. No workspace, so that the published UI library's peers are ours under the names that they replace.
pub(crate) const EXAMPLE_PAGE: &str = "examples/visit/page";

/// Installs the published UI library in this folder, on the packages as they were just built.
pub(crate) fn install_ui(folder: &str) -> Result<()> {
    run(&mut command("node", ["web/harness/tools/install.mjs", "--no-build", folder]))
}

/// Builds the page of the example, as its owner would: the packed SDK under the alias, the UI library from the registry.
pub(crate) fn build_example() -> Result<()> {
    install_ui(EXAMPLE_PAGE)?;
    run(&mut command("node", [&format!("{EXAMPLE_PAGE}/build.mjs")]))
}

/// Packages whose licence does not allow what this repository does; ours stand in for them.
const NOT_OURS_TO_USE: [&str; 2] = [
    "node_modules/@azure/communication-calling",
    "node_modules/@azure/communication-calling-effects",
];
/// The only place that a locked package may name as its source.
const PUBLIC_REGISTRY: &str = "https://registry.npmjs.org/";

/// The lock files of the repository: of the workspaces, and of the two pages that mount the published UI library.
const LOCK_FILES: [&str; 3] = [
    "package-lock.json",
    "web/harness/package-lock.json",
    "examples/visit/page/package-lock.json",
];

/// Fails when a lock file would install from somewhere else than the public registry, or a package that we may not use.
pub(crate) fn check_lock() -> Result<()> {
    for file in LOCK_FILES {
        let lock: Value = serde_json::from_str(&fs::read_to_string(root().join(file))?)?;
        let found = lock_problems(&lock).with_context(|| format!("{file} names no packages"))?;
        if !found.is_empty() {
            bail!("{file}: {}", found.join("; "));
        }
    }
    Ok(())
}

/// Whether a locked package is one of ours under the name that it replaces, from a tarball that was packed here.
fn is_ours(package: &Value) -> bool {
    let text = |key| package.get(key).and_then(Value::as_str).unwrap_or_default();
    text("name").starts_with("@anteroom/") && text("resolved").starts_with("file:packages/")
}

fn lock_problems(lock: &Value) -> Option<Vec<String>> {
    let mut found = Vec::new();
    for (name, package) in lock.get("packages")?.as_object()? {
        let is_link = package.get("link").and_then(Value::as_bool).unwrap_or_default();
        let source = package.get("resolved").and_then(Value::as_str).unwrap_or(PUBLIC_REGISTRY);
        if is_ours(package) {
            continue;
        }
        if !is_link && !source.starts_with(PUBLIC_REGISTRY) {
            found.push(format!("{name} comes from {source}"));
        }
        // An alias hides the package behind another folder; the entry then says its real name.
        let real = package.get("name").and_then(Value::as_str).unwrap_or(name);
        let is_named = |forbidden: &str| name.ends_with(forbidden) || forbidden.strip_prefix("node_modules/") == Some(real);
        if NOT_OURS_TO_USE.into_iter().any(is_named) {
            found.push(format!("{name} may not be used here"));
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(packages: Value) -> Vec<String> {
        lock_problems(&serde_json::json!({ "packages": packages })).unwrap()
    }

    #[test]
    fn packages_of_the_public_registry_and_of_this_repository_are_fine() {
        let packages = serde_json::json!({
            "": {},
            "node_modules/react": {"version": "19.0.0"},
            "node_modules/vite": {"resolved": "https://registry.npmjs.org/vite/-/vite-8.0.0.tgz"},
            "node_modules/@anteroom/calling": {"resolved": "web/packages/calling", "link": true},
        });
        assert!(problems(packages).is_empty());
    }

    #[test]
    fn ours_may_stand_under_the_names_that_they_replace_and_others_may_not() {
        let under = |package: Value| problems(serde_json::json!({"node_modules/@azure/communication-calling": package}));
        let packed = "file:packages/calling.tgz";
        assert!(under(serde_json::json!({"name": "@anteroom/calling", "resolved": packed})).is_empty());
        assert_eq!(under(serde_json::json!({"resolved": packed})).len(), 2);
        assert_eq!(under(serde_json::json!({"name": "@anteroom/calling"})).len(), 1);
    }

    #[test]
    fn another_source_and_a_package_that_may_not_be_used_are_named() {
        let packages = serde_json::json!({
            "node_modules/react": {"resolved": "https://mirror.example.org/react.tgz"},
            "node_modules/ui/node_modules/@azure/communication-calling": {"version": "1.40.1"},
            "node_modules/harmless": {"name": "@azure/communication-calling", "version": "1.40.1"},
        });
        let found = problems(packages);
        assert_eq!(found.len(), 3);
        assert!(found.iter().any(|text| text.contains("mirror.example.org")));
    }
}
