//! Of which publication a source is (RFC 8843 §9.2): by what the description says of it, by the names in its headers, by a payload type that only one
//! m-line has.
//!
//! Reads only: an unknown source costs nothing until a packet of it was opened.

use rtp::ext::read_name;

use super::values::Values;
use crate::peer::{LineInfo, Session};
use crate::routing::{Codec, Layer, Line};

/// Bytes of names that str0m keeps.
const LONGEST_MID: usize = 16;
const LONGEST_RID: usize = 8;

/// What a source sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// Media.
    Media { line: Line, layer: Layer },
    /// Retransmissions of the media of a layer (RFC 4588), or of a source of its own where the description says so.
    Repair { line: Line, layer: Layer, of: Option<u32> },
    /// Padding that only probes the path; browsers send it from the source 0.
    Probe,
}

/// Where a source stands in the description.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) ssrc: u32,
    /// Of its retransmissions.
    pub(crate) rtx: Option<u32>,
}

/// What a payload type stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Read {
    pub(crate) codec: Codec,
    /// It is a retransmission of it.
    pub(crate) rtx: bool,
}

/// What the source of this packet sends; nothing when nobody can tell.
pub(super) fn origin(session: &Session, ssrc: u32, read: Option<Read>, values: &Values<'_>) -> Option<Origin> {
    if ssrc == 0 {
        return Some(Origin::Probe);
    }
    let read = read?;
    named(session, ssrc, read)
        .or_else(|| by_name(session, read, values))
        .or_else(|| by_type(session, read, values))
}

/// By the description. It does not tell which source is which layer, so layers are known by their names only.
fn named(session: &Session, ssrc: u32, read: Read) -> Option<Origin> {
    let layer = Layer(0);
    for (line, info) in lines(session).filter(|(_, info)| info.rids.is_empty() && info.audio == read.codec.is_audio()) {
        for named in &info.named {
            if named.rtx == Some(ssrc) {
                let of = Some(named.ssrc);
                return Some(Origin::Repair { line, layer, of });
            }
            if named.ssrc == ssrc {
                return Some(sends(line, layer, read.rtx));
            }
        }
    }
    None
}

/// By the names of m-line and layer.
fn by_name(session: &Session, read: Read, values: &Values<'_>) -> Option<Origin> {
    let mid = values.mid?;
    let (line, info) = lines(session).find(|(_, info)| is_called(&info.mid, LONGEST_MID, mid))?;
    if info.audio != read.codec.is_audio() {
        return None;
    }
    if info.rids.is_empty() {
        return Some(sends(line, Layer(0), read.rtx));
    }
    let (name, repairs) = match (values.rid, values.repaired) {
        (Some(name), _) => (name, false),
        (None, name) => (name?, true),
    };
    let layer = info.rids.iter().position(|rid| is_called(rid, LONGEST_RID, name))?;
    // Padding of retransmissions may have the payload type of the media.
    Some(sends(line, Layer(u8::try_from(layer).ok()?), repairs || read.rtx))
}

/// By the payload type, where only one m-line that the client sends on has it, and no layers.
fn by_type(session: &Session, read: Read, values: &Values<'_>) -> Option<Origin> {
    if values.mid.is_some() {
        return None;
    }
    let mut lines = lines(session).filter(|(_, info)| info.sends && info.codecs.has(read.codec));
    let (line, info) = lines.next()?;
    (lines.next().is_none() && info.rids.is_empty()).then(|| sends(line, Layer(0), read.rtx))
}

/// Whether this is the name: str0m keeps so many bytes of one, and of those only letters and digits.
fn is_called(known: &str, longest: usize, value: &[u8]) -> bool {
    let kept = |byte: u8| if byte.is_ascii_alphanumeric() { byte } else { b'_' };
    read_name(value).is_some_and(|name| name.bytes().take(longest).map(kept).eq(known.bytes()))
}

fn sends(line: Line, layer: Layer, repairs: bool) -> Origin {
    if repairs {
        Origin::Repair { line, layer, of: None }
    } else {
        Origin::Media { line, layer }
    }
}

fn lines(session: &Session) -> impl Iterator<Item = (Line, &LineInfo)> {
    let lines = session.lines.iter().enumerate();
    lines.filter_map(|(at, info)| Some((Line(u16::try_from(at).ok()?), info)))
}

/// Whether a layer is the same in another session: browsers name a source only until they know that it is known.
pub(super) fn is_kept(origin: Origin, before: &Session, now: &Session) -> bool {
    let (line, layer) = match origin {
        Origin::Media { line, layer } | Origin::Repair { line, layer, .. } => (line, usize::from(layer.0)),
        Origin::Probe => return true,
    };
    let (Some(before), Some(now)) = (before.info(line), now.info(line)) else {
        return false;
    };
    before.mid == now.mid && before.audio == now.audio && before.rids.get(layer) == now.rids.get(layer)
}
