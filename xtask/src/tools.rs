//! Tools that tests need beside cargo and node: a browser, a relay, and Python with the official clients.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::shell::{capture, command, root, run, succeeds};

/// What the Python client tests import; exact versions, since their behaviour is what is tested.
const PYTHON_PACKAGES: [&str; 12] = [
    "azure-communication-chat==1.3.0",
    "azure-communication-identity==1.5.0",
    "azure-communication-networktraversal==1.1.0b2",
    "azure-communication-rooms==1.2.0",
    "azure-identity==1.27.0",
    "msal==1.39.0",
    "msgraph-sdk==1.65.0",
    // msgraph-core imports it for batches without declaring it.
    "deprecated>=1.2,<2",
    "schemathesis>=4,<5",
    "aiohttp>=3.10,<4",
    "requests>=2.32,<3",
    "pytest>=8,<10",
];

/// Debian's Chromium, installed when it is missing and we may.
pub(crate) fn chromium() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("ANTEROOM_CHROMIUM").map(PathBuf::from) {
        return Ok(path);
    }
    let path = PathBuf::from("/usr/bin/chromium");
    if !path.exists() {
        apt("chromium", "the browser of the end-to-end tests")?;
    }
    Ok(path)
}

/// Debian's coturn, the relay that the clients' tests try issued credentials on; installed when it is missing and we may.
pub(crate) fn relay() -> Result<()> {
    if std::env::var_os("ANTEROOM_TURNSERVER").is_none() && !Path::new("/usr/bin/turnserver").exists() {
        apt("coturn", "the relay of the clients' tests")?;
    }
    Ok(())
}

/// Debian's valgrind, which counts instructions; installed when it is missing and we may.
pub(crate) fn valgrind() -> Result<()> {
    if !succeeds(&mut command("valgrind", ["--version"])) {
        apt("valgrind", "the count of instructions")?;
    }
    Ok(())
}

/// The packaged recogniser of speech with recordings to try it on: Debian's packages, and a file of each.
const SPEECH: [(&str, &str); 3] = [
    ("python3-pocketsphinx", "/usr/lib/python3/dist-packages/pocketsphinx/__init__.py"),
    ("pocketsphinx-en-us", "/usr/share/pocketsphinx/model/en-us/en-us.lm.bin"),
    ("pocketsphinx-testdata", "/usr/share/pocketsphinx/test/data/goforward.raw"),
];

/// Debian's recogniser of speech, installed when it is missing and we may.
pub(crate) fn speech() -> Result<()> {
    for (package, file) in SPEECH {
        if !Path::new(file).exists() {
            apt(package, "the tests of captions")?;
        }
    }
    Ok(())
}

/// A Python with the official clients, in `target/venv`.
pub(crate) fn python() -> Result<PathBuf> {
    let venv = root().join("target/venv");
    let python = venv.join("bin/python");
    let wanted = PYTHON_PACKAGES.join("\n");
    let stamp = venv.join("anteroom-packages");
    if python.exists() && std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    if !succeeds(&mut command("python3", ["-c", "import venv, ensurepip"])) {
        apt("python3-venv", "the Python clients' tests")?;
    }
    run(command("python3", ["-m", "venv"]).arg(&venv))?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    run(command(&python.to_string_lossy(), pip).args(PYTHON_PACKAGES))?;
    std::fs::write(&stamp, wanted).context("target/venv is not writable")?;
    Ok(python)
}

/// Installs a package of Debian, or says how.
pub(crate) fn apt(package: &str, what_for: &str) -> Result<()> {
    let by_hand = format!("{package} is missing ({what_for}); install it: sudo apt-get update && sudo apt-get install {package}");
    let is_root = capture(&mut command("id", ["-u"])).is_ok_and(|id| id.trim() == "0");
    if !is_root || !Path::new("/usr/bin/apt-get").exists() {
        bail!(by_hand);
    }
    run(&mut command("apt-get", ["update"])).context(by_hand.clone())?;
    run(command("apt-get", ["install", "-y", "--no-install-recommends", package]).env("DEBIAN_FRONTEND", "noninteractive")).context(by_hand)
}
