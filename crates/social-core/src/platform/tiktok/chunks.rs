//! TikTok's chunk rules (Content Posting API, media transfer guide).

use std::ops::Range;

/// 20 MB: the largest file that goes in one piece. TikTok allows 64 MB. Smaller pieces fit a ten-second
/// function, and less must be resent after an interruption. Any value from 5 MB to 64 MB obeys the rules
/// under both definitions of MB.
const WHOLE: u64 = 20_000_000;
/// 10 MB: the size of a chunk, TikTok's own example.
const CHUNK: u64 = 10_000_000;

/// The division of a file: `floor(size / chunk)` chunks, of which the last takes the remainder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ChunkPlan {
    size: u64,
    /// The size of every chunk but the last.
    pub(super) chunk_size: u64,
    /// The number of chunks.
    pub(super) total: u64,
}

impl ChunkPlan {
    /// Returns the plan for a file of `size` bytes.
    pub(super) fn new(size: u64) -> Self {
        let chunk_size = if size < WHOLE { size.max(1) } else { CHUNK };
        Self { size, chunk_size, total: (size / chunk_size).max(1) }
    }

    /// Returns the chunk that starts at or before `offset`, or `None` at the end of the file.
    pub(super) fn chunk_at(&self, offset: u64) -> Option<Range<u64>> {
        if offset >= self.size {
            return None;
        }
        let index = (offset / self.chunk_size).min(self.total.saturating_sub(1));
        let start = index.saturating_mul(self.chunk_size);
        let end = if index + 1 == self.total { self.size } else { start.saturating_add(self.chunk_size) };
        Some(start..end)
    }
}

/// Reports whether the chunk at `offset` is the last of a file: after it TikTok has all it needs.
pub(super) fn is_last(size: u64, offset: u64) -> bool {
    ChunkPlan::new(size).chunk_at(offset).is_none_or(|chunk| chunk.end == size)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last(size: u64) -> (u64, u64, Range<u64>) {
        let plan = ChunkPlan::new(size);
        (plan.chunk_size, plan.total, plan.chunk_at(size - 1).unwrap())
    }

    #[test]
    fn the_vectors_of_the_media_transfer_guide_hold() {
        assert_eq!(last(1), (1, 1, 0..1));
        assert_eq!(last(4_194_304), (4_194_304, 1, 0..4_194_304));
        assert_eq!(last(5_000_000), (5_000_000, 1, 0..5_000_000));
        assert_eq!(last(50_000_123), (10_000_000, 5, 40_000_000..50_000_123));
        assert_eq!(last(64_000_001), (10_000_000, 6, 50_000_000..64_000_001));
        assert_eq!(last(70_000_000), (10_000_000, 7, 60_000_000..70_000_000));
        assert_eq!(last(79_999_999), (10_000_000, 7, 60_000_000..79_999_999));
        assert_eq!(last(4_294_967_296), (10_000_000, 429, 4_280_000_000..4_294_967_296));
    }

    #[test]
    fn every_plan_keeps_every_rule() {
        let around = [WHOLE, CHUNK, 2 * CHUNK, 64_000_000, 5 * 1024 * 1024, 4_294_967_296];
        let near =
            around.iter().flat_map(|size| (size - 2)..=(size + 2)).filter(|size| *size <= 4_294_967_296);
        for size in near.chain((1..4_294_967_296).step_by(9_876_543)) {
            let plan = ChunkPlan::new(size);
            assert_eq!(plan.total, size / plan.chunk_size, "{size}");
            assert!((1..=1000).contains(&plan.total), "{size}");
            let (mut at, mut count) = (0, 0);
            while let Some(chunk) = plan.chunk_at(at) {
                assert_eq!(chunk.start, at, "{size}");
                let bytes = chunk.end - chunk.start;
                assert!(bytes <= 64_000_000, "{size}");
                assert!(plan.total == 1 || bytes >= 5 * 1024 * 1024, "{size}");
                at = chunk.end;
                count += 1;
            }
            assert_eq!((at, count), (size, plan.total), "{size}");
        }
    }
}
