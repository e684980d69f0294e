mod golden;
mod refused;
mod round_trip;
mod transport;

use super::*;

/// The only packet of a datagram.
fn only(datagram: &[u8]) -> Result<Packet<'_>, Malformed> {
    let mut all = packets(datagram);
    let packet = all.next().expect("there is a packet");
    assert_eq!(all.next(), None);
    packet
}
