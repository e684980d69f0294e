//! The receive slots of one peer for one sort of media.
//!
//! Owns which publication each slot carries and its generation. Not here: what should be received (`room`), the numbers of
//! packets in a bound slot (`publication`); those of a free slot are parked here, so that the next binding goes on from them.
//! Invariant: a publication that stays wanted stays in its slot.

use super::Line;
use super::rewrite::Rewriter;
use crate::api::PublicationId;

#[derive(Debug)]
struct Slot {
    line: Line,
    bound: Option<PublicationId>,
    parked: Option<Rewriter>,
}

/// Slots of one sort.
#[derive(Debug)]
pub(crate) struct Slots {
    clock_rate: u32,
    slots: Vec<Slot>,
}

/// A slot whose binding is to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) line: Line,
    pub(crate) from: Option<PublicationId>,
    pub(crate) to: Option<PublicationId>,
}

impl Slots {
    pub(crate) fn new(clock_rate: u32) -> Self {
        Self {
            clock_rate,
            slots: Vec::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Takes the slots that the peer has from now on; those it had before keep what they carry.
    /// Gives what the slots that are gone carried.
    pub(crate) fn set_lines(&mut self, lines: &[Line]) -> Vec<PublicationId> {
        let gone = self
            .slots
            .iter()
            .filter(|slot| !lines.contains(&slot.line))
            .filter_map(|slot| slot.bound)
            .collect();
        self.slots.retain(|slot| lines.contains(&slot.line));
        for line in lines {
            if !self.slots.iter().any(|slot| slot.line == *line) {
                self.slots.push(Slot {
                    line: *line,
                    bound: None,
                    parked: Some(Rewriter::new(self.clock_rate)),
                });
            }
        }
        gone
    }

    /// Binds these publications (the first so many as there are slots) and frees the slots of all others.
    /// Freed slots come before newly bound ones.
    pub(crate) fn assign(&mut self, wanted: &[PublicationId]) -> Vec<Change> {
        let wanted = wanted.get(..self.slots.len().min(wanted.len())).unwrap_or_default();
        let mut changes: Vec<Change> = Vec::new();
        for slot in &mut self.slots {
            if slot.bound.is_some_and(|id| !wanted.contains(&id)) {
                changes.push(Change {
                    line: slot.line,
                    from: slot.bound.take(),
                    to: None,
                });
            }
        }
        for id in wanted {
            if self.slots.iter().any(|slot| slot.bound == Some(*id)) {
                continue;
            }
            let Some(slot) = self.slots.iter_mut().find(|slot| slot.bound.is_none()) else {
                break;
            };
            slot.bound = Some(*id);
            // A slot that is freed and bound in one go changes once.
            match changes.iter_mut().find(|change| change.line == slot.line) {
                Some(change) => change.to = Some(*id),
                None => changes.push(Change {
                    line: slot.line,
                    from: None,
                    to: Some(*id),
                }),
            }
        }
        changes.sort_by_key(|change| (change.from.is_none(), change.line));
        changes
    }

    /// Keeps the numbers of a slot that was freed.
    pub(crate) fn park(&mut self, line: Line, rewriter: Rewriter) {
        if let Some(slot) = self.slots.iter_mut().find(|slot| slot.line == line) {
            slot.parked = Some(rewriter);
        }
    }

    /// Takes the numbers of a slot that is being bound.
    pub(crate) fn unpark(&mut self, line: Line) -> Rewriter {
        let parked = self
            .slots
            .iter_mut()
            .find(|slot| slot.line == line)
            .and_then(|slot| slot.parked.take());
        parked.unwrap_or_else(|| Rewriter::new(self.clock_rate))
    }

    /// What the slot carries.
    pub(crate) fn bound(&self, line: Line) -> Option<PublicationId> {
        self.slots.iter().find(|slot| slot.line == line)?.bound
    }

    /// What all slots carry.
    pub(crate) fn carried(&self) -> impl Iterator<Item = PublicationId> + '_ {
        self.slots.iter().filter_map(|slot| slot.bound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(ids: &[u32]) -> Vec<PublicationId> {
        ids.iter().map(|id| PublicationId(*id)).collect()
    }

    fn of(count: u16) -> Slots {
        let mut slots = Slots::new(90_000);
        let lines: Vec<Line> = (0..count).map(Line).collect();
        slots.set_lines(&lines);
        slots
    }

    #[test]
    fn what_stays_wanted_stays_in_its_slot() {
        let mut slots = of(3);
        slots.assign(&ids(&[1, 2, 3]));
        let changes = slots.assign(&ids(&[3, 4, 1]));
        assert_eq!(
            changes,
            [Change {
                line: Line(1),
                from: Some(PublicationId(2)),
                to: Some(PublicationId(4))
            }]
        );
        assert_eq!(slots.bound(Line(0)), Some(PublicationId(1)));
        assert_eq!(slots.bound(Line(2)), Some(PublicationId(3)));
    }

    #[test]
    fn more_wishes_than_slots_bind_the_first_ones() {
        let mut slots = of(2);
        slots.assign(&ids(&[5, 6, 7]));
        assert_eq!(slots.carried().collect::<Vec<_>>(), ids(&[5, 6]));
    }

    #[test]
    fn nothing_changes_when_nothing_new_is_wanted() {
        let mut slots = of(2);
        slots.assign(&ids(&[1, 2]));
        assert!(slots.assign(&ids(&[2, 1])).is_empty());
    }

    #[test]
    fn slots_that_go_away_free_what_they_carried_and_new_ones_come_free() {
        let mut slots = of(2);
        slots.assign(&ids(&[1, 2]));
        assert_eq!(slots.set_lines(&[Line(1), Line(5)]), ids(&[1]));
        assert_eq!(slots.bound(Line(1)), Some(PublicationId(2)));
        assert_eq!(slots.bound(Line(5)), None);
    }
}
