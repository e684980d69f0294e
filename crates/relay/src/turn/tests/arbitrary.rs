//! Messages that nobody thought of.

use proptest::prelude::*;

use super::*;

/// A stream of messages that mostly can be read, some of them with what TURN knows in them.
fn a_stream() -> impl Strategy<Value = Vec<u8>> {
    let kinds = prop_oneof![
        Just(attribute::XOR_PEER_ADDRESS),
        Just(attribute::DATA),
        Just(attribute::CHANNEL_NUMBER),
        Just(attribute::LIFETIME),
        Just(attribute::REQUESTED_TRANSPORT),
        Just(attribute::USERNAME),
        Just(attribute::NONCE),
        any::<u16>()
    ];
    let values = prop_oneof![
        Just(vec![0, 1, 0x2E, 0xB2, 0xE1, 0x12, 0xA6, 0x43]),
        proptest::collection::vec(any::<u8>(), 0..24)
    ];
    let methods = prop_oneof![
        Just(Method::Send),
        Just(Method::Allocate),
        Just(Method::ChannelBind),
        Just(Method::Binding)
    ];
    let classes = prop_oneof![Just(Class::Request), Just(Class::Indication)];
    let message = (classes, methods, proptest::collection::vec((kinds, values), 0..5)).prop_map(|(class, method, attributes)| {
        let writer = Writer::new(class, method, [1; 12]);
        attributes
            .iter()
            .fold(writer, |writer, (kind, value)| writer.attribute(*kind, value))
            .finish()
    });
    let channel = (0x4000_u16..0x5000, proptest::collection::vec(any::<u8>(), 0..40)).prop_map(|(number, data)| {
        let mut out = Vec::new();
        write_channel(&mut out, number, &data, true);
        out
    });
    let junk = proptest::collection::vec(any::<u8>(), 0..40);
    proptest::collection::vec(prop_oneof![4 => message, 2 => channel, 1 => junk], 0..12).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn arbitrary_messages_reach_the_engine_or_nothing(stream in a_stream()) {
        crate::fuzz::session(&stream);
    }
}
