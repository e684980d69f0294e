//! One engine: a child process with a line protocol on its standard input and output.
//!
//! Its lines are read in a task of their own, so that waiting for one can be given up at any time. Dropped: the process is killed.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout};
use tokio::sync::mpsc;

use crate::engine::{EngineConfig, EngineError};
use crate::protocol::{Said, Told};

/// Longest line that an engine may say; a longer one ends it.
const MOST_LINE: u64 = 64 * 1024;
/// Lines that wait for whoever drives the engine; full: the engine waits.
const LINES: usize = 16;
/// An engine that does not take sound for this long has hung.
const TAKE_WITHIN: Duration = Duration::from_secs(5);

/// A running engine.
pub(crate) struct Process {
    /// Kills the process when dropped.
    child: Child,
    input: ChildStdin,
    lines: mpsc::Receiver<Said>,
}

/// The engine is gone or does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gone;

impl Process {
    /// Starts an engine.
    pub(crate) fn start(engine: &EngineConfig) -> Result<Self, EngineError> {
        let mut command = engine.program()?;
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| EngineError::Missing(error.to_string()))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(EngineError::Config("it has no standard input or output"));
        };
        let (sender, lines) = mpsc::channel(LINES);
        tokio::spawn(read(output, sender));
        Ok(Self { child, input, lines })
    }

    /// Whether it still runs.
    pub(crate) fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Tells it something.
    pub(crate) async fn tell(&mut self, told: &Told) -> Result<(), Gone> {
        let line = told.line();
        match tokio::time::timeout(TAKE_WITHIN, self.input.write_all(&line)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Gone),
        }
    }

    /// What it says next. May be given up and called again.
    pub(crate) async fn said(&mut self) -> Result<Said, Gone> {
        self.lines.recv().await.ok_or(Gone)
    }
}

/// Reads lines until the engine ends, says something that is not of the protocol, or nobody listens.
async fn read(output: ChildStdout, sender: mpsc::Sender<Said>) {
    let mut output = BufReader::new(output);
    loop {
        let mut line = Vec::new();
        match (&mut output).take(MOST_LINE).read_until(b'\n', &mut line).await {
            Ok(read) if read > 0 && line.ends_with(b"\n") => {}
            Ok(_) | Err(_) => return,
        }
        match serde_json::from_slice::<Said>(&line) {
            Ok(said) => {
                if sender.send(said).await.is_err() {
                    return;
                }
            }
            // What it said may be somebody's words, so it is not logged.
            Err(error) => {
                tracing::warn!(%error, "an engine for captions said something that is not of the protocol; it is ended");
                return;
            }
        }
    }
}
