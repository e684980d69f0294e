//! One engine: a child process with a line protocol on its standard input and output.
//!
//! Its lines are read in a task of their own, so that waiting for one can be given up at any time. Dropped: the process is killed.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout};
use tokio::sync::mpsc::{self, error::TryRecvError};

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
    /// Number of the utterance that it hears, or heard last.
    utterance: u64,
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
        Ok(Self {
            child,
            input,
            lines,
            utterance: 0,
        })
    }

    /// Whether it still runs.
    pub(crate) fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Whether it has nothing more to say of the utterance that is over. Lines that name their utterance are known to be late and harm nobody.
    pub(crate) fn is_quiet(&mut self) -> bool {
        loop {
            match self.lines.try_recv() {
                Ok(said) if said.utterance().is_some() => {}
                Ok(_) | Err(TryRecvError::Disconnected) => return false,
                Err(TryRecvError::Empty) => return true,
            }
        }
    }

    /// Begins the next utterance.
    pub(crate) async fn begin(&mut self, language: &str) -> Result<(), Gone> {
        self.utterance = self.utterance.wrapping_add(1);
        let begin = Told::Begin {
            language: language.to_owned(),
            utterance: self.utterance,
        };
        self.tell(&begin).await
    }

    /// Tells it something.
    pub(crate) async fn tell(&mut self, told: &Told) -> Result<(), Gone> {
        let line = told.line();
        match tokio::time::timeout(TAKE_WITHIN, self.input.write_all(&line)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Gone),
        }
    }

    /// What it says next of the utterance. May be given up and called again.
    pub(crate) async fn said(&mut self) -> Result<Said, Gone> {
        loop {
            let said = self.lines.recv().await.ok_or(Gone)?;
            if said.utterance().is_none_or(|number| number == self.utterance) {
                return Ok(said);
            }
        }
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
        let Some(said) = parse(&line) else { return };
        if sender.send(said).await.is_err() {
            return;
        }
    }
}

/// A line of the protocol. What else it says may be somebody's words, which the error would quote: only its kind and place are logged.
fn parse(line: &[u8]) -> Option<Said> {
    match serde_json::from_slice(line) {
        Ok(said) => Some(said),
        Err(error) => {
            let (kind, line, column) = (error.classify(), error.line(), error.column());
            tracing::warn!(
                ?kind,
                line,
                column,
                "an engine for captions said something that is not of the protocol; it is ended"
            );
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::sync::{Arc, Mutex};

    use tracing::{Event, Metadata, Subscriber, field::Field, span};

    use super::*;

    /// Everything that is logged, as text.
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<String>>);

    impl Subscriber for Log {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
            span::Id::from_u64(1)
        }

        fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

        fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

        fn event(&self, event: &Event<'_>) {
            let mut text = self.0.lock().unwrap();
            event.record(&mut |field: &Field, value: &dyn std::fmt::Debug| write!(text, "{field}={value:?} ").unwrap());
        }

        fn enter(&self, _: &span::Id) {}

        fn exit(&self, _: &span::Id) {}
    }

    #[test]
    fn words_in_a_line_that_is_not_of_the_protocol_do_not_reach_the_log_but_its_place_does() {
        for line in [
            r#"{"type":"my secret"}"#,
            r#"{"type":"final","text":"good","utterance":"my secret"}"#,
            r#""my secret""#,
        ] {
            let log = Log::default();
            let said = tracing::subscriber::with_default(log.clone(), || parse(line.as_bytes()));
            let logged = log.0.lock().unwrap().clone();
            assert_eq!(said, None);
            assert!(!logged.contains("secret"), "{logged}");
            assert!(logged.contains("kind=Data") && logged.contains("line="), "{logged}");
        }
        assert!(parse(br#"{"type":"final","text":"good"}"#).is_some());
    }
}
