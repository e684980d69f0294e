//! Other media servers: what has to be installed or compiled before they can be run beside ours. Nothing of them is in this repository but how to ask them
//! (`bench/peers`). Whatever cannot be had here is said, and the comparison goes on without it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::shell::{capture, cargo, command, root, run, succeeds};
use crate::tools;

/// The C++ standard of that worker's time compares two numbers that have become a `long` and an `int` since.
const REPAIR: &str = "#ifdef __cplusplus\n#include <algorithm>\nnamespace std {\n\
                      inline long max(long a, int b) { return a < b ? static_cast<long>(b) : a; }\n}\n#endif\n";

/// Where the hosts are compiled.
fn folder() -> PathBuf {
    root().join("target/bench-peers")
}

/// Installs Janus from Debian when it is missing and we may, and compiles its host.
pub(super) fn janus() -> Result<PathBuf> {
    if !succeeds(&mut command("janus", ["--version"])) {
        tools::apt("janus", "a peer of the benchmark")?;
    }
    build("janus-host", &mut cargo(["build", "--release"]))
}

/// Compiles mediasoup's worker from its crate, and its host.
pub(super) fn mediasoup() -> Result<PathBuf> {
    let python = python2()?;
    let repair = folder().join("repair.h");
    std::fs::create_dir_all(folder())?;
    std::fs::write(&repair, REPAIR)?;
    let mut compile = cargo(["build", "--release", "--features", "mediasoup"]);
    compile
        .env("PYTHON", python)
        .env("CXXFLAGS", format!("-include {}", repair.display()));
    build("mediasoup-host", &mut compile)
}

fn build(name: &str, compile: &mut std::process::Command) -> Result<PathBuf> {
    let manifest = root().join("bench/peers/Cargo.toml");
    run(compile
        .args(["--bin", name, "--manifest-path"])
        .arg(manifest)
        .arg("--target-dir")
        .arg(folder()))?;
    Ok(folder().join("release").join(name))
}

/// A Python 2.7, which the build description of that worker is written for: named by ANTEROOM_PYTHON2, on the path, or one that pyenv has.
fn python2() -> Result<PathBuf> {
    let named = std::env::var_os("ANTEROOM_PYTHON2").map(PathBuf::from);
    let on_path = ["python2.7", "python2"].map(PathBuf::from);
    let of_pyenv = || -> Result<PathBuf> {
        let all = capture(&mut command("pyenv", ["versions", "--bare"]))?;
        let version = all
            .lines()
            .map(str::trim)
            .find(|version| version.starts_with("2.7"))
            .context("none")?;
        let prefix = capture(&mut command("pyenv", ["prefix", version]))?;
        Ok(Path::new(prefix.trim()).join("bin/python"))
    };
    let works = |python: &PathBuf| {
        succeeds(&mut command(
            &python.to_string_lossy(),
            ["-c", "import sys; sys.exit(sys.version_info[:2] != (2, 7))"],
        ))
    };
    let found = named.into_iter().chain(on_path).find(works);
    match found.or_else(|| of_pyenv().ok().filter(works)) {
        Some(python) => Ok(python),
        None => bail!(
            "mediasoup's worker of 2021 is built by a Python 2.7, and there is none: name one in ANTEROOM_PYTHON2 (`pyenv install 2.7.18` makes one)"
        ),
    }
}
