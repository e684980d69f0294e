//! Carries out commands.

use std::sync::mpsc::TryRecvError;
use std::time::Instant;

use str0m::IceCreds;

use super::{Command, Shard, guarded};
use crate::api::{Answer, Declared, Offer, OfferError, PeerId, RoomId};
use crate::peer::Peer;
use crate::routing::Declaration;

/// This shard's number in the ICE names it gives out, so that any shard can tell whose packet it sees.
const SHARD: u8 = 0;

impl Shard {
    /// Carries out what is waiting. False when the shard is to stop.
    pub(super) fn take_commands(&mut self, now: Instant) -> bool {
        loop {
            match self.commands.try_recv() {
                Ok(Command::Stop) | Err(TryRecvError::Disconnected) => return false,
                Err(TryRecvError::Empty) => return true,
                Ok(Command::Offer { room, peer, offer, reply }) => {
                    let answer = self.offer(now, &room, peer, &offer);
                    // Whoever asked may be gone by now; the peer stays until it is removed or silent.
                    let _ = reply.send(answer);
                }
                Ok(Command::Declare { peer, publications }) => self.declare(now, peer, &publications),
                Ok(Command::SetOpen { peer, publication, open }) => {
                    if let Some(room) = self.room_of(peer) {
                        self.in_room(room, |router| router.set_open(now, room, peer, publication, open));
                    }
                }
                Ok(Command::Subscribe { peer, wants }) => {
                    if let Some(room) = self.room_of(peer) {
                        self.in_room(room, |router| router.subscribe(now, room, peer, wants));
                    }
                }
                Ok(Command::Remove { peer }) => {
                    self.forget(now, peer);
                }
            }
        }
    }

    fn offer(&mut self, now: Instant, room: &RoomId, id: PeerId, offer: &Offer) -> Result<Answer, OfferError> {
        if offer.fresh {
            self.forget(now, id);
        }
        match self.table.get(id).map(|entry| entry.room) {
            Some(held) if self.router.key(room) != Some(held) => Err(OfferError::OtherRoom),
            Some(_) => self.renegotiate(now, id, offer),
            None => self.admit(now, room, id, offer),
        }
    }

    fn admit(&mut self, now: Instant, room: &RoomId, id: PeerId, offer: &Offer) -> Result<Answer, OfferError> {
        if self.table.len() >= self.max_peers {
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
