//! Binds what signalling needs of a media engine to the engine. Values are renamed, nothing is decided.

use std::{net::SocketAddr, sync::Arc, sync::OnceLock};

use media::{Declared, Engine, EngineConfig, EngineError, Event, Offer, OfferError, PeerId, PublicationId, RoomId, Want};
use signal::{
    Hub,
    media_plane::{
        DeclaredPublication, EngineBinding, MediaEvent, MediaKind, MediaOffer, MediaPlane, MediaPlaneError, Want as Wanted, WantPriority,
    },
};

/// The engine as signalling sees it.
pub(crate) struct EnginePlane(Engine);

/// More threads than this bring nothing that one machine could use.
const MOST_SHARDS: usize = 64;

/// The hub is made after the engine, whose events it takes; before that there is no peer and so no event.
pub(crate) type HubSlot = Arc<OnceLock<Hub>>;

impl EnginePlane {
    pub(crate) fn start(bind: SocketAddr, hub: HubSlot) -> Result<Self, EngineError> {
        let sink = Box::new(move |event| {
            if let (Some(hub), Some(event)) = (hub.get(), media_event(event)) {
                hub.media_event(event);
            }
        });
        let mut config = EngineConfig::new(bind);
        config.shards = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(MOST_SHARDS);
        Engine::start(config, sink).map(Self)
    }

    pub(crate) fn local_addr(&self) -> SocketAddr {
        self.0.local_addr()
    }

    pub(crate) fn engine(&self) -> Engine {
        self.0.clone()
    }
}

fn media_event(event: Event) -> Option<MediaEvent> {
    Some(match event {
        Event::Quality { .. } => return None,
        Event::Connected { peer } => MediaEvent::Connected { peer: from_peer(peer) },
        Event::Lost { peer, reason } => {
            tracing::debug!(peer = peer.0, ?reason, "media path lost");
            MediaEvent::Lost { peer: from_peer(peer) }
        }
        Event::Slots { peer, bindings } => MediaEvent::Slots {
            peer: from_peer(peer),
            bindings: bindings
                .into_iter()
                .map(|binding| EngineBinding {
                    mid: binding.mid,
                    generation: binding.generation,
                    publication: binding.publication.map(|publication| publication.0),
                })
                .collect(),
        },
        Event::Speaking { peer, speaking, .. } => MediaEvent::Speaking {
            peer: from_peer(peer),
            speaking,
        },
        Event::Dominant { room, peers } => MediaEvent::Dominant {
            room: room.0,
            peers: peers.into_iter().map(from_peer).collect(),
        },
    })
}

/// Only what is wrong with the offer itself is the client's to mend.
fn refused(error: &OfferError) -> MediaPlaneError {
    match error {
        OfferError::Malformed(_) | OfferError::OtherRoom => MediaPlaneError::BadOffer(error.to_string()),
        OfferError::Full(_) | OfferError::Stopped | OfferError::Busy | OfferError::Removed => {
            MediaPlaneError::Unavailable(error.to_string())
        }
    }
}

fn from_peer(peer: PeerId) -> signal::media_plane::PeerId {
    signal::media_plane::PeerId(peer.0)
}

fn kind(kind: MediaKind) -> media::MediaKind {
    match kind {
        MediaKind::Microphone => media::MediaKind::Microphone,
        MediaKind::Camera => media::MediaKind::Camera,
        MediaKind::Screen => media::MediaKind::Screen,
        MediaKind::ScreenAudio => media::MediaKind::ScreenAudio,
    }
}

fn priority(priority: WantPriority) -> u8 {
    match priority {
        WantPriority::Rest => 0,
        WantPriority::Speaker => 1,
        WantPriority::Pinned => 2,
        WantPriority::Screen => 3,
    }
}

#[async_trait::async_trait]
impl MediaPlane for EnginePlane {
    async fn offer(&self, offer: MediaOffer) -> Result<String, MediaPlaneError> {
        // A fresh offer comes with a peer of its own, so the engine never has an old one to drop.
        let wanted = Offer {
            sdp: offer.sdp,
            fresh: false,
        };
        match self.0.offer(RoomId(offer.room), PeerId(offer.peer.0), wanted).await {
            Ok(answer) => Ok(answer.sdp),
            Err(error) => Err(refused(&error)),
        }
    }

    fn declare(&self, peer: signal::media_plane::PeerId, publications: Vec<DeclaredPublication>) {
        let declared = publications
            .into_iter()
            .map(|publication| Declared {
                id: PublicationId(publication.id),
                kind: kind(publication.kind),
                mid: publication.mid,
                open: publication.open,
            })
            .collect();
        self.0.declare(PeerId(peer.0), declared);
    }

    fn set_open(&self, peer: signal::media_plane::PeerId, publication: u32, open: bool) {
        self.0.set_open(PeerId(peer.0), PublicationId(publication), open);
    }

    fn subscribe(&self, peer: signal::media_plane::PeerId, wants: Vec<Wanted>) {
        let wants = wants
            .into_iter()
            .map(|want| Want {
                publication: PublicationId(want.publication),
                width: want.width,
                height: want.height,
                priority: priority(want.priority),
            })
            .collect();
        self.0.subscribe(PeerId(peer.0), wants);
    }

    fn tap(&self, peer: signal::media_plane::PeerId, tap: Option<signal::media_plane::VoiceTap>) {
        let tap = tap.map(|tap| {
            media::VoiceTap(Arc::new(move |voice| {
                tap(signal::media_plane::Voice {
                    stream: voice.stream,
                    sequence: voice.sequence,
                    opus: voice.opus,
                });
            }))
        });
        self.0.tap(PeerId(peer.0), tap);
    }

    fn set_receiving(&self, peer: signal::media_plane::PeerId, receiving: bool) {
        self.0.set_receiving(PeerId(peer.0), receiving);
    }

    fn remove(&self, peer: signal::media_plane::PeerId) {
        self.0.remove(PeerId(peer.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_offer_that_is_wrong_in_itself_is_called_a_bad_one() {
        for error in [OfferError::Malformed("no m-lines".to_owned()), OfferError::OtherRoom] {
            assert!(matches!(refused(&error), MediaPlaneError::BadOffer(_)), "{error}");
        }
        for error in [OfferError::Busy, OfferError::Full(1), OfferError::Stopped, OfferError::Removed] {
            assert!(matches!(refused(&error), MediaPlaneError::Unavailable(_)), "{error}");
        }
    }
}
