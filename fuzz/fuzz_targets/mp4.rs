//! Any bytes as an MP4 that was read completely: facts or an error, and no request for more.
#![no_main]

libfuzzer_sys::fuzz_target!(|file: &[u8]| {
    if let Ok(facts) = social_core::video::fuzzing::mp4(file) {
        social_fuzz::assert_plausible(&facts);
    }
});
