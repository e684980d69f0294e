//! The size of pictures from a sequence parameter set of H.264 (ITU-T H.264 §7.3.2.1).

use super::Size;
use crate::bits::Bits;

/// Bytes of a parameter set that are read. Sets are far shorter; what is behind would be user data.
const LONGEST: usize = 256;
/// Entries that a list in a parameter set may have (§7.4.2.1).
const LONGEST_LIST: u32 = 255;

/// Of the pictures, from a parameter set with its header of one byte. Nothing when it is cut, or says what none may say.
pub(super) fn size(nal: &[u8]) -> Option<Size> {
    let mut plain = [0; LONGEST];
    let length = unescape(nal.get(1..)?, &mut plain);
    let mut bits = Bits::new(plain.get(..length)?);
    let profile = bits.take(8)?;
    bits.take(16)?; // constraints, level
    bits.exp_golomb()?; // id
    let mut chroma = 1;
    if [44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244].contains(&profile) {
        chroma = bits.exp_golomb()?;
        skip_chroma(&mut bits, chroma)?;
    }
    bits.exp_golomb()?; // width of frame numbers
    skip_order(&mut bits)?;
    bits.exp_golomb()?; // reference frames
    bits.flag()?; // gaps
    let width = bits.exp_golomb()?.checked_add(1)?;
    let height = bits.exp_golomb()?.checked_add(1)?;
    // Fields come in pairs, each with half of the lines.
    let fields = if bits.flag()? {
        1
    } else {
        bits.flag()?;
        2
    };
    bits.flag()?; // direct inference
    let mut crop = [0; 4];
    if bits.flag()? {
        for side in &mut crop {
            *side = bits.exp_golomb()?;
        }
    }
    let [left, right, top, bottom] = crop;
    // Cropping counts in samples of colour.
    let (across, down) = match chroma {
        1 => (2, 2),
        2 => (2, 1),
        _ => (1, 1),
    };
    Some(Size {
        width: cropped(width, 16, left, right, across)?,
        height: cropped(height, 16 * fields, top, bottom, down * fields)?,
    })
}

/// So many blocks of so many pixels, less what is cropped at either end.
fn cropped(blocks: u32, block: u32, one: u32, other: u32, unit: u32) -> Option<u16> {
    let crop = one.checked_add(other)?.checked_mul(unit)?;
    let pixels = blocks.checked_mul(block)?.checked_sub(crop)?;
    u16::try_from(pixels).ok().filter(|pixels| *pixels > 0)
}

/// Without the bytes that keep start codes out: each 3 behind two zeros (§7.4.1). Gives the length.
fn unescape(escaped: &[u8], plain: &mut [u8]) -> usize {
    let mut zeros = 0;
    let mut length = 0;
    for byte in escaped {
        if zeros >= 2 && *byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if *byte == 0 { zeros + 1 } else { 0 };
        let Some(place) = plain.get_mut(length) else { break };
        *place = *byte;
        length += 1;
    }
    length
}

fn skip_chroma(bits: &mut Bits<'_>, chroma: u32) -> Option<()> {
    if chroma == 3 {
        bits.flag()?; // separate planes
    }
    bits.exp_golomb()?; // depth of luma
    bits.exp_golomb()?; // depth of chroma
    bits.flag()?; // transform bypass
    if bits.flag()? {
        let lists = if chroma == 3 { 12 } else { 8 };
        for list in 0..lists {
            if bits.flag()? {
                skip_scaling(bits, if list < 6 { 16 } else { 64 })?;
            }
        }
    }
    Some(())
}

/// A scaling list (§7.3.2.1.1.1): differences, until one makes the next value zero.
fn skip_scaling(bits: &mut Bits<'_>, entries: u32) -> Option<()> {
    let mut next = 8;
    for _ in 0..entries {
        next = (next + bits.signed_exp_golomb()?).rem_euclid(256);
        if next == 0 {
            break;
        }
    }
    Some(())
}

/// How pictures are ordered.
fn skip_order(bits: &mut Bits<'_>) -> Option<()> {
    match bits.exp_golomb()? {
        0 => {
            bits.exp_golomb()?;
        }
        1 => {
            bits.flag()?;
            bits.signed_exp_golomb()?;
            bits.signed_exp_golomb()?;
            let entries = bits.exp_golomb()?;
            if entries > LONGEST_LIST {
                return None;
            }
            for _ in 0..entries {
                bits.signed_exp_golomb()?;
            }
        }
        _ => {}
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A parameter set from bits as text; spaces and what follows a `#` are left out. Escaped where it has to be.
    fn set(text: &str) -> Vec<u8> {
        let bits: Vec<u8> = text
            .lines()
            .flat_map(|line| line.split('#').next().unwrap().bytes().filter(u8::is_ascii_digit))
            .map(|bit| bit - b'0')
            .collect();
        let mut nal = vec![0x67];
        let mut zeros = 0;
        for byte in bits
            .chunks(8)
            .map(|bits| (0..8).fold(0, |byte, at| byte << 1 | bits.get(at).unwrap_or(&0)))
        {
            if zeros >= 2 && byte <= 3 {
                nal.push(3);
                zeros = 0;
            }
            zeros = if byte == 0 { zeros + 1 } else { 0 };
            nal.push(byte);
        }
        nal
    }

    #[test]
    fn a_baseline_set_of_1280_by_720() {
        // Kind 2 of order has no more fields.
        let text = "
            01000010 11000000 00011111
            1 1 011 010 0            # id 0, numbers, order 2, one reference frame, no gaps
            0000001010000 00000101101 # 80 and 45 blocks
            1 1 0 0 1                # frames, direct, no cropping, no more
        ";
        assert_eq!(size(&set(text)), Some(Size { width: 1_280, height: 720 }));
        let whole = set(text);
        for length in 0..whole.len() - 1 {
            assert_eq!(size(&whole[..length]), None, "cut at {length}");
        }
    }

    #[test]
    fn cropping_counts_in_samples_of_colour() {
        // 640 × 368 less four samples of two lines.
        let text = "
            01000010 11000000 00011111
            1 1 1 00100 010 0          # order 0 with a width
            00000101000 000010111      # 40 and 23 blocks
            1 1 1 1 1 1 00101 0 1      # cropping: 0 0 0 4
        ";
        assert_eq!(size(&set(text)), Some(Size { width: 640, height: 360 }));
    }

    #[test]
    fn a_sample_of_colour_is_as_large_as_the_format_says() {
        // One block of colours in full, half or no resolution, cropped by one sample at each side.
        for (profile, format, width, height) in [
            ("01000010", "", 12, 12),                // baseline has 4:2:0
            ("01100100", "1 1 1 0 0", 14, 14),       // grey
            ("01100100", "010 1 1 0 0", 12, 12),     // 4:2:0
            ("01111010", "011 1 1 0 0", 12, 14),     // 4:2:2
            ("11110100", "00100 0 1 1 0 0", 14, 14), // 4:4:4
        ] {
            let text = format!("{profile} 00000000 00101000 1 {format} 1 011 010 0 1 1 1 1 1 010 010 010 010 0 1");
            assert_eq!(size(&set(&text)), Some(Size { width, height }), "{profile} {format}");
        }
    }

    /// 6 × 2 blocks in frames, not cropped.
    const REST: &str = "010 0 00110 010 1 1 0 0 1";
    const SMALL: Option<Size> = Some(Size { width: 96, height: 32 });

    #[test]
    fn profiles_that_say_their_colours_are_those_of_the_standard() {
        for profile in 0..=255_u8 {
            let with_colours = [44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244].contains(&profile);
            let format = if with_colours { "010 1 1 0 0" } else { "" };
            let text = format!("{profile:08b} 00000000 00101000 1 {format} 1 011 {REST}");
            assert_eq!(size(&set(&text)), SMALL, "{profile}");
        }
    }

    #[test]
    fn scaling_lists_have_16_and_64_entries() {
        let list = |entries: usize| format!("1 {}", "1".repeat(entries));
        // Six of the first kind, two of the second; twelve in all where colours are in full.
        for (colours, large) in [("010", 2), ("00100 0", 6)] {
            let lists = list(16).repeat(6) + &list(64).repeat(large);
            let text = format!("01100100 00000000 00101000 1 {colours} 1 1 0 1 {lists} 1 011 {REST}");
            assert_eq!(size(&set(&text)), SMALL, "{colours}");
        }
    }

    #[test]
    fn an_order_with_a_list_is_skipped() {
        let set_with = |list: &str| set(&format!("01000010 00000000 00000000 1 1 010 1 {list} {REST}"));
        assert_eq!(size(&set_with("00100 00110 011 010 00100")), SMALL, "two entries");
        // ue(255), and one more.
        assert_eq!(size(&set_with(&format!("1 1 00000000100000000 {}", "1".repeat(255)))), SMALL);
        assert_eq!(size(&set_with(&format!("1 1 00000000100000001 {}", "1".repeat(256)))), None);
    }

    #[test]
    fn a_high_set_with_scaling_lists_and_fields() {
        // 120 blocks across, 34 pairs of fields down, cropped by two samples of four lines.
        let text = "
            01100100 00000000 00101000
            1 010 1 1 0               # id 0, 4:2:0, 8 bits, no bypass
            1                         # scaling lists:
            1 000010001               #   the first ends at once: 8 less 8
            0 0 0 0 0
            1 1111111111111111111111111111111111111111111111111111111111111111
            0
            1 010 1 1 1 1             # numbers, order 1: flag, two offsets, no list
            1 0                       # reference frames, gaps
            0000001111000 00000100010 # 120 and 34 blocks
            0 0 1                     # fields, not adaptive, direct
            1 1 1 1 011 1             # cropping: 0 0 0 2
        ";
        assert_eq!(
            size(&set(text)),
            Some(Size {
                width: 1_920,
                height: 1_080
            })
        );
    }

    #[test]
    fn impossible_sizes_are_none() {
        let with = |rest: &str| size(&set(&format!("01000010 00000000 00000000 1 1 011 1 0 {rest} 0000000000000000")));
        assert!(with("1 1 1 1 0").is_some(), "one block");
        assert_eq!(with("1 1 1 1 1 1 000010001 1 1"), None, "cropped to nothing");
        assert_eq!(with("1 1 1 1 1 0001001 1 1 1"), None, "nothing is left");
        assert_eq!(with("00000000000010000000000000 1 1 1 0"), None, "4096 blocks are 65,536 pixels");
    }

    #[test]
    fn bytes_that_keep_start_codes_out_are_left_out() {
        let mut plain = [9; 8];
        assert_eq!(unescape(&[0, 0, 3, 1, 0, 0, 3, 0, 0, 3], &mut plain), 7);
        assert_eq!(plain[..7], [0, 0, 1, 0, 0, 0, 0]);
        assert_eq!(unescape(&[0, 3, 0, 3, 0, 0, 1, 3], &mut plain), 8, "nothing to leave out");
        assert_eq!(unescape(&[0, 0, 3, 0, 3, 9], &mut plain), 5, "one, and not another behind one zero");
        assert_eq!(unescape(&[1; 9], &mut plain), 8, "no more than there is room for");
    }
}
