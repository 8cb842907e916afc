//! Chunks (YouTube Data API, "Resumable Uploads", uploading in chunks).

use std::ops::Range;

/// 256 KiB: every chunk but the last is a multiple of it.
const GRANULE: u64 = 262_144;
/// 8 MiB, 32 granules: at 20 Mbit/s four seconds, so two fit into a ten-second function. Of an interrupted
/// chunk, YouTube keeps the whole granules that arrived.
pub(super) const CHUNK: u64 = 32 * GRANULE;

/// Returns the chunk that starts at `offset`, wherever YouTube's count ended.
pub(super) fn chunk_at(offset: u64, size: u64) -> Range<u64> {
    let start = offset.min(size);
    start..start.saturating_add(CHUNK).min(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_chunk_but_the_last_is_a_multiple_of_256_kib() {
        assert_eq!(chunk_at(0, 100), 0..100);
        assert_eq!(chunk_at(0, CHUNK), 0..CHUNK);
        assert_eq!(chunk_at(0, CHUNK + 1), 0..CHUNK);
        assert_eq!(chunk_at(CHUNK, CHUNK + 1), CHUNK..CHUNK + 1);
        // After a partial upload, the next chunk starts inside the one before.
        let partly = 3 * GRANULE;
        assert_eq!(chunk_at(partly, 20_000_000), partly..partly + CHUNK);
        assert!(CHUNK.is_multiple_of(GRANULE));
        assert_eq!(chunk_at(500, 500), 500..500);
    }
}
