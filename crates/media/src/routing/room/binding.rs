//! What the slots of a room's members carry.

use std::collections::BTreeMap;
use std::time::Instant;

use super::Room;
use crate::api::{Delivery, PeerId, PublicationId, Want};
use crate::routing::grade::{Grade, TEMPORAL};
use crate::routing::layers::{Layer, Size};
use crate::routing::packet::Handle;
use crate::routing::publication::Publication;
use crate::routing::sink::{Cap, Sink, Wish};
use crate::routing::slots::Change;
use crate::routing::{Bound, Outbox, Output};

/// What a member whose way is limited gets of something new until that was weighed against the rest.
const LEAST: Cap = Cap::UpTo(Grade {
    layer: Layer(0),
    spatial: 0,
    temporal: TEMPORAL - 1,
});

impl<C: Handle> Room<C> {
    pub(super) fn bind_all(&mut self, now: Instant, closed: &mut BTreeMap<PublicationId, Publication<C>>, outbox: &mut Outbox<C>) {
        let peers: Vec<PeerId> = self.members.keys().copied().collect();
        for peer in peers {
            self.bind(now, peer, closed, outbox);
        }
    }

    pub(super) fn bind_peer(&mut self, now: Instant, peer: PeerId, outbox: &mut Outbox<C>) {
        self.bind(now, peer, &mut BTreeMap::new(), outbox);
    }

    /// Brings the slots of one peer to what they should carry. `closed` holds publications that have just been withdrawn.
    fn bind(&mut self, now: Instant, peer: PeerId, closed: &mut BTreeMap<PublicationId, Publication<C>>, outbox: &mut Outbox<C>) {
        let Some(member) = self.members.get_mut(&peer).filter(|member| member.connected) else {
            return;
        };
        let others = |id: &PublicationId| self.publications.get(id).filter(|publication| publication.owner != peer);
        let audio: Vec<PublicationId> = self
            .voices
            .order()
            .filter(|id| !member.paused && others(id).is_some())
            .take(member.audio.len())
            .collect();
        let mut video: Vec<PublicationId> = Vec::new();
        for want in &member.wants {
            let usable = others(&want.publication).is_some_and(|publication| publication.is_open() && !publication.kind.is_audio());
            if usable && !member.paused && !video.contains(&want.publication) {
                video.push(want.publication);
            }
        }
        let mut bound = Vec::new();
        let mut begun = Vec::new();
        for (slots, wanted) in [(&mut member.audio, &audio), (&mut member.video, &video)] {
            for Change { line, from, to } in slots.assign(wanted) {
                let before = from.and_then(|id| self.publications.get_mut(&id).or_else(|| closed.get_mut(&id)));
                if let Some(rewriter) = before.and_then(|publication| publication.detach(peer)) {
                    slots.park(line, rewriter);
                }
                if let Some(publication) = to.and_then(|id| self.publications.get_mut(&id)) {
                    let want = member.wants.iter().find(|want| want.publication == publication.id);
                    let wish = want.map(wish_of).unwrap_or_default();
                    let cap = member.allotment.is_some().then_some(LEAST);
                    publication.attach(Sink::new(peer, line, member.plays, slots.unpark(line), wish, cap));
                    begun.push(publication.id);
                }
                bound.push(Bound {
                    line,
                    generation: outbox.next_generation(),
                    publication: to,
                    delivery: Delivery::Sent,
                });
            }
        }
        if !bound.is_empty() {
            outbox.push(Output::SlotsBound { peer, slots: bound });
        }
        // What is at hand is sent when it was said where it comes.
        for id in begun {
            if let Some(publication) = self.publications.get_mut(&id) {
                publication.aim_one(now, peer, outbox);
            }
        }
    }
}

pub(super) fn wish_of(want: &Want) -> Wish {
    Wish {
        size: (want.width > 0 && want.height > 0).then_some(Size {
            width: want.width,
            height: want.height,
        }),
        max_fps: want.max_fps,
    }
}
