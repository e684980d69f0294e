mod common;
use common::*;
use media::*;
#[test]
fn measure() {
    let house = House::new();
    let (_, sdp) = Client::new(PeerId(1), USUAL);
    let chromium = std::fs::read_to_string("tests/fixtures/chromium-offer.sdp").unwrap().lines().map(|l| format!("{l}\r\n")).collect::<String>();
    for _ in 0..3 { for s in [&sdp, &chromium] { house.offer("r", PeerId(2), s, true).ok(); } }
    // many lines: 64
    let (head, rest) = chromium.split_once("m=").unwrap();
    let sections: Vec<&str> = rest.split("m=").collect();
    let mut big = head.to_owned();
    for i in 0..64 { let s = sections[i % sections.len()]; let s = regex_mid(s, i); if big.len() + s.len() < 125_000 { big += "m="; big += &s; } }
    for _ in 0..3 { println!("{:?}", house.offer("r", PeerId(3), &big, true).is_ok()); }
    for _ in 0..3 { println!("{:?}", house.offer("r", PeerId(3), &big, false).is_ok()); }
    let mut many = sdp.clone();
    while many.len() < 127_000 { many += &format!("a=candidate:1 1 udp 2122260223 192.168.{}.{} {} typ host\r\n", many.len() % 250, many.len()/250 % 250, 1024 + many.len() % 60000); }
    for _ in 0..3 { println!("{:?}", house.offer("r", PeerId(4), &many, true)); }
    let mut many = sdp.clone();
    let mut i = 0;
    while many.len() < 127_000 { i += 1; many += &format!("a=ssrc:{} cname:x\r\n", i); }
    for _ in 0..3 { println!("{:?}", house.offer("r", PeerId(4), &many, true).is_ok()); }
    let junk = format!("{}{}", sdp, "a=x\r\n".repeat(25_000/1));
    let junk = &junk[..junk.len().min(127_000)];
    for _ in 0..3 { println!("{:?}", house.offer("r", PeerId(4), junk, true).is_ok()); }
    let bad = format!("v=0\r\n{}", "a=".repeat(60_000));
    for _ in 0..3 { println!("{:?}", house.offer("r", PeerId(4), &bad, true).is_ok()); }
}
fn regex_mid(s: &str, i: usize) -> String { s.lines().map(|l| if l.starts_with("a=mid:") { format!("a=mid:{i}\r\n") } else { format!("{l}\r\n") }).collect() }
