//! Headers and the values in their extensions.

use alloc::vec;
use alloc::vec::Vec;

use crate::demux::{Kind, kind};
use crate::ext::{
    AudioLevel, VideoOrientation, read_abs_send_time, read_name, read_transport_sequence, write_abs_send_time, write_name,
    write_transport_sequence,
};
use crate::{Fields, Header, write_header};

/// A packet, plain and sealed; what was read is written and read again.
pub(super) fn header(bytes: &[u8]) {
    let sealed = Header::parse_sealed(bytes);
    let plain = Header::parse(bytes);
    assert!(sealed.is_ok() || plain.is_err(), "padding alone can make a plain packet worse");
    let Ok(header) = plain else { return };
    assert!(matches!(kind(bytes), Kind::Rtp | Kind::Rtcp));
    assert_eq!(header.header_len() + header.payload().len() + header.padding(), bytes.len());
    assert!(header.csrcs().count() <= 15);
    let extensions: Vec<_> = header.extensions().collect();
    let taken: usize = extensions.iter().map(|(_, value)| 1 + value.len()).sum();
    assert!(taken <= header.header_len());
    for (id, _) in &extensions {
        assert!(header.extension(*id).is_some());
    }
    let fields = |header: &Header<'_>| Fields {
        payload_type: header.payload_type,
        marker: header.marker,
        sequence: header.sequence,
        timestamp: header.timestamp,
        ssrc: header.ssrc,
    };
    // Values of two-byte extensions may have taken less room than one-byte ones would.
    let mut room = vec![0xff; 2 * header.header_len() + 8];
    let written = write_header(&mut room, &fields(&header), &extensions);
    let again = written.ok().and_then(|length| Header::parse(room.get(..length)?).ok());
    assert_eq!(again.as_ref().map(fields), Some(fields(&header)));
    assert_eq!(again.map(|again| again.extensions().collect::<Vec<_>>()), Some(extensions));
}

/// The value of one extension, as every kind that there is.
pub(super) fn extension_values(bytes: &[u8]) {
    if let Some(level) = AudioLevel::read(bytes) {
        assert_eq!(bytes.first(), Some(&level.write()).map(|[byte]| byte));
    }
    if let Some(orientation) = VideoOrientation::read(bytes) {
        assert_eq!(VideoOrientation::read(&orientation.write()), Some(orientation));
    }
    if let Some(sequence) = read_transport_sequence(bytes) {
        assert_eq!(bytes.get(..2), Some(&write_transport_sequence(sequence)[..]));
    }
    if let Some(time) = read_abs_send_time(bytes) {
        assert_eq!(bytes.get(..3), Some(&write_abs_send_time(time)[..]));
    }
    if let Some(name) = read_name(bytes) {
        assert_eq!(write_name(name), Some(bytes));
    }
}
