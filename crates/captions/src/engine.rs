//! Which program recognises speech, and whether it is there.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

/// The packaged engine: a wrapper around Debian's pocketsphinx, run by the system's Python.
const POCKETSPHINX: &str = include_str!("../assets/pocketsphinx.py");
const PYTHON: &str = "/usr/bin/python3";

/// Engines that run at once on the node unless configured: people seldom speak at the same time, and each is about 100 MB.
pub(crate) const MOST_ENGINES: usize = 4;
/// More is a mistake in the configuration.
const LIMIT: usize = 256;
/// Variables of the environment that an engine gets.
const PASSED_ON: [&str; 3] = ["PATH", "LANG", "HOME"];
/// The check starts an interpreter and looks for files.
const CHECK_WITHIN: Duration = Duration::from_secs(20);

/// An engine: a program that speaks the protocol of docs/operations/captions.md.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineConfig {
    /// Program and arguments; run without a shell, in `/`, with `PATH`, `LANG` and `HOME` only.
    pub command: Vec<String>,
    /// Languages that it understands, lower case (`en-us`), the default first.
    pub spoken: Vec<String>,
    /// Languages into which it translates.
    pub translated: Vec<String>,
    /// Most processes at once; an utterance beyond them is not heard, and counted.
    pub most: usize,
}

/// Why an engine cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The configuration cannot be used.
    #[error("the engine for captions cannot be used: {0}")]
    Config(&'static str),
    /// The engine said that something is missing.
    #[error("the engine for captions is not ready: {0}; install what is missing (Debian: python3-pocketsphinx pocketsphinx-en-us)")]
    Missing(String),
}

impl EngineConfig {
    /// The packaged engine: US English, offline.
    #[must_use]
    pub fn pocketsphinx() -> Self {
        Self {
            command: [PYTHON, "-I", "-c", POCKETSPHINX].map(str::to_owned).to_vec(),
            spoken: vec!["en-us".to_owned()],
            translated: Vec::new(),
            most: MOST_ENGINES,
        }
    }

    /// An engine of the operator's.
    #[must_use]
    pub fn external(command: Vec<String>, spoken: Vec<String>) -> Self {
        Self {
            command,
            spoken,
            translated: Vec::new(),
            most: MOST_ENGINES,
        }
    }

    pub(crate) fn validate(&self) -> Result<(), EngineError> {
        if self.command.is_empty() {
            return Err(EngineError::Config("it has no command"));
        }
        // It runs in `/`: a path from where the server was started would name something else there.
        let is_relative = |program: &String| program.contains('/') && !program.starts_with('/');
        if self.command.first().is_some_and(is_relative) {
            return Err(EngineError::Config("name the program by its whole path, or by its name alone"));
        }
        if self.spoken.is_empty() {
            return Err(EngineError::Config("name at least one language that it understands"));
        }
        if self.most == 0 || self.most > LIMIT {
            return Err(EngineError::Config("between 1 and 256 processes can run at once"));
        }
        Ok(())
    }

    /// Asks the engine whether all it needs is installed (`--check`).
    ///
    /// # Errors
    /// [`EngineError::Missing`] with its words, or when it cannot be started or does not answer.
    pub async fn check(&self) -> Result<(), EngineError> {
        let mut command = self.program()?;
        command
            .arg("--check")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let checked = tokio::time::timeout(CHECK_WITHIN, command.output()).await;
        match checked {
            Ok(Ok(output)) if output.status.success() => Ok(()),
            Ok(Ok(output)) => Err(EngineError::Missing(
                String::from_utf8_lossy(&output.stderr).trim().chars().take(300).collect(),
            )),
            Ok(Err(error)) => Err(EngineError::Missing(error.to_string())),
            Err(_) => Err(EngineError::Missing("it did not answer in time".to_owned())),
        }
    }

    pub(crate) fn program(&self) -> Result<Command, EngineError> {
        let (program, arguments) = self.command.split_first().ok_or(EngineError::Config("it has no command"))?;
        let mut command = Command::new(program);
        // Nothing of the server's environment, which may hold secrets; whatever else an engine needs is named in its command (`/usr/bin/env NAME=value …`).
        command.args(arguments).env_clear().current_dir("/").kill_on_drop(true);
        for name in PASSED_ON {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        Ok(command)
    }
}
