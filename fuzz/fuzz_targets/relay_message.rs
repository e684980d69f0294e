#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| relay::fuzz::run("relay_message", bytes));
