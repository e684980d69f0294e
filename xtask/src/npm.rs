//! The npm side: installed packages and npm scripts.

use std::fs;
use std::time::SystemTime;

use anyhow::Result;

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

/// Builds the packages, the applications and the example.
pub(crate) fn build() -> Result<()> {
    run(&mut command("npm", ["run", "build"]))
}
