//! One media connection: a str0m `Rtc` behind an interface that cannot forget to drain it.
//!
//! str0m wants exactly one mutation and then a full drain. [`Peer`] therefore hands out no `Rtc`: [`Peer::receive`] and
//! [`Peer::offer`] mutate and drain; [`Peer::write`], [`Peer::request_keyframe`] only queue and say so, and the next
//! [`Peer::turn`] drains them all at once (many packets, one walk). What comes out goes to an [`Outlet`].
//!
//! Owns the session of one client and the mapping of its SSRCs to m-lines and layers. Not here: who gets what (`routing`),
//! sockets and timers (`shard`).

mod inbound;
mod negotiate;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Instant;

pub(crate) use inbound::Inbound;
pub(crate) use negotiate::{Parsed, Session};
use str0m::config::DtlsCert;
use str0m::media::KeyframeRequestKind;
use str0m::net::{Protocol, Receive};
use str0m::rtp::{RtpWrite, Ssrc};
use str0m::{Event, IceCreds, Input, Output, Rtc};

use crate::routing::{Forward, Layer, Line};

/// Takes what a peer produces.
pub(crate) trait Outlet {
    /// A datagram is to be sent.
    fn transmit(&mut self, destination: SocketAddr, contents: &[u8]);
    /// Something happened.
    fn happened(&mut self, happened: Happened);
}

/// What happened at a peer.
#[derive(Debug)]
pub(crate) enum Happened {
    /// The media path is up.
    Connected,
    /// A packet of a publication came.
    Packet(Box<Inbound>),
    /// The client cannot decode what this slot carries.
    KeyframeWanted(Line),
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
    session: Session,
    sources: HashMap<Ssrc, Source>,
    connected: bool,
    closed: bool,
}

#[derive(Debug, Clone, Copy)]
struct Source {
    line: Line,
    layer: Layer,
    video: bool,
}

/// More sources than a client can rightfully have; further ones are dropped.
const MAX_SOURCES: usize = 64;

impl Peer {
    pub(crate) fn new(now: Instant, credentials: IceCreds, certificate: &DtlsCert, candidates: &[SocketAddr]) -> Self {
        Self {
            rtc: negotiate::build(now, credentials, certificate, candidates),
            session: Session::default(),
            sources: HashMap::new(),
            connected: false,
            closed: false,
        }
    }

    /// What was negotiated.
    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    /// Answers an offer. The caller takes a [`Peer::turn`] next.
    pub(crate) fn offer(&mut self, offer: Parsed) -> Result<String, String> {
        let (answer, session) = negotiate::answer(&mut self.rtc, offer)?;
        self.session = session;
        self.sources.clear();
        Ok(answer)
    }

    /// Its name in ICE.
    pub(crate) fn ufrag(&mut self) -> String {
        self.rtc.direct_api().local_ice_credentials().ufrag
    }

    /// Whether a datagram from an address not seen before proves to come from this client.
    pub(crate) fn accepts(&self, now: Instant, source: SocketAddr, destination: SocketAddr, contents: &[u8]) -> bool {
        Receive::new(Protocol::Udp, source, destination, contents).is_ok_and(|receive| self.rtc.accepts(&Input::Receive(now, receive)))
    }

    /// Takes a datagram. Nothing when it could not be read.
    pub(crate) fn receive(
        &mut self,
        now: Instant,
        source: SocketAddr,
        destination: SocketAddr,
        contents: &[u8],
        outlet: &mut impl Outlet,
    ) -> Option<State> {
        let receive = Receive::new(Protocol::Udp, source, destination, contents).ok()?;
        let read = self.rtc.handle_input(Input::Receive(now, receive));
        let state = self.drain(outlet);
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
    pub(crate) fn turn(&mut self, now: Instant, outlet: &mut impl Outlet) -> State {
        if let Err(error) = self.rtc.handle_input(Input::Timeout(now)) {
            tracing::debug!(%error, "media connection failed");
            return State::Failed;
        }
        self.drain(outlet)
    }

    /// Queues a copy of a packet for one of this client's slots. False when the client cannot take it.
    pub(crate) fn write(&mut self, now: Instant, packet: &Inbound, forward: &Forward) -> bool {
        let payload_type = if packet.video { self.session.vp8 } else { self.session.opus };
        let (Some(payload_type), Some(info)) = (payload_type, self.session.info(forward.line)) else {
            return false;
        };
        if !self.connected || !info.slot {
            return false;
        }
        let mid = info.mid;
        #[cfg(test)]
        crate::defect::at(&format!("write {mid}"), &packet.payload);
        let mut api = self.rtc.direct_api();
        let Some(stream) = api.stream_tx_by_mid(mid, None) else {
            return false;
        };
        let numbers = forward.numbers;
        let mut write = RtpWrite::new(
            payload_type,
            numbers.seq.into(),
            numbers.timestamp,
            now,
            std::sync::Arc::clone(&packet.payload),
        )
        .marker(packet.marker)
        .nackable(packet.video)
        .ext_vals(packet.extensions.clone());
        if let Some(vp8) = packet.vp8 {
            let build = |picture: Option<u16>| {
                let mut patch = vp8.patch();
                if let Some(picture) = picture {
                    patch = patch.picture_id(picture);
                }
                if let Some(tl0) = numbers.tl0 {
                    patch = patch.tl0_pic_idx(tl0);
                }
                patch.build()
            };
            // A publisher with the short form of the picture number has 7 bits for it.
            if let Ok(patch) = build(numbers.picture).or_else(|_| build(numbers.picture.map(|picture| picture & 0x7f))) {
                write = write.vp8_patch(patch);
            }
        }
        stream.write_rtp(write);
        true
    }

    /// Queues a request for a key frame to the client.
    pub(crate) fn request_keyframe(&mut self, line: Line, layer: Layer) -> bool {
        let Some(info) = self.session.info(line) else { return false };
        let rid = info.rids.get(usize::from(layer.0)).copied();
        let mid = info.mid;
        let mut api = self.rtc.direct_api();
        let Some(stream) = api.stream_rx_by_mid(mid, rid) else {
            return false;
        };
        stream.request_keyframe(KeyframeRequestKind::Pli);
        true
    }

    fn drain(&mut self, outlet: &mut impl Outlet) -> State {
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Timeout(at)) => {
                    return if self.closed || !self.rtc.is_alive() {
                        State::Closed
                    } else {
                        State::Alive(at)
                    };
                }
                Ok(Output::Transmit(transmit)) => outlet.transmit(transmit.destination, &transmit.contents),
                Ok(Output::Event(event)) => self.event(event, outlet),
                Err(error) => {
                    tracing::debug!(%error, "media connection failed");
                    return State::Failed;
                }
            }
        }
    }

    fn event(&mut self, event: Event, outlet: &mut impl Outlet) {
        match event {
            Event::Connected => {
                self.connected = true;
                outlet.happened(Happened::Connected);
            }
            Event::Closed => self.closed = true,
            Event::KeyframeRequest(request) => {
                if let Some(line) = self.session.line(&request.mid) {
                    outlet.happened(Happened::KeyframeWanted(line));
                }
            }
            Event::RtpPacket(packet) => {
                #[cfg(test)]
                crate::defect::at("receive", &packet.payload);
                let Some(source) = self.source(packet.header.ssrc) else { return };
                if let Some(inbound) = Inbound::read(packet, source.line, source.layer, source.video) {
                    outlet.happened(Happened::Packet(Box::new(inbound)));
                }
            }
            _ => {}
        }
    }

    fn source(&mut self, ssrc: Ssrc) -> Option<Source> {
        if let Some(source) = self.sources.get(&ssrc) {
            return Some(*source);
        }
        if self.sources.len() >= MAX_SOURCES {
            return None;
        }
        let mut api = self.rtc.direct_api();
        let stream = api.stream_rx(&ssrc)?;
        let (mid, rid) = (stream.mid(), stream.rid());
        let line = self.session.line(&mid)?;
        let info = self.session.info(line)?;
        let layer = match rid {
            Some(rid) => info.rids.iter().position(|other| *other == rid)?,
            None => 0,
        };
        let source = Source {
            line,
            layer: Layer(u8::try_from(layer).ok()?),
            video: !info.audio,
        };
        self.sources.insert(ssrc, source);
        Some(source)
    }
}
