//! From what happened at peers to what is queued for others: the router decides, this carries it out.

use std::sync::Arc;
use std::time::Instant;

use super::{Shard, guarded};
use crate::api::{Binding, Event, LostReason, PeerId, RoomId, Voice};
use crate::peer::{Happened, Inbound, State};
use crate::routing::{Forward, Line, Numbers, Output, RoomKey, Verdict};

impl Shard {
    pub(super) fn route(&mut self, now: Instant) {
        let mut inbox = std::mem::take(&mut self.work.inbox);
        for (id, happened) in inbox.drain(..) {
            let Some(room) = self.table.get(id).map(|entry| entry.room) else {
                continue;
            };
            match happened {
                Happened::Connected => {
                    if let Some(entry) = self.table.get_mut(id) {
                        entry.connect_by = None;
                    }
                    self.emit(Event::Connected { peer: id });
                    self.in_room(room, |router| router.connect(now, room, id));
                }
                Happened::Repairs => self.touch(id),
                Happened::BudgetChanged => self.allot(now, room, id),
                Happened::KeyframeWanted(line) => {
                    self.in_room(room, |router| router.refresh(now, room, id, line));
                }
                Happened::Ended(state) => {
                    let reason = if state == State::Closed {
                        LostReason::Closed
                    } else {
                        LostReason::Failed
                    };
                    self.lose(now, id, reason);
                }
                Happened::Packet(packet) => {
                    if self.forward(now, room, id, &packet) == Some(Verdict::Passed) {
                        self.slices.export(room, id, &packet);
                        self.tap(room, id, &packet);
                    }
                }
            }
        }
        // What was added meanwhile (a peer that failed while being written to) comes with the next round.
        inbox.append(&mut self.work.inbox);
        self.work.inbox = inbox;
    }

    /// Forwards a packet to everybody here who receives it.
    pub(super) fn forward(&mut self, now: Instant, room: RoomKey, id: PeerId, packet: &Arc<Inbound>) -> Option<Verdict> {
        self.work.counters.packets_in += 1;
        let mut forwards = std::mem::take(&mut self.work.forwards);
        let verdict = self.in_room(room, |router| {
            #[cfg(test)]
            crate::defect::at("route", &packet.payload);
            router.packet(now, room, id, packet, &mut forwards)
        });
        if verdict == Some(Verdict::Gated) {
            self.work.counters.packets_gated += 1;
        }
        for forward in forwards.drain(..) {
            let Some(entry) = self.table.get_mut(forward.to) else { continue };
            let peer = &mut entry.peer;
            match guarded(|| peer.queue(packet, &forward)) {
                Some(true) => {
                    self.work.counters.packets_forwarded += 1;
                    if !std::mem::replace(&mut entry.dirty, true) {
                        self.work.dirty.push(forward.to);
                    }
                }
                Some(false) => {}
                None => self.after(forward.to, State::Failed),
            }
        }
        self.work.forwards = forwards;
        // Who begins now is sent what came before, and only then what comes next.
        if self.router.has_outputs() {
            self.outputs(now);
        }
        verdict
    }

    /// Queues what a receiver begins with.
    fn replay(&mut self, to: PeerId, line: Line, packets: Vec<(Arc<Inbound>, Numbers)>) {
        let Some(entry) = self.table.get_mut(to) else { return };
        let peer = &mut entry.peer;
        let queued = guarded(|| {
            packets
                .iter()
                .filter(|(packet, numbers)| {
                    peer.queue(
                        packet,
                        &Forward {
                            to,
                            line,
                            numbers: *numbers,
                        },
                    )
                })
                .count()
        });
        match queued {
            Some(count) => {
                self.work.counters.packets_forwarded += count as u64;
                self.touch(to);
            }
            None => self.after(to, State::Failed),
        }
    }

    /// Hands an open voice to whoever taps it; a tap that fails is taken away and harms nobody.
    fn tap(&mut self, room: RoomKey, id: PeerId, packet: &Inbound) {
        let Some(entry) = self.table.get_mut(id) else { return };
        let Some(tap) = &entry.tap else { return };
        if packet.route.empty || !self.router.is_voice(room, id, packet.route.line) {
            return;
        }
        let voice = Voice {
            stream: packet.route.stream,
            sequence: packet.route.seq,
            opus: packet.voice(),
        };
        if guarded(|| (tap.0)(voice)).is_none() {
            entry.tap = None;
        }
    }

    /// Does what the router wants.
    pub(super) fn outputs(&mut self, now: Instant) {
        while let Some(output) = self.router.poll_output() {
            match output {
                Output::RequestKeyframe { peer: id, line, layer } => {
                    let Some(entry) = self.table.get_mut(id) else {
                        self.ask_afar(id, line, layer);
                        continue;
                    };
                    let peer = &mut entry.peer;
                    match guarded(|| peer.request_keyframe(line, layer)) {
                        Some(true) => {
                            self.work.counters.keyframe_requests += 1;
                            self.touch(id);
                        }
                        Some(false) => {}
                        None => self.after(id, State::Failed),
                    }
                }
                Output::SlotsBound { peer: id, slots } => {
                    let Some(entry) = self.table.get(id) else { continue };
                    let session = entry.peer.session();
                    let bindings = slots.into_iter().filter_map(|slot| {
                        let mid = session.info(slot.line)?.mid.to_string();
                        Some(Binding {
                            mid,
                            generation: slot.generation,
                            publication: slot.publication,
                            delivery: slot.delivery,
                        })
                    });
                    let bindings = bindings.collect();
                    self.emit(Event::Slots { peer: id, bindings });
                }
                Output::DemandChanged { peer: id, bps } => {
                    if let Some(entry) = self.table.get_mut(id) {
                        entry.peer.set_demand(now, bps);
                    }
                }
                Output::Replay { to, line, packets } => self.replay(to, line, packets),
                Output::Watched { peer, line, watched } => self.watch_afar(peer, line, watched),
                Output::SpeakingChanged { room, peer, speaking } => {
                    if self.tells_of(&room) {
                        self.emit(Event::Speaking { room, peer, speaking });
                    }
                }
                Output::DominantChanged { room, peers } => {
                    if self.tells_of(&room) {
                        self.emit(Event::Dominant { room, peers });
                    }
                }
            }
        }
    }

    /// Splits what the client can take over what it receives.
    fn allot(&mut self, now: Instant, room: RoomKey, id: PeerId) {
        let Some(budget) = self.table.get(id).and_then(|entry| entry.peer.budget()) else {
            return;
        };
        self.in_room(room, |router| router.allot(now, room, id, budget));
    }

    /// Whether this shard says who speaks in the room.
    fn tells_of(&self, room: &RoomId) -> bool {
        self.router.key(room).is_some_and(|key| self.slices.is_first(key, self.post.own))
    }
}
