//! What a meeting's task keeps of one session: where its frames go, its ticket, its media peer and slots.

use std::collections::BTreeMap;

use app::Source;
use tokio::time::{Duration, Instant};
use wire::{IceServer, MediaKind, ServerFrame, SlotBinding, Want};

use crate::{
    frame::{Frame, OwnMedia},
    media_plane::{DeclaredPublication, MediaPlane, PeerId},
    outbox::{Outbox, Sent},
    pace::Pace,
    ticket::TicketHash,
};

/// Offers that a session may make in a row, and how often after that. A client offers once, and again when its media path was lost.
const OFFERS: u32 = 6;
const OFFERS_EVERY: Duration = Duration::from_secs(2);

/// One session of the meeting, admitted or waiting.
pub(crate) struct Session {
    /// Name of the call, which is the session's id too.
    pub(crate) call: String,
    /// Raw id of the person.
    pub(crate) person: String,
    /// For a visitor of our own join page: where they came from.
    pub(crate) visitor_from: Option<Source>,
    /// The application that the token ends with that brought the session here last.
    pub(crate) client_id: Option<String>,
    /// Where frames go; nothing while the socket is lost.
    pub(crate) outbox: Option<Outbox>,
    /// A new socket that has not been told yet that the call is back.
    pub(crate) returning: Option<Outbox>,
    /// Events are numbered from 1.
    revision: u32,
    ticket: TicketHash,
    /// The ticket that brought the session here. Good until the client has shown that it knows the next one: the `welcome` that
    /// carries it may be lost with its socket.
    previous_ticket: Option<TicketHash>,
    /// Set by the machine at admission, never before.
    pub(crate) media_allowed: bool,
    /// Names the session to relays while its media is allowed. A new one each time: what was ended under a name stays ended.
    pub(crate) visit: Option<String>,
    pub(crate) peer: Option<PeerId>,
    /// The person holds the call: nothing is sent to the peer.
    pub(crate) held: bool,
    /// Whether the engine is being asked to answer an offer.
    pub(crate) offering: bool,
    /// How often the session may offer.
    pub(crate) offers: Pace,
    /// Answer that waits for the publications' numbers.
    pub(crate) answer: Option<PendingAnswer>,
    /// What the session publishes, by number.
    pub(crate) publications: BTreeMap<u32, Publication>,
    pub(crate) wants: Vec<Want>,
    pub(crate) slots: BTreeMap<String, SlotBinding>,
}

/// A publication of the session.
pub(crate) struct Publication {
    /// Known once it is declared; a gate may come before.
    pub(crate) kind: Option<MediaKind>,
    pub(crate) mid: String,
    pub(crate) open: bool,
}

/// The engine's answer, until the machine has numbered the publications.
pub(crate) struct PendingAnswer {
    pub(crate) sdp: String,
    pub(crate) mids: BTreeMap<MediaKind, String>,
}

impl Session {
    pub(crate) fn new(
        call: String,
        person: String,
        client_id: Option<String>,
        visitor_from: Option<Source>,
        outbox: Outbox,
        ticket: TicketHash,
    ) -> Self {
        Self {
            call,
            person,
            visitor_from,
            client_id,
            outbox: Some(outbox),
            returning: None,
            revision: 0,
            ticket,
            previous_ticket: None,
            media_allowed: false,
            visit: None,
            peer: None,
            held: false,
            offering: false,
            offers: Pace::new(OFFERS, OFFERS_EVERY, Instant::now()),
            answer: None,
            publications: BTreeMap::new(),
            wants: Vec::new(),
            slots: BTreeMap::new(),
        }
    }

    /// Whether the ticket is this session's.
    pub(crate) fn opens(&self, ticket: &str) -> bool {
        self.ticket.matches(ticket) || self.previous_ticket.as_ref().is_some_and(|previous| previous.matches(ticket))
    }

    /// The session was brought back; the next time it takes another ticket.
    pub(crate) fn change_lock(&mut self, next: TicketHash) {
        self.previous_ticket = Some(std::mem::replace(&mut self.ticket, next));
    }

    /// The client asked for something in this call, so it has read the `welcome` with its ticket.
    pub(crate) fn heard_from(&mut self) {
        self.previous_ticket = None;
    }

    /// Tells the session something. While the socket is lost nothing is kept: the snapshot at its return says it all.
    /// Returns false when the socket has just turned out to be gone.
    pub(crate) fn tell(&mut self, event: wire::Event) -> bool {
        self.revision = self.revision.wrapping_add(1);
        let frame = ServerFrame::Event {
            call: self.call.clone(),
            revision: self.revision,
            event,
        };
        match &self.outbox {
            None => true,
            Some(outbox) => outbox.send(frame),
        }
    }

    /// Tells the session an event of the machine, as [`Self::tell`]. A dropped message has no number: the client sees no gap.
    pub(crate) fn tell_of(&mut self, event: meeting::Event, plane: &dyn MediaPlane) -> bool {
        let Some(outbox) = &self.outbox else { return true };
        let revision = self.revision.wrapping_add(1);
        let media = match event {
            meeting::Event::Snapshot { .. } => OwnMedia {
                slots: self.slots.values().cloned().collect(),
                ice_servers: self.ice_servers(plane),
            },
            _ => OwnMedia::default(),
        };
        let sent = outbox.offer(Frame::Told {
            call: self.call.clone(),
            revision,
            event: Box::new(event),
            media,
        });
        if sent == Sent::Queued {
            self.revision = revision;
        }
        sent != Sent::Gone
    }

    /// Ways to the engine that are the session's own, with credentials that live longest from now.
    pub(crate) fn ice_servers(&self, plane: &dyn MediaPlane) -> Vec<IceServer> {
        self.visit.as_deref().map(|visit| plane.ice_servers(visit)).unwrap_or_default()
    }

    /// Answers a request.
    pub(crate) fn respond(&self, id: u32, outcome: wire::Outcome) {
        if let Some(outbox) = &self.outbox {
            outbox.send(ServerFrame::Response { id, outcome });
        }
    }

    /// The publications as the engine wants them.
    pub(crate) fn declared(&self) -> Vec<DeclaredPublication> {
        // A medium without an m-line was declared by an earlier peer connection and is not sent by this one.
        let sent = self.publications.iter().filter(|(_, publication)| !publication.mid.is_empty());
        sent.filter_map(|(id, publication)| {
            Some(DeclaredPublication {
                id: *id,
                kind: publication.kind?,
                mid: publication.mid.clone(),
                open: publication.open,
            })
        })
        .collect()
    }
}
