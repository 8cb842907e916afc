//! Any header as a `Content-Range`: the result is a range, inside the whole file.
#![no_main]

libfuzzer_sys::fuzz_target!(|value: &[u8]| {
    if let Some((first, last, total)) = social_core::video::fuzzing::content_range(value) {
        assert!(first <= last && total.is_none_or(|total| last < total));
    }
});
