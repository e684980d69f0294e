//! What a client has sent in a stream, until whole messages can be cut out of it.

use std::time::Instant;

use bytes::{Buf as _, BytesMut};

use crate::frame::{Cut, Framing};

/// Bytes read at a time. With what is left of a message, no more is ever kept.
const READ: usize = 16 * 1024;

/// The beginning of a stream that has not been cut yet.
#[derive(Debug)]
pub(super) struct Inbound {
    framing: Framing,
    buffer: BytesMut,
    /// When the first byte of what is left came.
    since: Option<Instant>,
}

/// The stream cannot be read any further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Broken;

impl Inbound {
    pub(super) fn new(framing: Framing) -> Self {
        Self {
            framing,
            buffer: BytesMut::new(),
            since: None,
        }
    }

    /// Where to read to.
    pub(super) fn space(&mut self) -> &mut BytesMut {
        self.buffer.reserve(READ);
        &mut self.buffer
    }

    /// Cuts all whole messages out and hands each one on, until one is refused.
    pub(super) fn cut<E: From<Broken>>(&mut self, now: Instant, mut take: impl FnMut(&[u8]) -> Result<(), E>) -> Result<usize, E> {
        let mut units = 0;
        loop {
            match self.framing.cut(&self.buffer) {
                Cut::Unit { whole, skip } => {
                    take(self.buffer.get(skip..whole).unwrap_or_default())?;
                    self.buffer.advance(whole);
                    self.since = None;
                    units += 1;
                }
                Cut::More => break,
                Cut::Broken => return Err(Broken.into()),
            }
        }
        if self.buffer.is_empty() {
            self.since = None;
        } else if self.since.is_none() {
            self.since = Some(now);
        }
        Ok(units)
    }

    /// When the message began that is not complete.
    pub(super) fn waiting_since(&self) -> Option<Instant> {
        self.since
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn feed(inbound: &mut Inbound, now: Instant, bytes: &[u8]) -> Result<Vec<Vec<u8>>, Broken> {
        inbound.space().extend_from_slice(bytes);
        let mut units = Vec::new();
        inbound.cut(now, |unit| {
            units.push(unit.to_vec());
            Ok::<(), Broken>(())
        })?;
        Ok(units)
    }

    #[test]
    fn a_message_counts_from_its_first_byte_and_not_from_its_last() {
        let start = Instant::now();
        let second = Duration::from_secs(1);
        let mut inbound = Inbound::new(Framing::Lengths);
        assert_eq!(feed(&mut inbound, start, &[0]), Ok(vec![]));
        assert_eq!(feed(&mut inbound, start + second, &[3, 1]), Ok(vec![]));
        assert_eq!(inbound.waiting_since(), Some(start));
        // The rest of one and the beginning of another.
        assert_eq!(feed(&mut inbound, start + second * 2, &[2, 3, 0]), Ok(vec![vec![1, 2, 3]]));
        assert_eq!(inbound.waiting_since(), Some(start + second * 2));
        assert_eq!(feed(&mut inbound, start + second * 3, &[1, 9]), Ok(vec![vec![9]]));
        assert_eq!(inbound.waiting_since(), None);
    }

    #[test]
    fn a_stream_that_announces_too_much_is_given_up() {
        let mut inbound = Inbound::new(Framing::Lengths);
        assert_eq!(feed(&mut inbound, Instant::now(), &[0xFF, 0xFF]), Err(Broken));
    }
}
