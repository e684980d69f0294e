//! A receiver that has been at work for a while allocates what it hands out and nothing else: not for reports, nor for arrivals.

use allocation_counter::{measure, opt_out};

use super::*;

/// Sends so many pictures and says what is due.
fn show(pair: &mut Pair, from: u64, count: u64) -> usize {
    let mut said = 0;
    for index in from..from + count {
        pair.now += 20 * MS;
        let number = (index & 0xffff).to_be_bytes();
        let mut datagram = Vec::new();
        opt_out(|| {
            let sent = Sent {
                extensions: &[(TRANSPORT, &number[6..])],
                timestamp: (index & 0xffff) as u32 * 1_800,
                ..picture(index)
            };
            datagram = pair.seal(&sent);
        });
        assert!(matches!(pair.take(&datagram), Some(Taken::Packet(_))));
        opt_out(|| drop(datagram));
        let mut out = [0; 1_100];
        while pair.receiver.is_due(pair.now) {
            said += usize::from(pair.receiver.write(pair.now, pair.speaker, &mut out).is_some());
        }
    }
    said
}

#[test]
fn a_packet_allocates_its_payload_and_what_is_said_of_it_nothing() {
    let mut pair = Pair::new();
    show(&mut pair, 1, 500);
    let mut said = 0;
    let counted = measure(|| said = show(&mut pair, 501, 500));
    assert!(said >= 100, "{said}");
    assert_eq!(counted.count_total, 500, "{counted:?}");
}
