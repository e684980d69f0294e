//! Carries out commands: a bounded part of them in every loop turn, so that packets never wait long.

use std::time::{Duration, Instant};

use super::command::{Asked, Words};
use super::prepare::Prepared;
use super::{Shard, guarded};
use crate::api::{Answer, Declared, LostReason, OfferError, PeerId};
use crate::peer::Parsed;
use crate::routing::Declaration;

/// Peers whose words are carried out in one loop turn; each costs microseconds.
const WORDS_A_TURN: usize = 256;
/// Offers answered in one loop turn, and the time after which no further one is begun.
const OFFERS_A_TURN: usize = 4;
const OFFERS_TIME: Duration = Duration::from_millis(2);
/// While packets come, they have this many times the time that offers took before offers are looked at again.
const PACKETS_SHARE: u32 = 3;

impl Shard {
    /// Carries out what is waiting, or a part of it. False when the shard is to stop.
    pub(super) fn take_commands(&mut self, now: Instant, packets_wait: bool) -> bool {
        let Some(said) = self.commands.words(WORDS_A_TURN) else {
            return false;
        };
        for (peer, words) in said {
            self.obey(now, peer, words);
        }
        self.take_offers(now, packets_wait);
        self.unsettled |= self.commands.is_waiting();
        true
    }

    /// Even prepared, offers are the one dear command, and any participant can send them: packets come first.
    fn take_offers(&mut self, now: Instant, packets_wait: bool) {
        if packets_wait && now < self.next_offers {
            return;
        }
        let begin = Instant::now();
        let mut taken = 0;
        while taken < OFFERS_A_TURN && begin.elapsed() < OFFERS_TIME {
            let Some((asked, prepared, wanted)) = self.commands.offer() else {
                break;
            };
            let answer = if wanted {
                self.offer(now, &asked, prepared)
            } else {
                Err(OfferError::Removed)
            };
            let held = self.table.get(asked.peer).is_some();
            if !self.commands.answered(&asked, held) {
                self.unseat(now, asked.peer);
            }
            asked.answer(answer);
            taken += 1;
        }
        if taken > 0 {
            let end = Instant::now();
            self.next_offers = end + end.saturating_duration_since(begin) * PACKETS_SHARE;
        }
    }

    fn obey(&mut self, now: Instant, peer: PeerId, words: Words) {
        if words.removed {
            self.forget(now, peer);
        }
        if let Some(publications) = words.declared {
            self.declare(now, peer, &publications);
        }
        if let Some(tap) = words.tap
            && let Some(entry) = self.table.get_mut(peer)
        {
            entry.tap = tap;
        }
        if let Some(capture) = words.capture
            && let Some(entry) = self.table.get_mut(peer)
        {
            entry.capture = capture;
        }
        let Some(room) = self.room_of(peer) else { return };
        for (publication, open) in words.gates {
            self.in_room(room, |router| router.set_open(now, room, peer, publication, open));
            self.slice_gated(room, peer, publication, open);
        }
        if let Some(wants) = words.wants {
            self.in_room(room, |router| router.subscribe(now, room, peer, wants));
        }
        if let Some(receiving) = words.receiving {
            self.in_room(room, |router| router.set_receiving(now, room, peer, receiving));
        }
    }

    fn offer(&mut self, now: Instant, asked: &Asked, prepared: Prepared) -> Result<Answer, OfferError> {
        let (id, room) = (asked.peer, &asked.room);
        let held = self.room_of(id).filter(|_| !asked.offer.fresh);
        if held.is_some_and(|held| self.router.key(room) != Some(held)) {
            return Err(OfferError::OtherRoom);
        }
        match prepared {
            Prepared::Unusable(reason) => Err(OfferError::Malformed(reason)),
            Prepared::Change(parsed) => self.renegotiate(now, id, *parsed),
            Prepared::New { peer, ufrag, answer } => {
                if self.table.len() >= self.max_peers && self.table.get(id).is_none() {
                    return Err(OfferError::Full(self.max_peers));
                }
                self.unseat(now, id);
                let key = self.router.open_room(room);
                self.slice_opened(room, key);
                self.table.insert(now, id, key, ufrag, *peer);
                self.slots(now, id);
                Ok(Answer { sdp: answer })
            }
        }
    }

    fn renegotiate(&mut self, now: Instant, id: PeerId, parsed: Parsed) -> Result<Answer, OfferError> {
        // Lost while its offer was prepared: there is nothing left to change.
        let entry = self.table.get_mut(id).ok_or(OfferError::Removed)?;
        let peer = &mut entry.peer;
        if !peer.session().is_kept_by(&parsed) {
            return Err(OfferError::Malformed("it moves or drops m-lines; offer afresh".to_owned()));
        }
        // It was tried before, on another peer: a failure now is a defect, and this one is half changed.
        let sdp = match guarded(|| peer.offer(parsed)) {
            Some(Ok(sdp)) => sdp,
            failed => {
                self.lose(now, id, LostReason::Failed);
                let reason = failed.and_then(Result::err);
                return Err(OfferError::Malformed(reason.unwrap_or_else(|| "it cannot be handled".to_owned())));
            }
        };
        if let Some(ufrag) = self.table.get_mut(id).map(|entry| entry.peer.ufrag()) {
            self.table.rename(id, ufrag);
        }
        self.slots(now, id);
        Ok(Answer { sdp })
    }

    /// Tells the router which slots the peer has now, and gives the peer a turn.
    fn slots(&mut self, now: Instant, id: PeerId) {
        let Some(entry) = self.table.get(id) else { return };
        let room = entry.room;
        let (audio, video) = (entry.peer.session().slots(true), entry.peer.session().slots(false));
        let plays = entry.peer.session().plays;
        self.in_room(room, |router| router.join(now, room, id, (&audio, &video), plays));
        self.touch(id);
    }

    fn declare(&mut self, now: Instant, id: PeerId, publications: &[Declared]) {
        let Some(entry) = self.table.get(id) else { return };
        let room = entry.room;
        let session = entry.peer.session();
        let mut declared = Vec::with_capacity(publications.len());
        for publication in publications {
            let line = session.line(&publication.mid).filter(|line| {
                session
                    .info(*line)
                    .is_some_and(|info| !info.slot && info.audio == publication.kind.is_audio())
            });
            match line {
                Some(line) => {
                    declared.push(Declaration {
                        id: publication.id,
                        kind: publication.kind,
                        line,
                        open: publication.open,
                    });
                }
                None => tracing::debug!(
                    publication = publication.id.0,
                    "declared on an m-line that cannot carry it; ignored"
                ),
            }
        }
        self.in_room(room, |router| router.declare(now, room, id, &declared));
        self.slice_declared(room, id, Some(declared));
    }

    fn room_of(&self, id: PeerId) -> Option<crate::routing::RoomKey> {
        self.table.get(id).map(|entry| entry.room)
    }
}
