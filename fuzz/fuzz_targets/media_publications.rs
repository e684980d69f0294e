#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| media::fuzz::run("media_publications", bytes));
