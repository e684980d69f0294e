//! The same packets come to our ingress and to str0m's: what they hand out is the same, and what they ask for is what is missing.
//!
//! A publisher (str0m) with a voice, a camera and a camera in three layers sends through a network that loses and reorders. What it sends goes to a server
//! as the engine's was, whose requests it answers, and to [`Peer`](crate::peer::Peer) with the same keys: each is the server of a client of its own, and
//! both clients are told to send the same.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use str0m::media::{MediaKind, Mid, Simulcast, SimulcastLayer};
use str0m::rtp::{RtpPacket, RtpWrite};

use crate::peer::Happened;
use crate::send::tests::link::{End, Ours, Stock, connect};

/// What the publisher sends on: source and number of its packets in the test.
const TRACKS: usize = 5;

/// A packet of the publisher.
#[derive(Debug, Clone)]
struct Step {
    track: usize,
    /// Its datagram does not come, the first time.
    lost: bool,
    /// It comes so many datagrams later.
    late: usize,
    /// What comes before it, in milliseconds.
    pause: u64,
    bytes: usize,
}

prop_compose! {
    fn step()(
        track in 0..TRACKS,
        lost in prop::bool::weighted(0.08),
        late in prop_oneof![8 => Just(0_usize), 1 => 1..4_usize],
        pause in 0..15_u64,
        bytes in 12..1_100_usize,
    ) -> Step {
        Step { track, lost, late, pause, bytes }
    }
}

/// A packet as somebody who gets it sees it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Seen {
    index: u64,
    timestamp: u32,
    marker: bool,
    payload: Vec<u8>,
}

/// A server that hands out what it gets by track.
trait Server: End {
    fn begin(now: Instant, offer: &str) -> (Self, String)
    where
        Self: Sized;
    /// What came since the last call, as (m-line, layer, packet).
    fn came(&mut self, mids: &[Mid]) -> Vec<(usize, usize, Seen)>;
}

const RIDS: [&str; 3] = ["h", "m", "l"];

impl Server for Stock {
    fn begin(now: Instant, offer: &str) -> (Self, String) {
        Stock::server(now, offer)
    }

    fn came(&mut self, mids: &[Mid]) -> Vec<(usize, usize, Seen)> {
        let received: Vec<RtpPacket> = self.received.drain(..).collect();
        let came = received.into_iter().map(|packet| {
            let mut api = self.rtc.direct_api();
            let stream = api.stream_rx(&packet.header.ssrc).unwrap();
            let line = mids.iter().position(|mid| *mid == stream.mid()).unwrap();
            let rid = stream.rid();
            let layer = rid.map_or(0, |rid| RIDS.iter().position(|name| *name == &*rid).unwrap());
            let seen = Seen {
                index: *packet.seq_no,
                timestamp: packet.header.timestamp,
                marker: packet.header.marker,
                payload: packet.payload.to_vec(),
            };
            (line, layer, seen)
        });
        came.collect()
    }
}

impl Server for Ours {
    fn begin(now: Instant, offer: &str) -> (Self, String) {
        Ours::server(now, offer)
    }

    fn came(&mut self, mids: &[Mid]) -> Vec<(usize, usize, Seen)> {
        let mut came = Vec::new();
        for happened in std::mem::take(&mut self.happened) {
            let Happened::Packet(packet) = happened else { continue };
            let route = &packet.route;
            let line = mids.iter().position(|mid| self.line(*mid) == route.line).unwrap();
            // Layers are from low to high as the client named them.
            let info = self.peer.session().info(route.line).unwrap();
            let rid = info.rids.get(usize::from(route.layer.0));
            let layer = rid.map_or(0, |rid| RIDS.iter().position(|name| *name == &**rid).unwrap());
            let seen = Seen {
                index: route.seq,
                timestamp: route.timestamp,
                marker: route.marker,
                payload: packet.payload.to_vec(),
            };
            came.push((line, layer, seen));
        }
        came
    }
}

/// A client and its server.
struct Path<S> {
    client: Stock,
    server: S,
    mids: Vec<Mid>,
    now: Instant,
    /// Datagrams that come later: how many others come before, and what.
    late: Vec<(usize, Vec<u8>)>,
    came: BTreeMap<(usize, usize), Vec<Seen>>,
}

impl<S: Server> Path<S> {
    fn new(begin: Instant) -> Self {
        let layers = RIDS.map(SimulcastLayer::new);
        let mut simulcast = Simulcast::new();
        layers.into_iter().for_each(|layer| simulcast.add_send_layer(layer));
        let kinds = [
            (MediaKind::Audio, None),
            (MediaKind::Video, None),
            (MediaKind::Video, Some(simulcast)),
        ];
        let (mut client, mids, offer, pending) = Stock::publisher(begin, kinds.into());
        let (mut server, answer) = S::begin(begin, &offer);
        client.answered(pending, &answer);
        let now = connect(begin, &mut client, &mut server);
        // Its limit for repairs begins at nothing.
        let mut api = client.rtc.direct_api();
        for (line, rid) in [(1, None)].into_iter().chain(RIDS.map(|rid| (2, Some(rid.into())))) {
            let stream = api.stream_tx_by_mid(mids[line], rid).unwrap();
            stream.set_rtx_cache(1_000, Duration::from_secs(3), None);
        }
        Self {
            client,
            server,
            mids,
            now,
            late: Vec::new(),
            came: BTreeMap::new(),
        }
    }

    /// Sends a packet; its datagram comes as the step says, everything else at once.
    fn send(&mut self, step: &Step, number: u64) {
        self.now += Duration::from_millis(step.pause);
        let (line, rid) = match step.track {
            track @ 0..2 => (track, None),
            track => (2, Some(RIDS[track - 2].into())),
        };
        let mid = self.mids[line];
        let payload_type = self.client.rtc.media(mid).unwrap().remote_pts()[0];
        // A descriptor of VP8 without extensions, the beginning of a frame.
        let mut payload = vec![0x10; step.bytes];
        payload[1..9].copy_from_slice(&number.to_be_bytes());
        let timestamp = (number & 0xffff_ffff) as u32 * 900;
        let write = RtpWrite::new(payload_type, number.into(), timestamp, self.now, payload).marker(number.is_multiple_of(3));
        let mut api = self.client.rtc.direct_api();
        api.stream_tx_by_mid(mid, rid).unwrap().write_rtp(write.nackable(line > 0));
        self.client.pass(self.now);
        let mut sent = self.client.sent();
        // The media is last: what else there is was there before.
        let media = sent.pop().unwrap();
        sent.into_iter().for_each(|datagram| self.server.take(self.now, &datagram));
        if !step.lost {
            self.late.push((step.late, media));
        }
        self.arrive();
        self.settle(1);
    }

    fn arrive(&mut self) {
        for (left, datagram) in std::mem::take(&mut self.late) {
            match left.checked_sub(1) {
                Some(left) => self.late.push((left, datagram)),
                None => self.server.take(self.now, &datagram),
            }
        }
    }

    /// Lets both ends answer each other for so many steps of some milliseconds.
    fn settle(&mut self, steps: usize) {
        for step in 0..steps {
            if step > 0 {
                self.now += Duration::from_millis(5);
            }
            self.server.pass(self.now);
            for datagram in self.server.sent() {
                self.client.take(self.now, &datagram);
            }
            self.client.pass(self.now);
            for datagram in self.client.sent() {
                self.server.take(self.now, &datagram);
            }
        }
        for (line, layer, seen) in self.server.came(&self.mids) {
            self.came.entry((line, layer)).or_default().push(seen);
        }
    }
}

/// All that comes when these steps are sent, by track: packets by number, each once.
fn all<S: Server>(steps: &[Step]) -> BTreeMap<(usize, usize), BTreeSet<Seen>> {
    let mut path = Path::<S>::new(Instant::now());
    let mut numbers = [65_500, 65_510, 65_520, 65_530, 100];
    // At the beginning and at the end of each track nothing is lost: nobody misses what is before all others or behind.
    let calm = (0..4 * TRACKS).map(|step| Step {
        track: step % TRACKS,
        lost: false,
        late: 0,
        pause: 5,
        bytes: 100,
    });
    for step in calm.clone().chain(steps.iter().cloned()).chain(calm) {
        let number = &mut numbers[step.track];
        path.send(&step, *number);
        *number += 1;
    }
    for _ in 0..4 {
        path.arrive();
    }
    path.settle(300);
    let tracks = path.came.into_iter().map(|(track, came)| {
        let count = came.len();
        let came: BTreeSet<Seen> = came.into_iter().collect();
        assert_eq!(came.len(), count, "a packet came twice");
        (track, came)
    });
    tracks.collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_comes_of_publications_is_what_str0m_would_have_handed_out(steps in prop::collection::vec(step(), 1..150)) {
        let (ours, stock) = (all::<Ours>(&steps), all::<Stock>(&steps));
        let numbers = |all: &BTreeMap<(usize, usize), BTreeSet<Seen>>| -> BTreeMap<(usize, usize), Vec<u64>> {
            all.iter().map(|(track, came)| (*track, came.iter().map(|seen| seen.index).collect())).collect()
        };
        prop_assert_eq!(numbers(&ours), numbers(&stock));
        prop_assert_eq!(&ours, &stock);
        // Of video nothing is missing in the end.
        for ((line, layer), came) in &ours {
            if *line > 0 {
                let indexes: Vec<u64> = came.iter().map(|seen| seen.index).collect();
                prop_assert!(indexes.windows(2).all(|pair| pair[0] + 1 == pair[1]), "{} {}: {:?}", line, layer, indexes);
            }
        }
    }
}
