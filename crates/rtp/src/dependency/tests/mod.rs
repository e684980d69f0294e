mod golden;
mod random;

use super::*;

/// Bytes from bits as text; spaces are left out, and so is what follows a `#`.
fn bytes(text: &str) -> Vec<u8> {
    let bits: Vec<u8> = text
        .lines()
        .flat_map(|line| line.split('#').next().unwrap().bytes().filter(u8::is_ascii_digit))
        .map(|bit| bit - b'0')
        .collect();
    bits.chunks(8)
        .map(|bits| (0..8).fold(0, |byte, at| byte << 1 | bits.get(at).unwrap_or(&0)))
        .collect()
}
