#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| rtp::fuzz::run("rtp_vp9", bytes));
