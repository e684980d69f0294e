//! A voice to a client that loses packets: what was lost is in the packets behind it, and who loses nothing gets plain packets.

use std::time::{Duration, Instant};

use rtp::codec::red;
use rtp::rtcp::Block;
use rtp::rtcp::write::receiver_report;

use super::*;

const OPUS: u8 = 111;
const RED: u8 = 63;
const FRAME: Duration = Duration::from_millis(20);

fn with_red() -> Formats {
    let mut formats = FORMATS;
    let format = Format {
        payload_type: RED,
        rtx: None,
    };
    formats.set(Codec::Red, format);
    formats
}

struct Talk {
    now: Instant,
    sender: Sender,
    client: Client,
    spoken: u8,
}

/// What came of a packet: its payload type, and each block with its age in packets.
type Came = (u8, Vec<(u16, u8)>);

impl Talk {
    fn new(formats: Formats) -> Self {
        let now = Instant::now();
        let (mut sender, client) = sender(now, &SLOTS);
        sender.negotiate(formats, &SLOTS);
        Self {
            now,
            sender,
            client,
            spoken: 0,
        }
    }

    /// The client says that it lost so many of 256 packets.
    fn lose(&mut self, fraction: u8) {
        let ssrc = ssrcs(&self.sender, VOICE).0;
        let block = Block {
            ssrc,
            fraction,
            ..Block::default()
        };
        let report = self.client.report(|out| receiver_report(out, REPORTER, &[block]).unwrap());
        assert!(self.sender.feedback(self.now, wall(self.now), &report).is_some());
    }

    /// Says something that is so many bytes long, and hears what the client gets.
    fn say(&mut self, bytes: usize) -> Came {
        self.spoken += 1;
        let numbers = numbers(self.spoken.into(), u32::from(self.spoken) * 960);
        self.send(bytes, numbers)
    }

    fn send(&mut self, bytes: usize, numbers: Numbers) -> Came {
        self.now += FRAME;
        let packet = Inbound::plain(voice(self.now).route, vec![self.spoken; bytes]);
        assert!(self.sender.queue(&Arc::new(packet), VOICE, numbers));
        let (media, _) = self.client.open(&mut turn(&mut self.sender, self.now));
        let [one] = media.as_slice() else { panic!("{media:?}") };
        assert_eq!(u64::from(one.timestamp), u64::from(numbers.timestamp));
        let first = |data: &[u8]| data.first().copied().unwrap_or_default();
        if one.payload_type == OPUS {
            return (OPUS, vec![(0, first(&one.payload))]);
        }
        let blocks = red::blocks(&one.payload).unwrap().map(|block| {
            assert_eq!(block.payload_type, OPUS);
            (block.age / 960, first(block.data))
        });
        (one.payload_type, blocks.collect())
    }
}

#[test]
fn who_loses_nothing_gets_plain_packets() {
    let mut talk = Talk::new(with_red());
    assert_eq!(talk.say(80), (OPUS, vec![(0, 1)]));
    talk.lose(0);
    assert_eq!(talk.say(80), (OPUS, vec![(0, 2)]));
}

#[test]
fn who_loses_many_packets_finds_each_in_the_two_behind_it() {
    let mut talk = Talk::new(with_red());
    talk.say(80);
    talk.lose(26);
    assert_eq!(talk.say(80), (RED, vec![(0, 2)]), "nothing was kept before");
    assert_eq!(talk.say(80), (RED, vec![(1, 2), (0, 3)]));
    assert_eq!(talk.say(80), (RED, vec![(2, 2), (1, 3), (0, 4)]));
    assert_eq!(talk.say(80), (RED, vec![(2, 3), (1, 4), (0, 5)]));
}

#[test]
fn who_loses_some_finds_each_in_the_one_behind_it() {
    let mut talk = Talk::new(with_red());
    talk.lose(4);
    talk.say(80);
    talk.say(80);
    assert_eq!(talk.say(80), (RED, vec![(1, 2), (0, 3)]));
}

#[test]
fn when_nothing_is_lost_any_more_packets_are_plain_again_and_nothing_old_is_repeated_later() {
    let mut talk = Talk::new(with_red());
    talk.lose(26);
    talk.say(80);
    talk.say(80);
    talk.now += Duration::from_secs(15);
    assert_eq!(talk.say(80), (OPUS, vec![(0, 3)]));
    talk.lose(26);
    assert_eq!(talk.say(80), (RED, vec![(0, 4)]));
}

#[test]
fn who_knows_nothing_of_redundancy_gets_plain_packets_whatever_it_loses() {
    let mut talk = Talk::new(FORMATS);
    talk.lose(255);
    talk.say(80);
    assert_eq!(talk.say(80), (OPUS, vec![(0, 2)]));
}

#[test]
fn what_is_long_or_old_or_empty_is_not_repeated() {
    let mut talk = Talk::new(with_red());
    talk.lose(26);
    talk.say(301);
    assert_eq!(talk.say(300), (RED, vec![(0, 2)]), "too long");
    talk.say(80);
    // A pause of twenty packets: older than what an age can say.
    talk.spoken += 20;
    assert_eq!(talk.say(80), (RED, vec![(0, 24)]));
    let blank = Numbers {
        blank: true,
        ..numbers(25, 25 * 960)
    };
    talk.spoken = 25;
    assert_eq!(talk.send(80, blank), (OPUS, vec![(0, 0)]), "only the place of a packet");
    assert_eq!(talk.say(80), (RED, vec![(2, 24), (0, 26)]));
}

#[test]
fn a_late_packet_has_nothing_of_what_came_after_it() {
    let mut talk = Talk::new(with_red());
    talk.lose(26);
    talk.say(80);
    talk.spoken = 2;
    talk.say(80);
    assert_eq!(talk.send(80, numbers(2, 2 * 960)), (RED, vec![(1, 1), (0, 3)]));
}
