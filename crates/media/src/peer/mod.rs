//! One media connection: a str0m `Rtc` behind an interface that cannot forget to drain it.
//!
//! str0m wants exactly one mutation and then a full drain. [`Peer`] therefore hands out no `Rtc`: [`Peer::receive`] and
//! [`Peer::offer`] mutate and drain; [`Peer::queue`], [`Peer::request_keyframe`] only queue and say so, and the next
//! [`Peer::turn`] sends them all at once. What comes out goes to an [`Outlet`].
//!
//! Owns the session of one client, and what is known of its payloads. Not here: who gets what (`routing`), what the client publishes and receives as
//! packets (`receive`, `send`; str0m sees neither RTP nor RTCP), sockets and timers (`shard`).

mod allowance;
mod check;
mod inbound;
mod negotiate;
mod preference;
mod reader;
mod sdp;

use std::collections::hash_map::Entry;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use allowance::Allowance;
use check::Checks;
pub(crate) use inbound::Inbound;
pub(crate) use negotiate::{Candidates, LineInfo, Parsed, Session};
#[cfg(test)]
pub(crate) use reader::RawDescriptor;
use reader::Reader;
use rtp::demux::{Kind, kind};
use rustc_hash::FxHashMap;
pub(crate) use sdp::Announced;
use srtp::tap::{Material, tapping};
use str0m::config::DtlsCert;
use str0m::ice::StunMessage;
use str0m::net::{Protocol, Receive};
use str0m::rtp::Ssrc;
use str0m::{Event, IceCreds, Input, Output, Rtc};

use crate::quality::{Carrier, Flow, Quality};
use crate::receive::{Incoming, Receiver, Speaker, Taken};
use crate::routing::{Forward, Layer, Line};
use crate::send::{Composer, Sender};

/// Where a datagram goes.
pub(crate) type Destination = (Protocol, SocketAddr);

/// A datagram that came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Received<'a> {
    pub(crate) protocol: Protocol,
    pub(crate) source: SocketAddr,
    /// The candidate it came to.
    pub(crate) destination: SocketAddr,
    pub(crate) contents: &'a [u8],
}

/// Takes what a peer produces.
pub(crate) trait Outlet {
    /// A datagram is to be sent.
    fn transmit(&mut self, destination: Destination, contents: &[u8]);
    /// A datagram of at most so many bytes is to be sent; `write` fills it where it is sent from, and gives its length or nothing.
    fn compose(&mut self, destination: Destination, most: usize, write: impl FnOnce(&mut [u8]) -> Option<usize>);
    /// Something happened.
    fn happened(&mut self, happened: Happened);
}

/// What happened at a peer.
#[derive(Debug)]
pub(crate) enum Happened {
    /// The media path is up.
    Connected,
    /// A packet of a publication came.
    Packet(Arc<Inbound>),
    /// The client cannot decode what this slot carries.
    KeyframeWanted(Line),
    /// Something is to be sent again: the peer wants a turn.
    Repairs,
    /// The client can take more or less than before.
    BudgetChanged,
    /// The peer is at its end.
    Ended(State),
}

/// What a drain ended with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Call [`Peer::turn`] at this time at the latest.
    Alive(Instant),
    /// The client closed the connection.
    Closed,
    /// str0m failed; nothing more comes of this peer.
    Failed,
}

/// One media connection.
pub(crate) struct Peer {
    rtc: Rtc,
    /// The keys of the handshake appear here.
    material: Material,
    session: Session,
    sources: FxHashMap<u32, Source>,
    receiver: Receiver,
    sender: Sender,
    /// Where the client has its media sent: the address whose check nominated it last.
    path: Option<Destination>,
    /// A check that nominates, until it is answered.
    nominating: Option<Destination>,
    /// Where the client wants its media instead, until it is known to receive there.
    wanted: Option<Destination>,
    checks: Checks,
    /// Something was said to str0m that it has not seen yet.
    asked: bool,
    /// When str0m wants to be looked at.
    deadline: Instant,
    connected: bool,
    closed: bool,
    received: Flow,
}

#[derive(Debug)]
struct Source {
    reader: Reader,
    /// The number expected next.
    next: u64,
    allowance: Allowance,
}

/// More sources than a client can rightfully have; further ones are dropped.
const MAX_SOURCES: usize = 64;
/// Datagrams in which one turn says what is due of publications; the rest leaves at the next one.
const MOST_COMPOUNDS: usize = 8;
/// Longest payload of audio: what fits into a packet that no path splits.
const LONGEST_VOICE: usize = 1_300;

impl Peer {
    pub(crate) fn new(now: Instant, credentials: IceCreds, certificate: &DtlsCert, candidates: &Candidates) -> Self {
        let (rtc, material) = tapping(|| negotiate::build(now, credentials, certificate, candidates));
        Self {
            rtc,
            material,
            session: Session::default(),
            sources: FxHashMap::default(),
            receiver: Receiver::default(),
            sender: Sender::new(now, || *Ssrc::new()),
            path: None,
            nominating: None,
            wanted: None,
            checks: Checks::default(),
            asked: true,
            deadline: now,
            connected: false,
            closed: false,
            received: Flow::default(),
        }
    }

    /// What was negotiated.
    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    /// Answers an offer. The caller takes a [`Peer::turn`] next.
    pub(crate) fn offer(&mut self, offer: Parsed) -> Result<String, String> {
        let client = offer.client.clone();
        let (answer, session) = negotiate::answer(&mut self.rtc, offer)?;
        self.checks.named(client);
        self.receiver.negotiate(&self.session, &session);
        self.session = session;
        self.sources.clear();
        self.asked = true;
        let audio = |line: &Line| self.session.info(*line).is_some_and(|info| info.audio);
        let mut slots = self.session.slots(true);
        slots.extend(self.session.slots(false));
        let slots: Vec<(Line, bool)> = slots.into_iter().map(|line| (line, audio(&line))).collect();
        self.sender.negotiate(self.session.formats, &slots);
        let announced = |position: usize| self.sender.announced(Line(u16::try_from(position).ok()?));
        Ok(sdp::announce(&answer, self.sender.cname(), announced))
    }

    /// Its name in ICE.
    pub(crate) fn ufrag(&mut self) -> String {
        self.rtc.direct_api().local_ice_credentials().ufrag
    }

    /// Whether a datagram from an address not seen before proves to come from this client.
    pub(crate) fn accepts(&self, now: Instant, received: &Received<'_>) -> bool {
        let Received {
            protocol,
            source,
            destination,
            contents,
        } = *received;
        Receive::new(protocol, source, destination, contents).is_ok_and(|receive| self.rtc.accepts(&Input::Receive(now, receive)))
    }

    /// Takes a datagram. Nothing when it could not be read. `wall` is the time as NTP writes it.
    pub(crate) fn receive(&mut self, now: Instant, wall: u64, received: &Received<'_>, outlet: &mut impl Outlet) -> Option<State> {
        let Received {
            protocol,
            source,
            destination,
            contents,
        } = *received;
        match kind(contents) {
            // Before the handshake is through nobody can open it.
            Kind::Rtp | Kind::Rtcp if !self.sender.is_open() => return Some(self.state()),
            Kind::Rtp => {
                match self.receiver.receive(now, &self.session, contents)? {
                    Taken::Packet(packet) => self.published(now, packet, outlet),
                    Taken::Nothing => {}
                    Taken::TooMany => {
                        tracing::debug!("a client sends from too many sources");
                        return Some(State::Failed);
                    }
                }
                return Some(self.state());
            }
            Kind::Rtcp => {
                let feedback = self.sender.feedback(now, wall, contents)?;
                for (ssrc, time) in feedback.times {
                    self.receiver.heard(now, ssrc, time);
                }
                for line in feedback.refresh {
                    outlet.happened(Happened::KeyframeWanted(line));
                }
                if feedback.repairs {
                    outlet.happened(Happened::Repairs);
                }
                if self.sender.take_budget_changed() {
                    outlet.happened(Happened::BudgetChanged);
                }
                return Some(self.state());
            }
            Kind::Stun => {
                let message = StunMessage::parse(contents).ok();
                if message.is_some_and(|message| self.checks.answers((protocol, source), &message)) {
                    self.path = Some((protocol, source));
                    self.sender.moved(now);
                    return Some(self.state());
                }
                let nominates = message.is_some_and(|message| message.use_candidate());
                self.nominating = nominates.then_some((protocol, source));
            }
            _ => {}
        }
        let receive = Receive::new(protocol, source, destination, contents).ok()?;
        let before = self.path;
        let read = self.rtc.handle_input(Input::Receive(now, receive));
        let state = self.drain(outlet);
        if let Some(wanted) = self.wanted.take() {
            let own = self.ufrag();
            if let Some(check) = self.checks.wanted(now, wanted, &own) {
                outlet.transmit(wanted, check);
            }
        }
        if before.is_some() && before != self.path {
            self.sender.moved(now);
        }
        // Bad input is the sender's fault and costs only the datagram.
        match read {
            Ok(()) => Some(state),
            Err(error) => {
                tracing::trace!(%error, "datagram dropped");
                (state == State::Failed || state == State::Closed).then_some(state)
            }
        }
    }

    /// Lets time pass and sends what was queued.
    pub(crate) fn turn(&mut self, now: Instant, wall: u64, outlet: &mut impl Outlet) -> State {
        if let Some(destination) = self.path {
            let mut to = To { outlet, destination };
            self.sender.turn(now, wall, &mut to);
            for _ in 0..MOST_COMPOUNDS {
                if !self.receiver.is_due(now) {
                    break;
                }
                let (round_trip, time) = (self.sender.round_trip(), self.sender.is_unmeasured().then_some(wall));
                let receiver = &mut self.receiver;
                let told = self.sender.tell(&mut to, |name, out| {
                    let speaker = Speaker { name, round_trip, time };
                    receiver.write(now, speaker, out)
                });
                if !told {
                    return State::Failed;
                }
            }
            if self.sender.take_budget_changed() {
                outlet.happened(Happened::BudgetChanged);
            }
        }
        // Looking at str0m costs more than sending a packet.
        if !self.asked && now < self.deadline {
            return self.state();
        }
        self.asked = false;
        if let Err(error) = self.rtc.handle_input(Input::Timeout(now)) {
            tracing::debug!(%error, "media connection failed");
            return State::Failed;
        }
        self.drain(outlet)
    }

    /// How the connection does, but for how it travels; nothing before it is up.
    pub(crate) fn quality(&self) -> Option<Quality> {
        let name = |line| Some(self.session.info(line)?.mid.to_string());
        self.connected.then(|| Quality {
            received: self.received,
            carrier: match self.path {
                Some((Protocol::Udp, _)) => Carrier::Udp,
                Some(_) => Carrier::Tcp,
                None => Carrier::None,
            },
            ..self.sender.quality(name)
        })
    }

    /// Where media goes.
    pub(crate) fn path(&self) -> Option<Destination> {
        self.path
    }

    /// Bits a second that video to this client may take; nothing when that is not known.
    pub(crate) fn budget(&self) -> Option<u64> {
        self.sender.budget()
    }

    /// What the client's video would take if it could.
    pub(crate) fn set_demand(&mut self, now: Instant, bps: u64) {
        self.sender.set_demand(now, bps);
    }

    /// Queues a packet for one of this client's slots. False when the client cannot take it.
    pub(crate) fn queue(&mut self, packet: &Arc<Inbound>, forward: &Forward) -> bool {
        #[cfg(test)]
        if let Some(info) = self.session.info(forward.line) {
            crate::defect::at(&format!("write {}", info.mid), &packet.payload);
        }
        self.path.is_some() && self.sender.queue(packet, forward.line, forward.numbers)
    }

    /// Queues a request for a key frame to the client.
    pub(crate) fn request_keyframe(&mut self, line: Line, layer: Layer) -> bool {
        self.receiver.request_keyframe(line, layer)
    }

    fn state(&self) -> State {
        if self.closed || !self.rtc.is_alive() {
            return State::Closed;
        }
        let ours = [self.sender.deadline(), self.receiver.deadline()].into_iter().flatten().min();
        let ours = ours.filter(|_| self.path.is_some());
        State::Alive(ours.map_or(self.deadline, |at| at.min(self.deadline)))
    }

    fn drain(&mut self, outlet: &mut impl Outlet) -> State {
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Timeout(at)) => {
                    self.deadline = at;
                    self.nominating = None;
                    return self.state();
                }
                // Media and reports are sealed with one counter, which str0m does not have.
                Ok(Output::Transmit(transmit)) if matches!(kind(&transmit.contents), Kind::Rtp | Kind::Rtcp) => {}
                Ok(Output::Transmit(transmit)) => {
                    let destination = (transmit.proto, transmit.destination);
                    self.follow(destination, &transmit.contents);
                    outlet.transmit(destination, &transmit.contents);
                }
                Ok(Output::Event(event)) => {
                    if !self.event(event, outlet) {
                        return State::Failed;
                    }
                }
                Err(error) => {
                    tracing::debug!(%error, "media connection failed");
                    return State::Failed;
                }
            }
        }
    }

    /// Learns where media goes from what str0m sends: the answer to a check that nominates, and the handshake before there was one.
    fn follow(&mut self, destination: Destination, contents: &[u8]) {
        /// A success response to a binding request (RFC 8489 §5).
        const ACCEPTED: [u8; 2] = [0x01, 0x01];
        let accepted = self.nominating == Some(destination) && contents.starts_with(&ACCEPTED);
        match self.path {
            // The handshake shows that the client receives there.
            None if accepted || kind(contents) == Kind::Dtls => self.path = Some(destination),
            Some(path) if accepted && path == destination => self.checks.settled(),
            Some(_) if accepted && destination.0 == Protocol::Udp => self.wanted = Some(destination),
            // So does a connection of TCP.
            Some(_) if accepted => self.path = Some(destination),
            _ => {}
        }
    }

    /// False when the connection is of no use.
    fn event(&mut self, event: Event, outlet: &mut impl Outlet) -> bool {
        match event {
            Event::Connected => {
                match self.material.keys() {
                    Some(Ok(keys)) => {
                        let keys = Arc::new(keys);
                        self.sender.open(Arc::clone(&keys));
                        self.receiver.open(keys);
                    }
                    Some(Err(error)) => {
                        tracing::debug!(%error, "media connection failed");
                        return false;
                    }
                    None => {
                        tracing::error!("a handshake left no keys");
                        return false;
                    }
                }
                self.connected = true;
                outlet.happened(Happened::Connected);
            }
            Event::Closed => self.closed = true,
            _ => {}
        }
        true
    }

    /// A packet of a publication came.
    fn published(&mut self, now: Instant, packet: Incoming, outlet: &mut impl Outlet) {
        #[cfg(test)]
        crate::defect::at("receive", &packet.payload);
        self.count(&packet);
        if (!packet.codec.is_audio() || packet.payload.len() <= LONGEST_VOICE)
            && let Some(source) = self.source(now, &packet)
            && source.allowance.take(now, packet.payload.len())
            && let Some(inbound) = Inbound::read(packet, &mut source.reader)
        {
            outlet.happened(Happened::Packet(Arc::new(inbound)));
        }
    }

    /// What is missing between numbers is lost until it comes after all.
    fn count(&mut self, packet: &Incoming) {
        self.received.packets += 1;
        self.received.bytes += packet.payload.len() as u64;
        let Some(source) = self.sources.get_mut(&packet.ssrc) else {
            return;
        };
        let seq = packet.index;
        if source.next == 0 {
            source.next = seq + 1;
        } else if seq >= source.next {
            self.received.lost += seq - source.next;
            source.next = seq + 1;
        } else {
            self.received.lost = self.received.lost.saturating_sub(1);
        }
    }

    fn source(&mut self, now: Instant, packet: &Incoming) -> Option<&mut Source> {
        let full = self.sources.len() >= MAX_SOURCES;
        match self.sources.entry(packet.ssrc) {
            Entry::Occupied(known) => Some(known.into_mut()),
            Entry::Vacant(_) if full => None,
            Entry::Vacant(place) => Some(place.insert(Source {
                reader: Reader::default(),
                next: 0,
                allowance: Allowance::new(now, packet.codec.is_audio()),
            })),
        }
    }
}

/// An outlet with its destination.
struct To<'a, O> {
    outlet: &'a mut O,
    destination: Destination,
}

impl<O: Outlet> Composer for To<'_, O> {
    fn compose(&mut self, most: usize, write: impl FnOnce(&mut [u8]) -> Option<usize>) {
        self.outlet.compose(self.destination, most, write);
    }
}
