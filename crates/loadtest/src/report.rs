//! Reports of a light receiver (RFC 3550 §6.4.2): what it got, so that the server sees a living participant.

/// One stream in a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) ssrc: u32,
    /// Part of the packets since the last report that did not come, of 256.
    pub(crate) lost: u8,
    pub(crate) lost_in_all: u32,
    pub(crate) highest: u32,
}

/// Blocks that one report has at most.
pub(crate) const MOST_BLOCKS: usize = 31;

/// A receiver report, plain.
pub(crate) fn receiver_report(sender: u32, blocks: &[Block]) -> Vec<u8> {
    let blocks = blocks.get(..blocks.len().min(MOST_BLOCKS)).unwrap_or_default();
    let words = u16::try_from(1 + 6 * blocks.len()).unwrap_or_default();
    let mut report = vec![0x80 | u8::try_from(blocks.len()).unwrap_or_default(), 201];
    report.extend(words.to_be_bytes());
    report.extend(sender.to_be_bytes());
    for block in blocks {
        report.extend(block.ssrc.to_be_bytes());
        report.extend((u32::from(block.lost) << 24 | block.lost_in_all.min(0x7f_ffff)).to_be_bytes());
        report.extend(block.highest.to_be_bytes());
        // Jitter, and the last sender report with its delay: a light receiver keeps none.
        report.extend([0; 12]);
    }
    report
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_has_the_length_that_it_says() {
        for count in [0, 1, 31, 40] {
            let block = Block {
                ssrc: 7,
                lost: 128,
                lost_in_all: 3,
                highest: 9,
            };
            let report = receiver_report(1, &vec![block; count]);
            assert_eq!(usize::from(report[0] & 0x1f), count.min(MOST_BLOCKS));
            assert_eq!(usize::from(u16::from_be_bytes([report[2], report[3]])) * 4 + 4, report.len());
        }
    }
}
