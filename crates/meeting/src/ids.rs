//! Identifiers and time as the machine knows them. The host makes them; the machine only compares and hands them back.

use std::fmt;

/// Microseconds since the Unix epoch, UTC.
pub type Micros = i64;

/// Microseconds in a second.
pub(crate) const SECOND: Micros = 1_000_000;

/// Raw identifier of a person (`8:orgid:…`, `8:acs:…`, `8:teamsvisitor:…`, `4:+…`); stable over sessions.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ParticipantId(pub String);

/// One live connection of a participant to one meeting, named by the host; never used twice.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(pub String);

/// Number of a request, chosen by its sender; handed back in the reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(pub u32);

/// One medium of one session; unique in the machine's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PublicationId(pub u32);

/// What raw ids begin with.
const PREFIXES: [&str; 5] = ["8:acs:", "8:orgid:", "8:teamsvisitor:", "28:", "4:"];
/// Longest raw id that is believed to be one, in bytes; those that this server gives have fewer than 100.
const LONGEST_ID: usize = 160;

impl ParticipantId {
    /// Whether it could be somebody's raw id, for ids of people who need not be here.
    pub(crate) fn is_well_formed(&self) -> bool {
        let name = PREFIXES.iter().find_map(|prefix| self.0.strip_prefix(prefix));
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_+.:".contains(&byte);
        self.0.len() <= LONGEST_ID && name.is_some_and(|name| !name.is_empty() && name.bytes().all(is_plain))
    }
}

impl fmt::Display for ParticipantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for ParticipantId {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<&str> for SessionId {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}
