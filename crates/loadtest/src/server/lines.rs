//! Lines of JSON over TCP to a host: `{"id":1,"join":{…}}` is answered by `{"id":1,…}` or `{"id":1,"error":"…"}`. Many may be under way.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Error, ErrorKind, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};

use serde_json::{Map, Value};

use super::TargetError;

/// Answers that may wait to be taken.
const ANSWERS: usize = 1_024;

/// A connection to a host. `T` is what is kept for each request until it is answered.
#[derive(Debug)]
pub(super) struct Lines<T> {
    stream: TcpStream,
    answers: Receiver<Value>,
    waiting: HashMap<u64, (&'static str, T)>,
    next: u64,
}

impl<T> Lines<T> {
    /// Connects.
    ///
    /// # Errors
    /// [`TargetError::Host`].
    pub(super) fn connect(address: SocketAddr) -> Result<Self, TargetError> {
        let stream = TcpStream::connect(address).map_err(TargetError::Host)?;
        // A line is a request: waiting for more of it would add the delay of an acknowledgement to every join.
        stream.set_nodelay(true).map_err(TargetError::Host)?;
        let reader = stream.try_clone().map_err(TargetError::Host)?;
        // Full means that answers are not taken: then the host waits. The thread ends with the connection.
        let (sender, answers) = sync_channel(ANSWERS);
        std::thread::spawn(move || {
            for line in BufReader::new(reader).lines().map_while(Result::ok) {
                let Ok(answer) = serde_json::from_str(&line) else { return };
                if sender.send(answer).is_err() {
                    return;
                }
            }
        });
        Ok(Self {
            stream,
            answers,
            waiting: HashMap::new(),
            next: 0,
        })
    }

    /// Asks; `keep` comes back with the answer.
    ///
    /// # Errors
    /// [`TargetError::Host`].
    pub(super) fn ask(&mut self, name: &'static str, what: Value, keep: T) -> Result<(), TargetError> {
        self.next += 1;
        let request = Map::from_iter([("id".to_owned(), self.next.into()), (name.to_owned(), what)]);
        let mut line = Value::Object(request).to_string();
        line.push('\n');
        self.stream.write_all(line.as_bytes()).map_err(TargetError::Host)?;
        self.waiting.insert(self.next, (name, keep));
        Ok(())
    }

    /// An answer that has come, with what was kept for it.
    ///
    /// # Errors
    /// [`TargetError`] when the host is gone or refused.
    pub(super) fn answer(&mut self) -> Result<Option<(T, Value)>, TargetError> {
        let answer = match self.answers.try_recv() {
            Ok(answer) => answer,
            Err(TryRecvError::Empty) => return Ok(None),
            Err(TryRecvError::Disconnected) => return Err(TargetError::Host(Error::from(ErrorKind::ConnectionAborted))),
        };
        let id = answer.get("id").and_then(Value::as_u64).ok_or(TargetError::Answer("id"))?;
        let (asked, keep) = self.waiting.remove(&id).ok_or(TargetError::Answer("id"))?;
        match answer.get("error") {
            None => Ok(Some((keep, answer))),
            Some(why) => Err(TargetError::Refused {
                asked,
                why: why.as_str().unwrap_or("no reason given").to_owned(),
            }),
        }
    }

    /// Requests without an answer.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }
}

/// A text in an answer.
pub(super) fn text<'a>(answer: &'a Value, name: &'static str) -> Result<&'a str, TargetError> {
    answer.get(name).and_then(Value::as_str).ok_or(TargetError::Answer(name))
}
