//! What the way to a receiver allows: its budget is split over the videos in its slots, whenever it, a wish, or what things cost has changed.
//!
//! Owns when that is done and what was decided. Not here: measuring the way (`send`), how it is split (`bwe`), measuring what things cost (`rates`),
//! what follows at a receiver (`sink`).

use std::time::Instant;

use bwe::{Allocator, Current, Patience, Stream};

use super::{Member, Room};
use crate::api::{PeerId, PublicationId};
use crate::routing::grade::{Grade, TEMPORAL};
use crate::routing::layers::MAX_LAYERS;
use crate::routing::packet::Handle;
use crate::routing::publication::Publication;
use crate::routing::rates::Rung;
use crate::routing::sink::Cap;
use crate::routing::{Outbox, Output};

/// Most grades of a publication.
const MOST_GRADES: usize = MAX_LAYERS * TEMPORAL as usize;
/// Sharper pictures that come less often than so many times a second are worth less than blurred ones that move.
const LEAST_FPS: u32 = 12;
/// From this priority on (shared screens) a video gets all that is of use before others get anything.
const FIRST_OF_ALL: u8 = 3;

/// The budget of a receiver and what was made of it.
#[derive(Debug)]
pub(super) struct Allotment {
    budget_bps: u64,
    allocator: Allocator,
    decided: Vec<Decided>,
    /// When it is to be split again in any case.
    again: Option<Instant>,
    wanted_bps: Option<u64>,
}

#[derive(Debug, Clone, Copy)]
struct Decided {
    publication: PublicationId,
    /// What was of use then; another wish begins without patience.
    useful: Grade,
    grade: Option<Grade>,
}

impl Allotment {
    fn new() -> Self {
        Self {
            budget_bps: 0,
            allocator: Allocator::new(Patience::default()),
            decided: Vec::new(),
            again: None,
            wanted_bps: None,
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.again
    }
}

/// A video in a slot: what it could be sent as, and what each of that costs.
#[derive(Debug)]
struct Ladder {
    publication: PublicationId,
    priority: u8,
    rungs: Vec<Rung>,
    bps: Vec<u64>,
    useful: u8,
    best: Grade,
}

impl Ladder {
    /// Nothing while it is not known what there is, and for what the receiver cannot play.
    fn new<C: Handle>(now: Instant, publication: &Publication<C>, peer: PeerId, priority: u8) -> Option<Self> {
        let (rungs, best) = publication.offers(now, peer)?;
        let all: Vec<Rung> = rungs.take(MOST_GRADES).collect();
        let lowest = all.first()?.grade.rank();
        let smoothest = |rung: &Rung| {
            all.iter()
                .filter(|other| other.grade.rank() == rung.grade.rank())
                .map(|other| other.grade)
                .max()
        };
        let worth = |rung: &&Rung| rung.grade.rank() == lowest || rung.fps >= LEAST_FPS || smoothest(rung) == Some(rung.grade);
        let rungs: Vec<Rung> = all.iter().filter(worth).copied().collect();
        Some(Self {
            publication: publication.id,
            priority,
            bps: rungs.iter().map(|rung| rung.bps).collect(),
            useful: place(&rungs, best),
            rungs,
            best,
        })
    }

    fn stream(&self, decided: &[Decided]) -> Stream<'_> {
        let before = decided.iter().find(|decided| decided.publication == self.publication);
        Stream {
            priority: self.priority,
            layers: &self.bps,
            useful: self.useful,
            enough: if self.priority >= FIRST_OF_ALL { self.useful } else { 0 },
            current: match before.filter(|decided| decided.useful == self.best) {
                None => Current::Fresh,
                Some(Decided { grade: None, .. }) => Current::Paused,
                Some(Decided { grade: Some(grade), .. }) => Current::At(place(&self.rungs, *grade)),
            },
        }
    }

    /// The grade at a place. Above the smoothest that was measured nothing is held back.
    fn grade(&self, at: u8) -> Option<Grade> {
        let at = usize::from(at);
        let grade = self.rungs.get(at)?.grade;
        let is_top = self.rungs.get(at + 1).is_none_or(|next| next.grade.rank() != grade.rank());
        Some(Grade {
            temporal: if is_top { TEMPORAL - 1 } else { grade.temporal },
            ..grade
        })
    }
}

/// The place of the highest rung up to this grade.
fn place(rungs: &[Rung], grade: Grade) -> u8 {
    let above = rungs.iter().take_while(|rung| rung.grade <= grade).count();
    u8::try_from(above.saturating_sub(1)).unwrap_or(u8::MAX)
}

impl<C: Handle> Room<C> {
    /// So many bits a second may be sent to the peer as video. From the first time on it has no more than that: what is bound later gets little until it
    /// was weighed against the rest.
    pub(crate) fn allot(&mut self, now: Instant, peer: PeerId, budget_bps: u64, outbox: &mut Outbox<C>) {
        let Some(member) = self.members.get_mut(&peer) else { return };
        let first = member.allotment.is_none();
        member.allotment.get_or_insert_with(|| Box::new(Allotment::new())).budget_bps = budget_bps;
        if self.split(now, peer, outbox) || first {
            self.ask(now, outbox);
            self.reschedule(now);
        } else {
            // This happens several times a second for each receiver: nobody else is looked at when it changes nothing.
            let again = self.members.get(&peer).and_then(|member| member.allotment.as_ref()?.deadline());
            self.deadline = self.deadline.into_iter().chain(again).min();
        }
    }

    /// Splits the budget of a peer, if it has one, over what its slots carry now. Whether that changed what it receives of something.
    pub(super) fn split(&mut self, now: Instant, peer: PeerId, outbox: &mut Outbox<C>) -> bool {
        let Some(member) = self.members.get_mut(&peer) else { return false };
        let Member {
            allotment: Some(allotment),
            video,
            wants,
            ..
        } = member
        else {
            return false;
        };
        let mut changed = false;
        let ladders = video.carried().filter_map(|id| {
            let want = wants.iter().find(|want| want.publication == id);
            Ladder::new(now, self.publications.get(&id)?, peer, want.map_or(0, |want| want.priority))
        });
        let ladders: Vec<Ladder> = ladders.collect();
        let streams: Vec<Stream<'_>> = ladders.iter().map(|ladder| ladder.stream(&allotment.decided)).collect();
        let allocation = allotment.allocator.allocate(now, allotment.budget_bps, &streams);
        allotment.again = allocation.again;
        allotment.decided.clear();
        for (at, ladder) in ladders.iter().enumerate() {
            let grade = allocation.layer(at).and_then(|place| ladder.grade(place));
            allotment.decided.push(Decided {
                publication: ladder.publication,
                useful: ladder.best,
                grade,
            });
            let cap = grade.map_or(Cap::Paused, Cap::UpTo);
            if let Some(publication) = self.publications.get_mut(&ladder.publication)
                && publication.set_cap(peer, Some(cap))
            {
                publication.aim_one(now, peer, outbox);
                changed = true;
            }
        }
        if allotment.wanted_bps.replace(allocation.wanted_bps) != Some(allocation.wanted_bps) {
            outbox.push(Output::DemandChanged {
                peer,
                bps: allocation.wanted_bps,
            });
        }
        changed
    }

    /// Splits the budgets whose time has come, or all of them: what things cost has changed.
    pub(super) fn split_due(&mut self, now: Instant, all: bool, outbox: &mut Outbox<C>) {
        let due = self.members.iter().filter(|(_, member)| {
            let at = member.allotment.as_ref().map(|allotment| allotment.again);
            at.is_some_and(|at| all || at.is_some_and(|at| at <= now))
        });
        let due: Vec<PeerId> = due.map(|(peer, _)| *peer).collect();
        for peer in due {
            self.split(now, peer, outbox);
        }
    }
}

#[cfg(test)]
mod tests;
