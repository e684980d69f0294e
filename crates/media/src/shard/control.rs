//! Carries out commands: a bounded part of them in every loop turn, so that packets never wait long.

use std::time::{Duration, Instant};

use str0m::IceCreds;

use super::command::Words;
use super::{Shard, guarded};
use crate::api::{Answer, Declared, Offer, OfferError, PeerId, RoomId};
use crate::peer::Peer;
use crate::routing::Declaration;

/// This shard's number in the ICE names it gives out, so that any shard can tell whose packet it sees.
const SHARD: u8 = 0;
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

    /// Offers are the one dear command, and any participant can send them: packets come first.
    fn take_offers(&mut self, now: Instant, packets_wait: bool) {
        if packets_wait && now < self.next_offers {
            return;
        }
        let begin = Instant::now();
        let mut taken = 0;
        while taken < OFFERS_A_TURN && begin.elapsed() < OFFERS_TIME {
            let Some((peer, asked)) = self.commands.offer() else { break };
            self.obey(now, peer, asked.before);
            let answer = self.offer(now, &asked.room, peer, &asked.offer);
            self.commands.answered(peer, self.table.get(peer).is_some());
            // Whoever asked may be gone by now; the peer stays until it is removed or silent.
            let _ = asked.reply.send(answer);
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
        let Some(room) = self.room_of(peer) else { return };
        for (publication, open) in words.gates {
            self.in_room(room, |router| router.set_open(now, room, peer, publication, open));
        }
        if let Some(wants) = words.wants {
            self.in_room(room, |router| router.subscribe(now, room, peer, wants));
        }
    }

    fn offer(&mut self, now: Instant, room: &RoomId, id: PeerId, offer: &Offer) -> Result<Answer, OfferError> {let _t=std::time::Instant::now(); let r=self.offer_(now,room,id,offer); eprintln!("OFFER {:?} {} {:?}",_t.elapsed(),offer.sdp.len(),r.is_ok()); r } fn offer_(&mut self, now: Instant, room: &RoomId, id: PeerId, offer: &Offer) -> Result<Answer, OfferError> {
        match self.room_of(id) {
            Some(_) if offer.fresh => self.admit(now, room, id, offer),
            Some(held) if self.router.key(room) != Some(held) => Err(OfferError::OtherRoom),
            Some(_) => self.renegotiate(now, id, offer),
            None => self.admit(now, room, id, offer),
        }
    }

    fn admit(&mut self, now: Instant, room: &RoomId, id: PeerId, offer: &Offer) -> Result<Answer, OfferError> {
        if self.table.len() >= self.max_peers && self.table.get(id).is_none() {
            return Err(OfferError::Full(self.max_peers));
        }
        let random = IceCreds::new();
        let credentials = IceCreds {
            ufrag: format!("{SHARD:02x}{}", random.ufrag),
            pass: random.pass,
        };
        let ufrag = credentials.ufrag.clone();
        let (certificate, candidates) = (&self.certificate, &self.candidates);
        let made = guarded(|| {
            let mut peer = Peer::new(now, credentials, certificate, candidates);
            peer.offer(&offer.sdp).map(|sdp| (peer, sdp))
        });
        let (peer, sdp) = made
            .unwrap_or_else(|| Err("it cannot be handled".to_owned()))
            .map_err(OfferError::Malformed)?;
        self.unseat(now, id);
        let key = self.router.open_room(room);
        self.table.insert(now, id, key, ufrag, peer);
        self.slots(now, id);
        Ok(Answer { sdp })
    }

    fn renegotiate(&mut self, now: Instant, id: PeerId, offer: &Offer) -> Result<Answer, OfferError> {
        let Some(entry) = self.table.get_mut(id) else {
            return Err(OfferError::Stopped);
        };
        let peer = &mut entry.peer;
        let Some(answer) = guarded(|| peer.offer(&offer.sdp)) else {
            self.lose(now, id, crate::api::LostReason::Failed);
            return Err(OfferError::Malformed("it cannot be handled".to_owned()));
        };
        self.touch(id);
        let sdp = answer.map_err(OfferError::Malformed)?;
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
        self.in_room(room, |router| router.join(now, room, id, &audio, &video));
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
    }

    fn room_of(&self, id: PeerId) -> Option<crate::routing::RoomKey> {
        self.table.get(id).map(|entry| entry.room)
    }
}
