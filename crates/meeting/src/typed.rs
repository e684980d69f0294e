//! Real-time text: lines that everybody inside sees while they are typed. Nothing is kept of finished lines.
//!
//! Owns: which line each person is typing. Bounds: a line has [`MAX_TYPED`] characters; a person changes lines as often as fast typing needs,
//! and a request beyond that is refused, so that the client sends the whole line a moment later (each one replaces the last). So is what all
//! together type beyond what the meeting passes on (`fan_out`). The text of a line is shared by all who see it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::changes::Said;
use crate::fan_out::{cost, share_of_typed};
use crate::pace::Pace;
use crate::{CapabilityName, Event, Meeting, Micros, ParticipantId, Refusal};

/// Characters of one line.
pub const MAX_TYPED: usize = 4_000;
/// Changes that one person may send at once, and how often after that.
const BURST: i64 = 40;
const EVERY: Micros = 50_000;

/// A line, whole each time that it changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedText {
    /// Who types.
    pub participant: ParticipantId,
    /// Name of who types.
    pub display_name: String,
    /// Number of the line, growing for each participant.
    pub sequence: u32,
    /// The whole line.
    pub text: Arc<str>,
    /// Whether the line is finished.
    pub is_final: bool,
    /// When the line began.
    pub began: Micros,
    /// When it changed last.
    pub updated: Micros,
}

/// The lines that are being typed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Typists(BTreeMap<ParticipantId, Typist>);

#[derive(Debug, Clone)]
struct Typist {
    sequence: u32,
    began: Option<Micros>,
    pace: Pace,
    bytes: Pace,
}

impl Typists {
    /// Who left types no more; when they come back their numbers begin anew, as those of a new person.
    pub(crate) fn forget(&mut self, id: &ParticipantId) {
        self.0.remove(id);
    }

    /// The number of the person's line and when it began, or nothing when they, or all together, type too fast to be passed on.
    fn line(&mut self, now: Micros, id: &ParticipantId, is_final: bool, all: &mut Pace, cost: i64) -> Option<(u32, Micros)> {
        let typist = self.0.entry(id.clone()).or_insert_with(|| Typist {
            sequence: 0,
            began: None,
            pace: Pace::new(BURST, EVERY),
            bytes: share_of_typed(),
        });
        // The typist's own share first, so that who types too much uses up nothing of the others'.
        if !(typist.pace.try_take(now) && typist.bytes.try_take_many(now, cost) && all.try_take_many(now, cost)) {
            return None;
        }
        let began = *typist.began.get_or_insert_with(|| {
            typist.sequence = typist.sequence.saturating_add(1);
            now
        });
        if is_final {
            typist.began = None;
        }
        Some((typist.sequence, began))
    }
}

impl Meeting {
    /// Answers `Command::SendTyped`. The sender hears it too, so that all have one order.
    pub(crate) fn send_typed(&mut self, now: Micros, by: &ParticipantId, text: String, is_final: bool) -> Result<(), Refusal> {
        self.must_be_capable(by, CapabilityName::RealTimeText, Refusal::TypedTextForbidden)?;
        if text.chars().count() > MAX_TYPED {
            return Err(Refusal::InvalidArgument);
        }
        let display_name = self.roster.get(by).ok_or(Refusal::NoSuchCall)?.person.display_name.clone();
        let cost = cost(text.len(), self.roster.len());
        let line = self.typists.line(now, by, is_final, &mut self.fan_out.typed, cost);
        let (sequence, began) = line.ok_or(Refusal::TooFast)?;
        let line = TypedText {
            participant: by.clone(),
            display_name,
            sequence,
            text: text.into(),
            is_final,
            began,
            updated: now,
        };
        self.changes.said.push(Said {
            to: None,
            event: Event::Typed(line),
        });
        Ok(())
    }
}
