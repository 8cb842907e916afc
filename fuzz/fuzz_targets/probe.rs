//! A whole probe of any file, read in parts. A hole somewhere in it makes it gigabytes long.
//!
//! The first nine bytes of the input are the hole's position, its length, and whether it is a box. The rest is the file.
#![no_main]

use std::ops::Range;

use social_core::video::fuzzing;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((&[a, b, c, d, e, f, g, h, manner], file)) = input.split_first_chunk::<9>() else { return };
    let cut = usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap_or(0) % (file.len() + 1);
    let hole = u64::from(u32::from_be_bytes([e, f, g, h])) << (manner % 16);
    let (front, back) = file.split_at(cut);
    let mut front = front.to_vec();
    if manner >= 128 {
        front.extend([0, 0, 0, 1]);
        front.extend(b"mdat");
        front.extend((hole + 16).to_be_bytes());
    }
    let parts = [(0, front.as_slice()), (length(&front) + hole, back)];
    let size = length(&front) + hole + length(back);
    if size == 0 {
        return; // An empty file is never opened.
    }
    let probed = fuzzing::probe(size, |range| read(parts, &range));
    assert!(probed.reads <= 5, "{} reads", probed.reads);
    assert!(probed.bytes < 1_000_000, "{} bytes", probed.bytes);
    if let Ok(facts) = probed.result {
        assert_eq!(facts.size, size);
        social_fuzz::assert_plausible(&facts);
    }
});

fn length(part: &[u8]) -> u64 {
    u64::try_from(part.len()).unwrap_or(u64::MAX)
}

/// A range of a file that is zero except for these parts.
fn read(parts: [(u64, &[u8]); 2], range: &Range<u64>) -> Vec<u8> {
    let place = |at: u64| usize::try_from(at).expect("a range of less than a megabyte");
    let mut bytes = vec![0; place(range.end - range.start)];
    for (start, part) in parts {
        let (from, to) = (range.start.max(start), range.end.min(start + length(part)));
        if from < to {
            bytes[place(from - range.start)..place(to - range.start)]
                .copy_from_slice(&part[place(from - start)..place(to - start)]);
        }
    }
    bytes
}
