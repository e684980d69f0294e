use proptest::collection::vec;
use proptest::prelude::*;

use super::super::write;
use super::*;

prop_compose! {
    fn block()(ssrc: u32, fraction: u8, cumulative in -0x0080_0000..0x0080_0000, highest_seq: u32, jitter: u32, lsr: u32, dlsr: u32) -> Block {
        Block { ssrc, fraction, cumulative, highest_seq, jitter, lsr, dlsr }
    }
}

proptest! {
    #[test]
    fn reports(ssrc: u32, ntp: u64, rtp_timestamp: u32, packets: u32, octets: u32, blocks in vec(block(), 0..=31)) {
        let mut out = [0xff; 1_000];
        let info = SenderInfo { ssrc, ntp, rtp_timestamp, packets, octets };
        let length = write::sender_report(&mut out, &info, &blocks).unwrap();
        let Ok(Packet::SenderReport(read)) = only(&out[..length]) else { panic!() };
        prop_assert_eq!((read.info, read.blocks.collect::<Vec<_>>()), (info, blocks.clone()));
        let length = write::receiver_report(&mut out, ssrc, &blocks).unwrap();
        let Ok(Packet::ReceiverReport(read)) = only(&out[..length]) else { panic!() };
        prop_assert_eq!((read.ssrc, read.blocks.collect::<Vec<_>>()), (ssrc, blocks));
    }

    #[test]
    fn losses_beyond_their_field_are_the_furthest(cumulative: i32) {
        let mut out = [0; 32];
        write::receiver_report(&mut out, 1, &[Block { cumulative, ..Block::default() }]).unwrap();
        let Ok(Packet::ReceiverReport(mut read)) = only(&out) else { panic!() };
        prop_assert_eq!(read.blocks.next().unwrap().cumulative, cumulative.clamp(-0x0080_0000, 0x007f_ffff));
    }

    #[test]
    fn descriptions_and_leave_taking(ssrc: u32, name in vec(any::<u8>(), 0..=255), ssrcs in vec(any::<u32>(), 0..=31)) {
        let mut out = [0xff; 500];
        let length = write::cname(&mut out, ssrc, &name).unwrap();
        let Ok(Packet::Sdes(read)) = only(&out[..length]) else { panic!() };
        prop_assert_eq!(read.chunks().map(|chunk| (chunk.ssrc, chunk.cname())).collect::<Vec<_>>(), [(ssrc, Some(&name[..]))]);
        let length = write::bye(&mut out, &ssrcs, &name).unwrap();
        let Ok(Packet::Bye(read)) = only(&out[..length]) else { panic!() };
        prop_assert_eq!(read.ssrcs().collect::<Vec<_>>(), ssrcs);
        prop_assert_eq!(read.reason, (!name.is_empty()).then_some(&name[..]));
    }

    #[test]
    fn requests(sender: u32, media: u32, first: u16, steps in vec(1..40_u16, 0..100), keys in vec(any::<(u32, u8)>(), 1..9)) {
        let mut out = [0xff; 500];
        let lost: Vec<u16> = steps.iter().scan(first, |at, step| { *at = at.wrapping_add(*step); Some(*at) }).collect();
        let length = write::nack(&mut out, sender, media, lost.iter().copied()).unwrap();
        if lost.is_empty() {
            prop_assert_eq!(length, 0);
        } else {
            let Ok(Packet::Nack(read)) = only(&out[..length]) else { panic!() };
            prop_assert_eq!((read.sender, read.media, read.lost().collect::<Vec<_>>()), (sender, media, lost));
        }
        let length = write::fir(&mut out, sender, &keys).unwrap();
        let Ok(Packet::Fir(read)) = only(&out[..length]) else { panic!() };
        prop_assert_eq!((read.sender, read.requests().collect::<Vec<_>>()), (sender, keys));
    }

    #[test]
    fn estimates_lose_less_than_their_precision(sender: u32, bits in 0..64_u32, bitrate: u64, ssrcs in vec(any::<u32>(), 0..9)) {
        let bitrate = bitrate >> bits;
        let mut out = [0xff; 100];
        let length = write::remb(&mut out, sender, bitrate, &ssrcs).unwrap();
        let Ok(Packet::Remb(read)) = only(&out[..length]) else { panic!() };
        prop_assert_eq!((read.sender, read.ssrcs().collect::<Vec<_>>()), (sender, ssrcs));
        prop_assert!(read.bitrate <= bitrate && bitrate - read.bitrate <= bitrate >> 17, "{} {}", read.bitrate, bitrate);
    }

    #[test]
    fn times_of_receivers(ssrc: u32, ntp: u64, answers in vec(any::<(u32, u32, u32)>(), 0..9)) {
        let mut out = [0xff; 200];
        let mut compound = write::Compound::new(&mut out);
        compound.push(|out| write::receiver_time(out, ssrc, ntp)).unwrap();
        compound.push(|out| write::receiver_time_answers(out, ssrc, &answers)).unwrap();
        let blocks: Vec<_> = packets(compound.packets())
            .flat_map(|packet| match packet {
                Ok(Packet::Xr(xr)) => xr.blocks().collect::<Vec<_>>(),
                other => panic!("{other:?}"),
            })
            .collect();
        let [XrBlock::Rrtr { ntp: read }, XrBlock::Dlrr(entries)] = blocks[..] else { panic!() };
        prop_assert_eq!((read, entries.collect::<Vec<_>>()), (ntp, answers));
    }

    #[test]
    fn arbitrary_bytes_are_read_or_refused(packet_type in 198..=209_u8, format: u8, words in 0..30_u8, bytes in vec(any::<u8>(), 0..120)) {
        let datagram = [&[0x80 | format & 0x3f, packet_type, 0, words][..], &bytes].concat();
        let mut count = 0;
        for packet in packets(&datagram) {
            count += 1;
            match packet {
                Ok(Packet::SenderReport(report)) => prop_assert!(report.blocks.count() <= 31),
                Ok(Packet::ReceiverReport(report)) => prop_assert!(report.blocks.count() <= 31),
                Ok(Packet::Sdes(sdes)) => prop_assert!(sdes.chunks().map(|chunk| chunk.items().count()).sum::<usize>() <= bytes.len()),
                Ok(Packet::Nack(nack)) => prop_assert!(nack.lost().count() <= 17 * bytes.len()),
                Ok(Packet::Xr(xr)) => prop_assert!(xr.blocks().count() <= bytes.len()),
                Ok(Packet::TransportFeedback(feedback)) => {
                    prop_assert_eq!(feedback.statuses().count(), usize::from(feedback.status_count));
                    prop_assert!(feedback.arrivals().count() <= bytes.len());
                }
                _ => {}
            }
        }
        prop_assert!(4 * count <= datagram.len() + 3);
    }
}
