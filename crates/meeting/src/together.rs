//! The together view: whether it is on, and who sits where. The picture is composed by each client from the videos that it receives; the
//! seats are the server's, so that everybody sits in the same place everywhere.
//!
//! Invariants (tests/meeting/together.rs): seats depend on who is inside, whose camera is on and the order of arrival, on nothing else; they
//! lie within the scene and do not overlap; only those who may see them are told of them. Bound: [`MAX_SEATS`]; whoever comes later stands
//! until somebody leaves, people with a camera before people without.

use crate::capabilities::{CapabilityReason, outside, reason};
use crate::roster::Entry;
use crate::{CallKind, CapabilityName, MediaKind, Meeting, ParticipantId, Refusal};

/// Most seats of a scene.
pub const MAX_SEATS: usize = 49;

/// The scene's width, and its height.
const SCENE: u32 = 10_000;
/// Share of its place that a seat fills, in hundredths.
const FILLS: u32 = 88;
/// Widest and highest seat, so that one person does not fill the scene.
const WIDEST: u32 = 4_500;
const HIGHEST: u32 = 8_000;

/// Place of one person, in ten-thousandths of the scene's width and height.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    /// Who.
    pub participant: ParticipantId,
    /// Distance from the left edge.
    pub left: u32,
    /// Distance from the top edge.
    pub top: u32,
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

impl Meeting {
    /// Answers `Command::SetTogether`.
    pub(crate) fn set_together(&mut self, by: &ParticipantId, active: bool) -> Result<(), Refusal> {
        let entry = self.roster.get(by).ok_or(Refusal::NoSuchCall)?;
        match reason(entry.grounds(&self.settings), CapabilityName::StartTogetherMode) {
            CapabilityReason::Capable => {}
            CapabilityReason::RoleRestricted => return Err(Refusal::RoleForbidsTogether),
            CapabilityReason::UserPolicyRestricted => return Err(Refusal::TogetherForMembersOnly),
            _ => return Err(Refusal::TogetherNotInThisCall),
        }
        if active == self.together.is_some() {
            return Ok(());
        }
        self.together = active.then(Vec::new);
        self.changes.together = true;
        Ok(())
    }

    /// The seats as this person may know them, nothing while the together view is off or not for them.
    pub(crate) fn seats_for(&self, entry: &Entry) -> Option<Vec<Seat>> {
        if self.sees_together(entry) { self.together.clone() } else { None }
    }

    /// Whether somebody inside is shown the together view.
    pub(crate) fn sees_together(&self, entry: &Entry) -> bool {
        self.settings.kind == CallKind::Meeting && (!outside(entry.standing) || self.settings.policy.guest_together_view)
    }

    /// Seats people anew after something changed.
    pub(crate) fn arrange_seats(&mut self) {
        if self.together.is_none() {
            return;
        }
        // Who has put the meeting on hold, as people in a breakout room have, is somewhere else.
        let mut sitting: Vec<&Entry> = self.roster.iter().filter(|entry| !entry.publications.is_held()).collect();
        sitting.sort_by_key(|entry| (!entry.publications.is_active(MediaKind::Camera), entry.order));
        let ids: Vec<ParticipantId> = sitting.into_iter().take(MAX_SEATS).map(|entry| entry.person.id.clone()).collect();
        let seats = Some(layout(&ids));
        self.changes.together |= self.together != seats;
        self.together = seats;
    }
}

/// Rows of seats, the fuller rows in front, each row in the middle.
fn layout(ids: &[ParticipantId]) -> Vec<Seat> {
    let count = u32::try_from(ids.len()).unwrap_or(0);
    if count == 0 {
        return Vec::new();
    }
    let rows = (1u32..).find(|rows| rows * rows * 2 >= count).unwrap_or(1);
    let columns = count.div_ceil(rows);
    let (across, down) = (SCENE / columns, SCENE / rows);
    let width = (across * FILLS / 100).min(WIDEST);
    let height = (down * FILLS / 100).min(HIGHEST);
    let (least, fuller) = (count / rows, count % rows);
    let mut ids = ids.iter();
    let mut seats = Vec::new();
    for row in 0..rows {
        // The last rows take one more each.
        let in_row = least + u32::from(row >= rows - fuller);
        let margin = (SCENE - across * in_row) / 2;
        for (place, participant) in (0..in_row).zip(ids.by_ref()) {
            seats.push(Seat {
                participant: participant.clone(),
                left: margin + across * place + (across - width) / 2,
                top: down * row + (down - height) / 2,
                width,
                height,
            });
        }
    }
    seats
}
