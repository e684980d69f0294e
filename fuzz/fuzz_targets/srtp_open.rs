#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| srtp::fuzz::run("srtp_open", bytes));
