//! Any bytes as a Matroska file that is wholly held: facts or an error, and never a wish for more.
#![no_main]

libfuzzer_sys::fuzz_target!(|file: &[u8]| {
    if let Ok(facts) = social_core::video::fuzzing::matroska(file) {
        social_fuzz::assert_plausible(&facts);
    }
});
