//! Load on our own engine, in this process: what is offered arrives, and is measured.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "test code")]

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use loadtest::{Driver, Mode, Offering, Participant, ParticipantId, Send, Video, codecs, full_codecs};
use media::{Declared, Engine, EngineConfig, MediaKind, Offer, PeerId, PublicationId, RoomId, Want};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

struct House {
    engine: Engine,
    runtime: tokio::runtime::Runtime,
    driver: Driver,
}

impl House {
    fn new() -> Self {
        let config = EngineConfig::new(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        Self {
            engine: Engine::start(config, Box::new(|_| {})).unwrap(),
            runtime: tokio::runtime::Builder::new_current_thread().build().unwrap(),
            driver: Driver::new().unwrap(),
        }
    }

    /// Somebody in the room, with what they can send.
    fn joins(&mut self, number: u32, mode: Mode, offering: Offering) -> (ParticipantId, Vec<Send>) {
        let id = self
            .driver
            .add(HERE, |now, local| {
                let codecs = if mode == Mode::Full { full_codecs } else { codecs };
                Participant::new(now, local, number, mode, codecs)
            })
            .unwrap();
        let participant = self.driver.get(id).unwrap();
        let offered = participant.offer(offering).unwrap();
        let peer = PeerId(number.into());
        let offer = Offer {
            sdp: offered.sdp.clone(),
            fresh: true,
        };
        let answer = self
            .runtime
            .block_on(self.engine.offer(RoomId("room".to_owned()), peer, offer))
            .unwrap();
        let declared = [(MediaKind::Microphone, offered.audio), (MediaKind::Camera, offered.video)]
            .into_iter()
            .filter_map(|(kind, mid)| {
                Some(Declared {
                    id: PublicationId(number * 2 + u32::from(kind == MediaKind::Camera)),
                    kind,
                    mid: mid?.to_string(),
                    open: true,
                })
            });
        self.engine.declare(peer, declared.collect());
        (id, participant.accept(offered, &answer.sdp).unwrap())
    }
}

fn webinar(mode: Mode, video: Video) {
    const RECEIVERS: u32 = 20;
    let mut house = House::new();
    let (speaker, sends) = house.joins(
        1,
        Mode::Full,
        Offering {
            audio: true,
            video,
            slots: (0, 0),
        },
    );
    for number in 2..2 + RECEIVERS {
        house.joins(
            number,
            mode,
            Offering {
                audio: false,
                video: Video::Off,
                slots: (5, 1),
            },
        );
        let want = Want {
            publication: PublicationId(3),
            width: 1_280,
            height: 720,
            priority: 0,
            max_fps: 0,
        };
        house.engine.subscribe(PeerId(number.into()), vec![want]);
    }
    let late = Instant::now() + Duration::from_secs(20);
    house
        .driver
        .run(late, |driver| driver.participants().all(|one| one.connected().is_some()))
        .unwrap();
    assert!(house.driver.participants().all(|one| one.connected().is_some()));
    house.driver.get(speaker).unwrap().start(Instant::now(), &sends);
    // Everybody sees and hears before anything is counted.
    let both = |driver: &Driver| driver.participants().skip(1).all(|one| one.received().streams == 2);
    house.driver.run(late, both).unwrap();
    assert!(both(&house.driver));
    house.driver.begin_to_count();
    let enough = |driver: &Driver| driver.participants().skip(1).all(|one| one.received().packets >= 400);
    house.driver.run(late, enough).unwrap();
    for one in house.driver.participants().skip(1) {
        let received = one.received();
        assert!(received.packets >= 400 && received.streams == 2, "{received:?}");
        // What is being asked for again at the end may be missing, and a machine that does much else may drop a datagram.
        assert!(received.packets * 100 >= received.expected * 99, "{received:?}");
        assert!(received.latency.len() >= 10);
        assert!(received.latency.quantile(0.5).unwrap() < Duration::from_secs(1));
    }
    assert_eq!(house.driver.unsent(), 0);
}

#[test]
fn light_receivers_of_a_webinar_get_all_of_it() {
    webinar(Mode::Light, Video::Plain);
}

#[test]
fn full_receivers_of_a_webinar_get_all_of_it_with_simulcast() {
    webinar(Mode::Full, Video::Simulcast);
}
