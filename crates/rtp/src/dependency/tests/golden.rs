//! Descriptors built by hand from the syntax: three temporal layers, as browsers send them with AV1 and VP8, and what is wrong with others.

use super::*;
use Indication::{Discardable, NotPresent, Required, Switch};

/// The first packet of a key frame: five templates named from 5, three decode targets, one chain, 640 × 360.
fn key_frame() -> Vec<u8> {
    bytes(
        "1 0 000101 0000000100000010     # start, not end, template 5, frame 258
         1 0 0 0 0                       # a structure and nothing of its own
         000101 00010                    # names from 5, three targets
         00 01 01 00 11                  # layers 0 0 1 2 2
         10 10 10  10 10 10  00 01 10  00 00 01  00 00 01
         0  1 0011 0  1 0001 0  1 0000 0  1 0000 0
         01                              # one chain of at most three; it protects all, which takes no bits
         0000 0100 0010 0001 0011
         1 0000001001111111 0000000101100111",
    )
}

fn structure() -> Structure {
    *Descriptor::parse(&key_frame(), None).unwrap().structure.unwrap()
}

#[test]
fn a_key_frame_brings_the_structure() {
    let descriptor = Descriptor::parse(&key_frame(), None).unwrap();
    let expected = Mandatory {
        start: true,
        end: false,
        template: 5,
        frame_number: 258,
    };
    assert_eq!((descriptor.mandatory, descriptor.active), (expected, Some(0b111)));
    assert_eq!(Mandatory::read(&key_frame()), Some(expected));
    assert_eq!(descriptor.size, Some(Size { width: 640, height: 360 }));
    let structure = descriptor.structure.as_deref().unwrap();
    assert_eq!((structure.targets(), structure.chains(), structure.templates().len()), (3, 1, 5));
    let layers: Vec<_> = structure
        .templates()
        .iter()
        .map(|template| (template.spatial, template.temporal))
        .collect();
    assert_eq!(layers, [(0, 0), (0, 0), (0, 1), (0, 2), (0, 2)]);
    assert_eq!(
        [0, 1, 2, 3].map(|target| structure.layer(target)),
        [Some((0, 0)), Some((0, 1)), Some((0, 2)), None]
    );
    assert_eq!([0, 2, 3].map(|target| structure.chain(target)), [Some(0), Some(0), None]);
    let frame = descriptor.frame;
    assert_eq!(frame.indications.iter().collect::<Vec<_>>(), [Switch; 3]);
    assert_eq!((frame.diffs.as_slice(), frame.chains.as_slice()), (&[][..], &[0][..]));
    assert_eq!((descriptor.before_in_chain(structure, 0), descriptor.needs().count()), (None, 0));
}

#[test]
fn a_later_packet_is_read_with_the_structure_that_was_kept() {
    let structure = structure();
    // Template 7: the middle layer.
    let descriptor = Descriptor::parse(&[0xc7, 1, 4], Some(&structure)).unwrap();
    assert!(descriptor.mandatory.start && descriptor.mandatory.end);
    assert_eq!((descriptor.frame.spatial, descriptor.frame.temporal), (0, 1));
    assert_eq!(
        [0, 1, 2, 3].map(|target| descriptor.frame.indication(target)),
        [NotPresent, Discardable, Switch, NotPresent]
    );
    assert_eq!(
        [0, 1, 2, 3].map(|target| descriptor.frame.belongs_to(target)),
        [false, true, true, false]
    );
    assert_eq!(
        [0, 1, 2, 3].map(|target| descriptor.frame.is_switch_point(target)),
        [false, false, true, false]
    );
    assert_eq!(descriptor.needs().collect::<Vec<_>>(), [258]);
    assert_eq!(descriptor.before_in_chain(&structure, 2), Some(258));
    assert_eq!(descriptor.before_in_chain(&structure, 3), None, "there is no such target");
    assert_eq!((descriptor.active, descriptor.structure.is_some()), (None, false));
    // Template 8: the frame before this one.
    let descriptor = Descriptor::parse(&[0xc8, 1, 3], Some(&structure)).unwrap();
    assert_eq!(descriptor.before_in_chain(&structure, 2), Some(258));
    // Frame numbers wrap.
    let descriptor = Descriptor::parse(&[0xc7, 0, 1], Some(&structure)).unwrap();
    assert_eq!(descriptor.needs().collect::<Vec<_>>(), [u16::MAX]);
}

#[test]
fn a_packet_may_have_everything_of_its_own() {
    let value = bytes(
        "0 1 001001 0000000000001000  # end, template 9, frame 8
         0 1 1 1 1                    # active targets, indications, diffs, chains
         011                          # targets 0 and 1
         11 01 00                     # required, discardable, not present
         01 0010  10 00001111  11 000100000000  00
         00000110",
    );
    let descriptor = Descriptor::parse(&value, Some(&structure())).unwrap();
    assert!(!descriptor.mandatory.start && descriptor.mandatory.end);
    assert_eq!(descriptor.active, Some(0b011));
    assert_eq!(
        descriptor.frame.indications.iter().collect::<Vec<_>>(),
        [Required, Discardable, NotPresent]
    );
    assert_eq!(descriptor.frame.diffs.as_slice(), [3, 16, 257]);
    assert_eq!(descriptor.before_in_chain(&structure(), 0), Some(2));
    assert_eq!(descriptor.frame.temporal, 2, "the layer is the template's");
}

#[test]
fn a_target_is_chosen_within_layers_among_those_that_are_active() {
    let structure = structure();
    assert_eq!(structure.target_within(0, 7, 0b111), Some(2));
    assert_eq!(structure.target_within(0, 1, 0b111), Some(1));
    assert_eq!(structure.target_within(0, 7, 0b011), Some(1));
    assert_eq!(structure.target_within(0, 0, 0b110), None);
}

#[test]
fn without_the_structure_of_its_template_a_packet_says_no_more_than_is_mandatory() {
    let structure = structure();
    assert_eq!(Descriptor::parse(&[0xc5, 0, 0], None), Err(Unreadable::Structure));
    for (template, known) in [(4, false), (5, true), (9, true), (10, false), (63, false)] {
        assert_eq!(Descriptor::parse(&[template, 0, 0], Some(&structure)).is_ok(), known, "{template}");
    }
    assert!(Mandatory::read(&[4, 0, 0]).is_some());
    assert_eq!(Mandatory::read(&[4, 0]), None);
}

#[test]
fn names_of_templates_wrap() {
    let value = bytes("1 1 000000 0000000000000000  1 0 0 0 0  111111 00000  00 11  10 10  0 0  0  0");
    let descriptor = Descriptor::parse(&value, None).unwrap();
    let structure = descriptor.structure.unwrap();
    assert_eq!((structure.targets(), structure.chains(), structure.chain(0)), (1, 0, None));
    assert!(structure.template(63).is_some() && structure.template(0).is_some());
    assert!(structure.template(1).is_none() && structure.template(62).is_none());
}

#[test]
fn a_cut_descriptor_is_refused() {
    let value = key_frame();
    for length in 0..value.len() {
        let expected = match length {
            3 => Unreadable::Structure,
            _ => Unreadable::Malformed(Malformed::Short),
        };
        assert_eq!(Descriptor::parse(&value[..length], None), Err(expected), "{length}");
    }
    assert!(Descriptor::parse(&value, None).is_ok());
}

#[test]
fn more_layers_templates_or_references_than_there_can_be_are_refused() {
    let with_layers = |layers: &str| {
        let value = bytes(&format!(
            "1 1 000000 0000000000000000  1 0 0 0 0  000000 00000 {layers} {}",
            "0".repeat(600)
        ));
        Descriptor::parse(&value, None).map(|_| ())
    };
    assert_eq!(with_layers(&"01".repeat(8)), Err(Malformed::Value.into()), "nine temporal layers");
    assert_eq!(with_layers(&"10".repeat(4)), Err(Malformed::Value.into()), "five spatial layers");
    assert_eq!(with_layers(&format!("{}11", "01".repeat(7))), Ok(()));
    assert_eq!(with_layers(&format!("{}11", "10".repeat(3))), Ok(()));
    assert_eq!(
        with_layers(&format!("{}11", "00".repeat(64))),
        Err(Malformed::Count.into()),
        "65 templates"
    );
    assert_eq!(with_layers(&format!("{}11", "00".repeat(63))), Ok(()));

    let with_diffs = |count: usize| {
        let value = bytes(&format!("1 1 000101 0000000000000000  0 0 0 1 0 {} 00", "01 0000".repeat(count)));
        Descriptor::parse(&value, Some(&structure())).map(|descriptor| descriptor.needs().count())
    };
    assert_eq!(with_diffs(16), Ok(16));
    assert_eq!(with_diffs(17), Err(Malformed::Count.into()));
}

#[test]
fn the_frame_number_is_changed_in_place() {
    let mut value = key_frame();
    set_frame_number(&mut value, 0xabcd);
    let descriptor = Descriptor::parse(&value, None).unwrap();
    assert_eq!(descriptor.mandatory.frame_number, 0xabcd);
    assert_eq!(value[3..], key_frame()[3..]);
    let mut short = [0xc5, 1];
    set_frame_number(&mut short, 9);
    assert_eq!(short, [0xc5, 1]);
}

#[test]
fn active_targets_are_put_where_none_were_and_changed_where_some_were() {
    let structure = structure();
    let change = Change {
        frame_number: 9,
        active: Some(0b101),
    };
    let mut out = [0xff; 40];
    // Only what is mandatory: a byte more.
    let value = [0xc7, 1, 4];
    let descriptor = Descriptor::parse(&value, Some(&structure)).unwrap();
    assert_eq!(rewrite(&mut out, &value, &descriptor, &change), Ok(4));
    assert_eq!(out[..4], bytes("11000111 0000000000001001 01000 101")[..]);
    assert_eq!(rewrite(&mut out[..3], &value, &descriptor, &change), Err(crate::NoRoom));
    // With a structure: behind it.
    let value = key_frame();
    let descriptor = Descriptor::parse(&value, None).unwrap();
    let length = rewrite(&mut out, &value, &descriptor, &change).unwrap();
    let read = Descriptor::parse(&out[..length], None).unwrap();
    assert_eq!((read.active, read.mandatory.frame_number), (Some(0b101), 9));
    assert_eq!((read.structure, read.frame), (descriptor.structure, descriptor.frame));
    // Where some were, in front of what is the frame's own.
    let value = bytes("0 1 001001 0000000000001000  0 1 0 1 0  011  01 0010  00");
    let descriptor = Descriptor::parse(&value, Some(&structure)).unwrap();
    let length = rewrite(&mut out, &value, &descriptor, &change).unwrap();
    assert_eq!(out[..length], bytes("0 1 001001 0000000000001001  0 1 0 1 0  101  01 0010  00")[..]);
}
