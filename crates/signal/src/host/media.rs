//! The media side of a meeting's task: offers, gates, slots, lost peers.
//!
//! Invariant: a peer exists only for a session that the machine admitted (`media_allowed`); a session that is closed or
//! waits has none (`tests/lobby.rs`). The engine is asked in a task of its own, so that a slow answer holds up nobody.

use std::collections::BTreeMap;

use app::quality::QualityLeg;
use meeting::{Command, Input, MediaKind, ParticipantId, PublicationId, Refusal, RequestId, SessionId};
use tokio::{sync::mpsc, time::Instant};
use wire::{Outcome, PublicationOffer, Reply, SlotBinding, Want};

use super::{Host, HostInput, session::PendingAnswer, session::Publication};
use crate::{
    hub::Hub,
    map,
    media_plane::{EngineBinding, MediaEvent, MediaOffer, MediaPlane, MediaPlaneError, PeerId},
    outbox::Outbox,
    quality::person_name,
    surveys::kind_name,
};

/// Wishes of one session that are passed on; more than any client has slots.
const MOST_WANTS: usize = 64;
/// Publications of one session: one of each kind.
const MOST_PUBLICATIONS: usize = 4;

/// Of an error that a client's own words may be part of, this many characters are logged.
const MOST_LOGGED: usize = 200;

/// The engine answered the offer of a request.
pub(crate) struct Offered {
    call: String,
    request: u32,
    peer: PeerId,
    /// Whether the peer was made for this offer; a peer that was there before survives an offer that fails.
    made: bool,
    mids: BTreeMap<wire::MediaKind, String>,
    /// Where the answer goes when the session is gone by then.
    outbox: Option<Outbox>,
    result: Result<String, MediaPlaneError>,
}

impl Offered {
    /// The session or its meeting is over. Its removal of the peer may have come before the peer was made.
    pub(super) fn came_too_late(&self, media: &dyn MediaPlane, hub: &Hub) {
        media.remove(self.peer);
        hub.forget_peer(self.peer);
        if let Some(outbox) = &self.outbox {
            super::requests::no_such_call(self.request, outbox);
        }
    }
}

impl Host {
    pub(super) fn offer(&mut self, call: &str, request: u32, sdp: String, publications: Vec<PublicationOffer>, fresh: bool) {
        let kinds: BTreeMap<_, _> = publications
            .iter()
            .map(|publication| (publication.kind, publication.mid.clone()))
            .collect();
        let Some(session) = self.sessions.get_mut(call) else { return };
        if !session.media_allowed {
            return self.refuse(call, request, Refusal::MediaNotAllowedWhileWaiting);
        }
        if kinds.len() != publications.len() || publications.len() > MOST_PUBLICATIONS {
            return self.refuse(call, request, Refusal::InvalidArgument);
        }
        // Answering costs the engine milliseconds, so nobody has two offers under way or many in a row.
        if session.offering || !session.offers.try_take(Instant::now()) {
            return self.refuse(call, request, Refusal::RequestQueueFull);
        }
        session.offering = true;
        let outbox = session.outbox.clone();
        let known = session.peer.filter(|_| !fresh);
        let peer = known.unwrap_or_else(|| self.replace_peer(call));
        let (media, hub, inputs, call) = (self.media.clone(), self.hub.clone(), self.handle.inputs.clone(), call.to_owned());
        let room = self.machine.server_call_id().to_owned();
        tokio::spawn(async move {
            let result = media
                .offer(MediaOffer {
                    room,
                    peer,
                    sdp,
                    publications,
                })
                .await;
            let offered = Offered {
                call,
                request,
                peer,
                made: known.is_none(),
                mids: kinds,
                outbox,
                result,
            };
            if let Err(mpsc::error::SendError(HostInput::Offered(offered))) = inputs.send(HostInput::Offered(Box::new(offered))).await {
                offered.came_too_late(&*media, &hub);
            }
        });
    }

    fn replace_peer(&mut self, call: &str) -> PeerId {
        self.drop_peer(call);
        let peer = self.hub.new_peer(&self.handle);
        if let Some(session) = self.sessions.get_mut(call) {
            session.peer = Some(peer);
            let leg = self.leg(call);
            leg.into_iter().for_each(|leg| self.hub.quality().opened(peer, leg));
        }
        peer
    }

    /// The session as the quality record names it.
    fn leg(&self, call: &str) -> Option<QualityLeg> {
        let person = &self.sessions.get(call)?.person;
        let (display_name, kind) = self.presence.who(person)?;
        Some(QualityLeg {
            session: call.to_owned(),
            held_id: self.machine.server_call_id().to_owned(),
            kind: self.kind_name().to_owned(),
            key: self.handle.thread_id.clone(),
            raw_id: person.clone(),
            display_name: display_name.to_owned(),
            person: person_name(kind).to_owned(),
        })
    }

    fn kind_name(&self) -> &'static str {
        if self.is_breakout_room() {
            return "breakout";
        }
        kind_name(self.machine.settings().kind)
    }

    pub(super) fn offered(&mut self, offered: Offered) {
        let Some(session) = self.sessions.get_mut(&offered.call) else {
            return offered.came_too_late(&*self.media, &self.hub);
        };
        let Offered {
            call,
            request,
            peer,
            made,
            mids,
            result,
            ..
        } = offered;
        session.offering = false;
        if session.peer != Some(peer) {
            // The media path was lost meanwhile, and the client was told so.
            self.media.remove(peer);
            return self.refuse(&call, request, Refusal::MediaRefused);
        }
        match result {
            Ok(sdp) => {
                let kinds: Vec<MediaKind> = mids.keys().copied().map(map::media_kind_from).collect();
                session.answer = Some(PendingAnswer { sdp, mids });
                self.feed(Input::Command {
                    session: SessionId(call),
                    request: RequestId(request),
                    command: Command::DeclarePublications(kinds),
                });
            }
            Err(error) => {
                let busy = matches!(error, MediaPlaneError::Unavailable(_));
                tracing::debug!(error = %error.to_string().chars().take(MOST_LOGGED).collect::<String>(), "an offer was not answered");
                if made {
                    self.drop_peer(&call);
                }
                self.refuse(&call, request, if busy { Refusal::RequestQueueFull } else { Refusal::MediaRefused });
            }
        }
    }

    /// The machine numbered the publications: tell the engine, then answer the client.
    pub(super) fn declared(&mut self, call: &str, request: u32, numbers: Vec<(MediaKind, PublicationId)>) {
        let Some(session) = self.sessions.get_mut(call) else { return };
        let Some(answer) = session.answer.take() else { return };
        for publication in session.publications.values_mut() {
            publication.mid.clear();
        }
        for (kind, id) in numbers {
            let kind = map::media_kind(kind);
            let mid = answer.mids.get(&kind).cloned().unwrap_or_default();
            let publication = session.publications.entry(id.0).or_insert(Publication {
                kind: Some(kind),
                mid: String::new(),
                open: false,
            });
            publication.kind = Some(kind);
            publication.mid = mid;
            self.owners.insert(id.0, session.person.clone());
        }
        if let Some(peer) = session.peer {
            self.media.declare(peer, session.declared());
            self.media.subscribe(peer, session.wants.clone());
            if session.held {
                self.media.set_receiving(peer, false);
            }
        }
        let listened = session.peer.map(|peer| (session.person.clone(), peer));
        session.respond(
            request,
            Outcome::Ok {
                reply: Reply::Media(wire::MediaAnswer { sdp: answer.sdp }),
            },
        );
        if let Some((person, peer)) = listened {
            self.listen_to(&person, peer);
        }
    }

    pub(super) fn gate(&mut self, call: &str, id: PublicationId, open: bool) {
        let Some(session) = self.sessions.get_mut(call) else { return };
        // A gate may come before the number is known here; the medium is filled in when it is declared.
        let publication = session.publications.entry(id.0).or_insert(Publication {
            kind: None,
            mid: String::new(),
            open,
        });
        publication.open = open;
        if let (Some(peer), false) = (session.peer, publication.mid.is_empty()) {
            self.media.set_open(peer, id.0, open);
        }
    }

    pub(super) fn subscribe(&mut self, call: &str, request: u32, wants: Vec<Want>) {
        let Some(session) = self.sessions.get_mut(call) else { return };
        if !session.media_allowed {
            return self.refuse(call, request, Refusal::NotAdmitted);
        }
        if wants.len() > MOST_WANTS {
            return self.refuse(call, request, Refusal::InvalidArgument);
        }
        if let Some(peer) = session.peer {
            self.media.subscribe(peer, wants.clone());
        }
        session.wants = wants;
        session.respond(request, Outcome::Ok { reply: Reply::Done });
    }

    pub(super) fn media_event(&mut self, event: MediaEvent) {
        match event {
            MediaEvent::Connected { .. } | MediaEvent::Quality { .. } => {}
            MediaEvent::Lost { peer } => self.peer_lost(peer),
            MediaEvent::Slots { peer, bindings } => self.bind(peer, bindings),
            MediaEvent::Speaking { peer, speaking } => {
                if let Some(participant) = self.person_of(peer) {
                    self.feed(Input::Speaking { participant, speaking });
                }
            }
            MediaEvent::Dominant { peers, .. } => {
                let people = peers.into_iter().filter_map(|peer| self.person_of(peer)).collect();
                self.feed(Input::DominantSpeakers(people));
            }
        }
    }

    fn bind(&mut self, peer: PeerId, bindings: Vec<EngineBinding>) {
        let owners = &self.owners;
        let Some(session) = self.sessions.values_mut().find(|session| session.peer == Some(peer)) else {
            return;
        };
        let bindings: Vec<SlotBinding> = bindings
            .into_iter()
            .map(|binding| SlotBinding {
                mid: binding.mid,
                generation: binding.generation,
                publication: binding.publication,
                participant: binding.publication.and_then(|id| owners.get(&id).cloned()),
                withheld: binding.withheld,
            })
            .collect();
        for binding in &bindings {
            session.slots.insert(binding.mid.clone(), binding.clone());
        }
        self.tell(peer, wire::Event::Slots { bindings });
    }

    fn peer_lost(&mut self, peer: PeerId) {
        self.hub.forget_peer(peer);
        let Some(session) = self.sessions.values_mut().find(|session| session.peer == Some(peer)) else {
            return;
        };
        session.peer = None;
        session.slots.clear();
        let participant = ParticipantId(session.person.clone());
        let call = session.call.clone();
        self.tell_call(&call, wire::Event::MediaLost);
        self.feed(Input::Speaking {
            participant,
            speaking: false,
        });
    }

    pub(super) fn allow_media(&mut self, call: &str) {
        let Some(session) = self.sessions.get_mut(call) else { return };
        session.media_allowed = true;
        session.visit.get_or_insert_with(|| uuid::Uuid::new_v4().to_string());
    }

    /// Ends the media path of a session and its way to the engine.
    pub(super) fn revoke_media(&mut self, call: &str) {
        self.drop_peer(call);
        let Some(session) = self.sessions.get_mut(call) else { return };
        session.media_allowed = false;
        if let Some(visit) = session.visit.take() {
            self.media.end_ice_servers(&visit);
        }
    }

    pub(super) fn renew_ice_servers(&mut self, call: &str, request: u32) {
        let Some(session) = self.sessions.get(call) else { return };
        if !session.media_allowed {
            return self.refuse(call, request, Refusal::MediaNotAllowedWhileWaiting);
        }
        let ice_servers = session.ice_servers(&*self.media);
        session.respond(
            request,
            Outcome::Ok {
                reply: Reply::IceServers { ice_servers },
            },
        );
    }

    /// Ends the media path of a session, if it has one.
    pub(super) fn drop_peer(&mut self, call: &str) {
        let Some(session) = self.sessions.get_mut(call) else { return };
        session.slots.clear();
        session.answer = None;
        if let Some(peer) = session.peer.take() {
            self.media.remove(peer);
            self.hub.forget_peer(peer);
        }
    }

    fn tell(&mut self, peer: PeerId, event: wire::Event) {
        let call = self
            .sessions
            .values()
            .find(|session| session.peer == Some(peer))
            .map(|session| session.call.clone());
        if let Some(call) = call {
            self.tell_call(&call, event);
        }
    }

    fn person_of(&self, peer: PeerId) -> Option<ParticipantId> {
        self.sessions
            .values()
            .find(|session| session.peer == Some(peer))
            .map(|session| ParticipantId(session.person.clone()))
    }
}
