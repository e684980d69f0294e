//! A sender that has been at work for a while allocates nothing: not for packets, nor for repairs, reports and what the client tells.

use std::time::{Duration, Instant};

use allocation_counter::{measure, opt_out};
use rtp::rtcp::Block;
use rtp::rtcp::write::{Arrived, Compound, nack, receiver_report, transport_feedback};

use super::*;

/// Between two rounds.
const STEP: Duration = Duration::from_millis(20);
const CAMERAS: u16 = 9;

/// A place from which nothing is sent.
struct Fixed {
    place: Vec<u8>,
    datagrams: u64,
}

impl Composer for Fixed {
    fn compose(&mut self, most: usize, write: impl FnOnce(&mut [u8]) -> Option<usize>) {
        if self.place.get_mut(..most).and_then(write).is_some() {
            self.datagrams += 1;
        }
    }
}

/// A meeting of ten as one client receives it: nine cameras and a voice.
struct Meeting {
    sender: Sender,
    client: Client,
    picture: Arc<Inbound>,
    voice: Arc<Inbound>,
    now: Instant,
    round: u32,
    composer: Fixed,
}

impl Meeting {
    fn new(formats: Formats) -> Self {
        let now = Instant::now();
        let slots: Vec<(Line, bool)> = (0..=CAMERAS).map(|line| (Line(line), line == CAMERAS)).collect();
        let (mut sender, client) = sender(now, &slots);
        sender.negotiate(formats, &slots);
        Self {
            sender,
            client,
            picture: picture(now, 1_100),
            voice: voice(now),
            now,
            round: 0,
            composer: Fixed {
                place: vec![0; 4_096],
                datagrams: 0,
            },
        }
    }

    /// A packet in every slot.
    fn round(&mut self) {
        self.now += STEP;
        self.round += 1;
        for line in 0..=CAMERAS {
            let packet = if line == CAMERAS { &self.voice } else { &self.picture };
            let numbers = numbers(self.round.into(), self.round * 960);
            assert!(self.sender.queue(packet, Line(line), numbers));
        }
        self.sender.turn(self.now, wall(self.now), &mut self.composer);
    }

    /// What `write` makes of a report comes from the client; making it is not counted.
    fn told(&mut self, write: impl FnOnce(&mut [u8]) -> usize) {
        let mut report = Vec::new();
        opt_out(|| report = self.client.report(write));
        assert!(self.sender.feedback(self.now, wall(self.now), &report).is_some());
        opt_out(|| drop(report));
    }
}

/// Rounds until everything has its size: history, and the report of the first second.
const WARM: u32 = 700;

#[test]
fn packets_and_sender_reports_allocate_nothing() {
    let mut meeting = Meeting::new(FORMATS);
    (0..WARM).for_each(|_| meeting.round());
    let before = meeting.composer.datagrams;
    let counted = measure(|| (0..500).for_each(|_| meeting.round()));
    // Ten seconds have ten reports.
    assert_eq!(meeting.composer.datagrams - before, 500 * 10 + 10);
    assert_eq!(counted.count_total, 0, "{counted:?}");
    // The counter counts: a packet that is made anew is seen.
    let counted = measure(|| {
        meeting.picture = picture(meeting.now, 1_100);
        meeting.round();
    });
    assert_ne!(counted.count_total, 0);
}

#[test]
fn repairs_allocate_nothing() {
    let mut meeting = Meeting::new(FORMATS);
    let lossy = |meeting: &mut Meeting| {
        meeting.round();
        let (ssrc, _) = ssrcs(&meeting.sender, Line(3));
        let [.., high, low] = meeting.round.to_be_bytes();
        let newest = u16::from_be_bytes([high, low]);
        let lsr = rtp::ntp::middle(wall(meeting.now - STEP));
        meeting.told(|out| {
            let mut compound = Compound::new(out);
            let block = Block {
                ssrc,
                lsr,
                ..Block::default()
            };
            compound.push(|out| receiver_report(out, REPORTER, &[block])).unwrap();
            if newest.is_multiple_of(5) {
                compound.push(|out| nack(out, REPORTER, ssrc, [newest])).unwrap();
            }
            compound.length()
        });
    };
    (0..WARM).for_each(|_| lossy(&mut meeting));
    let before = meeting.composer.datagrams;
    let counted = measure(|| (0..500).for_each(|_| lossy(&mut meeting)));
    assert_eq!(meeting.composer.datagrams - before, 500 * 10 + 10 + 100);
    assert_eq!(counted.count_total, 0, "{counted:?}");
}

#[test]
fn what_the_client_tells_of_arrivals_allocates_nothing() {
    let mut meeting = Meeting::new(Formats {
        transport: Some(5),
        ..FORMATS
    });
    let (mut number, mut count) = (0_u16, 0);
    let mut told = |meeting: &mut Meeting| {
        let before = meeting.composer.datagrams;
        meeting.round();
        // Every packet came 30 ms later; reports have no number.
        let arrived = i64::from(meeting.round) * 80 + 120;
        let sent = meeting.composer.datagrams - before;
        let mut packets = [(0, None); 64];
        for packet in packets.iter_mut().take(usize::try_from(sent).unwrap()) {
            number = number.wrapping_add(1);
            *packet = (number, Some(arrived));
        }
        let packets = &packets[..usize::try_from(sent.min(10)).unwrap()];
        count = u8::wrapping_add(count, 1);
        meeting.told(|out| {
            let arrived = Arrived {
                sender: REPORTER,
                media: 1,
                feedback_count: count,
                packets,
            };
            transport_feedback(out, &arrived).unwrap().length
        });
    };
    assert_eq!(meeting.sender.budget(), None);
    (0..WARM).for_each(|_| told(&mut meeting));
    assert!(meeting.sender.budget().is_some(), "it goes by what the client tells");
    let counted = measure(|| (0..500).for_each(|_| told(&mut meeting)));
    assert_eq!(counted.count_total, 0, "{counted:?}");
}
