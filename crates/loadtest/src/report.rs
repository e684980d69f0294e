//! Reports of a light receiver (RFC 3550 §6.4.2): what it got, and when the server's reports came, by which the server knows how far away it is.

use std::time::Instant;

use rtp::ntp;
use rtp::rtcp::{self, Block, MOST_ENTRIES, Packet, write};
use srtp::Opener;

/// Bytes of a report with as many blocks as it may have.
const LONGEST: usize = 8 + 24 * MOST_ENTRIES;

/// The last report that came about a stream.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Heard {
    /// The middle of its time.
    stamp: u32,
    at: Instant,
}

impl Heard {
    /// What a block says of it: its time, and for how long it has been here.
    pub(crate) fn answer(self, now: Instant) -> (u32, u32) {
        (self.stamp, ntp::units(now.saturating_duration_since(self.at)))
    }
}

/// A receiver report, plain. Blocks beyond the most are left out.
pub(crate) fn receiver_report(sender: u32, blocks: &[Block]) -> Vec<u8> {
    let blocks = blocks.get(..blocks.len().min(MOST_ENTRIES)).unwrap_or_default();
    let mut report = vec![0; LONGEST];
    let length = write::receiver_report(&mut report, sender, blocks).unwrap_or(0);
    report.truncate(length);
    report
}

/// The streams that the sender reports of a sealed datagram speak of. Nothing when it cannot be opened.
pub(crate) fn heard(now: Instant, opener: &Opener, datagram: &[u8]) -> Vec<(u32, Heard)> {
    let mut plain = datagram.to_vec();
    let Ok(opened) = opener.open_rtcp(&mut plain) else {
        return Vec::new();
    };
    let packets = rtcp::packets(plain.get(..opened.length).unwrap_or_default());
    let reports = packets.map_while(Result::ok).filter_map(|packet| match packet {
        Packet::SenderReport(report) => Some(report.info),
        _ => None,
    });
    let heard = |info: rtcp::SenderInfo| {
        let stamp = ntp::middle(info.ntp);
        (info.ssrc, Heard { stamp, at: now })
    };
    reports.map(heard).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_report_has_the_length_that_it_says() {
        for count in [0, 1, 31, 40] {
            let report = receiver_report(1, &vec![Block::default(); count]);
            assert_eq!(usize::from(report[0] & 0x1f), count.min(MOST_ENTRIES));
            assert_eq!(usize::from(u16::from_be_bytes([report[2], report[3]])) * 4 + 4, report.len());
        }
    }

    #[test]
    fn a_report_that_came_is_answered_with_its_time_and_how_long_ago_it_was() {
        let now = Instant::now();
        let [server, client] = srtp::fuzz::sides(srtp::Profile::AeadAes128Gcm);
        let info = rtcp::SenderInfo {
            ssrc: 7,
            ntp: 0x1111_2222_3333_4444,
            ..rtcp::SenderInfo::default()
        };
        let mut datagram = vec![0; 28 + server.sealer.rtcp_overhead()];
        write::sender_report(&mut datagram, &info, &[]).unwrap();
        server.sealer.seal_rtcp(&mut datagram, 1).unwrap();
        let came = heard(now, &client.opener, &datagram);
        let [(ssrc, of_seven)] = came.as_slice() else {
            panic!("one stream")
        };
        assert_eq!(*ssrc, 7);
        assert_eq!(of_seven.answer(now + Duration::from_millis(500)), (0x2222_3333, 1 << 15));
        datagram[9] ^= 1;
        assert!(heard(now, &client.opener, &datagram).is_empty(), "forged");
    }
}
