//! Binds what signalling needs of a media engine to the engine. Values are renamed, nothing is decided.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, OnceLock},
};

use app::quality::{Carrier, Flow, Pictures, Reading};
use media::{Declared, Delivery, Engine, EngineConfig, EngineError, Event, Offer, OfferError, PeerId, PublicationId, RoomId, Want};
use signal::{
    Hub,
    media_plane::{
        DeclaredPublication, EngineBinding, IceServer, MediaEvent, MediaKind, MediaOffer, MediaPlane, MediaPlaneError, Want as Wanted,
        WantPriority, Withheld,
    },
};

/// Relays that visits are told of, whoever runs them.
pub(crate) trait IceServers: Send + Sync {
    /// What a visit needs to use them.
    fn ice_servers(&self, visit: &str) -> Vec<IceServer>;
    /// The visit is over.
    fn end(&self, visit: &str);
}

/// The engine as signalling sees it.
pub(crate) struct EnginePlane {
    engine: Engine,
    ways: Option<Arc<dyn IceServers>>,
}

/// More threads than this bring nothing that one machine could use.
pub(crate) const MOST_THREADS: u8 = 64;

/// What can be said of the engine besides its address.
#[derive(Debug, Clone, Default)]
pub(crate) struct MediaSettings {
    /// Addresses that clients are told instead of the engine's own.
    pub(crate) advertise: Vec<IpAddr>,
    /// Threads that forward; nothing: one for each processor.
    pub(crate) threads: Option<u8>,
}

/// The hub is made after the engine, whose events it takes; before that there is no peer and so no event.
pub(crate) type HubSlot = Arc<OnceLock<Hub>>;

impl EnginePlane {
    /// Clients are told that media is taken over TCP on the same number, too; whoever starts it listens there.
    pub(crate) fn start(bind: SocketAddr, settings: &MediaSettings, hub: HubSlot) -> Result<Self, EngineError> {
        let sink = Box::new(move |event| {
            if let Some(hub) = hub.get() {
                hub.media_event(media_event(event));
            }
        });
        let mut config = EngineConfig::new(bind);
        let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        config.shards = settings.threads.map_or_else(cores, usize::from).min(MOST_THREADS.into());
        config.advertise.clone_from(&settings.advertise);
        config.tcp = true;
        let engine = Engine::start(config, sink)?;
        Ok(Self { engine, ways: None })
    }

    pub(crate) fn with_ways(self, ways: impl IceServers + 'static) -> Self {
        let ways: Option<Arc<dyn IceServers>> = Some(Arc::new(ways));
        Self { ways, ..self }
    }

    pub(crate) fn local_addr(&self) -> SocketAddr {
        self.engine.local_addr()
    }

    pub(crate) fn engine(&self) -> Engine {
        self.engine.clone()
    }
}

fn media_event(event: Event) -> MediaEvent {
    match event {
        Event::Quality { peer, quality } => MediaEvent::Quality {
            peer: from_peer(peer),
            reading: Box::new(reading(&quality)),
        },
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
                    withheld: withheld(binding.delivery),
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
    }
}

fn reading(quality: &media::Quality) -> Reading {
    Reading {
        carrier: match quality.carrier {
            media::Carrier::None => Carrier::None,
            media::Carrier::Udp => Carrier::Udp,
            media::Carrier::Tcp => Carrier::Tcp,
            media::Carrier::Relay => Carrier::Relay,
        },
        round_trip: quality.round_trip,
        estimate: quality.estimate,
        received: flow(quality.received),
        sent: flow(quality.sent),
        repaired: quality.repaired,
        dropped: quality.dropped,
        pictures: pictures(&quality.slots),
    }
}

/// What is withheld is known to whoever follows the slots.
fn pictures(slots: &[media::SlotQuality]) -> Pictures {
    let shown = slots.iter().filter_map(|slot| slot.picture);
    let area = |size: &(u32, u32)| u64::from(size.0) * u64::from(size.1);
    Pictures {
        shown: u32::try_from(shown.clone().count()).unwrap_or(u32::MAX),
        largest: shown.filter_map(|picture| picture.size).max_by_key(area),
        ..Pictures::default()
    }
}

fn flow(flow: media::Flow) -> Flow {
    Flow {
        packets: flow.packets,
        bytes: flow.bytes,
        lost: flow.lost,
    }
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

fn withheld(delivery: Delivery) -> Option<Withheld> {
    match delivery {
        Delivery::Sent => None,
        Delivery::Paused => Some(Withheld::Paused),
        Delivery::Unplayable => Some(Withheld::Unplayable),
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
        match self.engine.offer(RoomId(offer.room), PeerId(offer.peer.0), wanted).await {
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
        self.engine.declare(PeerId(peer.0), declared);
    }

    fn set_open(&self, peer: signal::media_plane::PeerId, publication: u32, open: bool) {
        self.engine.set_open(PeerId(peer.0), PublicationId(publication), open);
    }

    fn subscribe(&self, peer: signal::media_plane::PeerId, wants: Vec<Wanted>) {
        let wants = wants
            .into_iter()
            .map(|want| Want {
                publication: PublicationId(want.publication),
                width: want.width,
                height: want.height,
                priority: priority(want.priority),
                max_fps: 0,
            })
            .collect();
        self.engine.subscribe(PeerId(peer.0), wants);
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
        self.engine.tap(PeerId(peer.0), tap);
    }

    fn set_receiving(&self, peer: signal::media_plane::PeerId, receiving: bool) {
        self.engine.set_receiving(PeerId(peer.0), receiving);
    }

    fn remove(&self, peer: signal::media_plane::PeerId) {
        self.engine.remove(PeerId(peer.0));
    }

    fn ice_servers(&self, visit: &str) -> Vec<IceServer> {
        self.ways.as_ref().map(|ways| ways.ice_servers(visit)).unwrap_or_default()
    }

    fn end_ice_servers(&self, visit: &str) {
        if let Some(ways) = &self.ways {
            ways.end(visit);
        }
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

    #[test]
    fn of_several_pictures_the_largest_counts() {
        let slot = |picture| media::SlotQuality {
            picture,
            ..media::SlotQuality::default()
        };
        let picture = |size| Some(media::Picture { rank: 0, size });
        let slots = [
            slot(None),
            slot(picture(Some((320, 180)))),
            slot(picture(None)),
            slot(picture(Some((180, 640)))),
        ];
        let counted = pictures(&slots);
        assert_eq!((counted.shown, counted.largest), (3, Some((180, 640))));
        assert_eq!(pictures(&slots[..1]), Pictures::default());
    }

    #[test]
    fn what_is_not_sent_is_withheld_for_the_reason_that_the_engine_gives() {
        let deliveries = [Delivery::Sent, Delivery::Paused, Delivery::Unplayable];
        assert_eq!(deliveries.map(withheld), [None, Some(Withheld::Paused), Some(Withheld::Unplayable)]);
    }
}
