//! `source_info`: how the video's bytes arrive, and the arithmetic of chunks.

use super::app::App;
use super::envelope::Refusal;
use crate::address::may_be_pulled;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use url::Url;

/// The largest video.
pub(super) const MOST: u64 = 4 << 30;
/// TikTok's 5 and 64 MB, read as binary; its whole-file example is 4 194 304 bytes for "4 MB".
const SMALLEST_CHUNK: u64 = 5 << 20;
const LARGEST_CHUNK: u64 = 64 << 20;
const MOST_CHUNKS: u64 = 1_000;
/// The longest URL that TikTok accepts.
const LONGEST_URL: usize = 8_192;

/// The JSON.
#[derive(Debug, Deserialize)]
pub(super) struct SourceInfo {
    source: String,
    video_url: Option<String>,
    video_size: Option<u64>,
    chunk_size: Option<u64>,
    total_chunk_count: Option<u64>,
}

/// The same, after checks.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Source {
    File(ChunkPlan),
    Url(String),
}

/// The division of a file: equal chunks, and a last one that takes the remainder.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct ChunkPlan {
    pub(super) size: u64,
    chunk: u64,
    count: u64,
}

impl SourceInfo {
    pub(super) fn check(self, app: &App) -> Result<Source, Refusal> {
        match (self.source.as_str(), self.video_url) {
            ("PULL_FROM_URL", Some(url)) => owned(url, app).map(Source::Url),
            ("PULL_FROM_URL", None) => Err(Refusal::params("The video url is missing")),
            ("FILE_UPLOAD", _) => match (self.video_size, self.chunk_size, self.total_chunk_count) {
                (Some(size), Some(chunk), Some(count)) => {
                    ChunkPlan::check(size, chunk, count).map(Source::File)
                }
                _ => Err(Refusal::params("The video size, chunk size or total chunk count is missing")),
            },
            _ => Err(Refusal::params("The source is invalid")),
        }
    }
}

fn owned(text: String, app: &App) -> Result<String, Refusal> {
    let Ok(url) = Url::parse(&text) else { return Err(Refusal::params("The video url is not a URL")) };
    if !may_be_pulled(&url) || text.len() > LONGEST_URL {
        return Err(Refusal::params("The video url must be https with a domain name"));
    }
    if !app.owns(&url) {
        let message = "Please review our URL ownership verification rules.";
        return Err(Refusal::new(403, "url_ownership_unverified", message));
    }
    Ok(text)
}

impl ChunkPlan {
    fn check(size: u64, chunk: u64, count: u64) -> Result<Self, Refusal> {
        if size == 0 || size > MOST {
            return Err(Refusal::params("The video size is invalid"));
        }
        let whole = count == 1;
        let too_large = chunk > LARGEST_CHUNK || whole && size > LARGEST_CHUNK;
        let too_small = chunk < SMALLEST_CHUNK && chunk != size;
        if chunk == 0 || too_large || too_small {
            return Err(Refusal::params("The chunk size is invalid"));
        }
        if count == 0 || count > MOST_CHUNKS || count != size / chunk {
            return Err(Refusal::params("The total chunk count is invalid"));
        }
        Ok(Self { size, chunk, count })
    }

    /// Returns the chunk that starts at this offset.
    pub(super) fn chunk_at(&self, offset: u64) -> Range<u64> {
        let last_begins = self.chunk.saturating_mul(self.count.saturating_sub(1));
        let end = if offset >= last_begins { self.size } else { offset.saturating_add(self.chunk) };
        offset..end
    }
}

#[cfg(test)]
mod tests {
    use super::ChunkPlan;

    #[test]
    fn the_published_plans_are_accepted() {
        for (size, chunk, count, last) in [
            (1, 1, 1, 0..1),
            (4_194_304, 4_194_304, 1, 0..4_194_304),
            (5_000_000, 5_000_000, 1, 0..5_000_000),
            (64_000_000, 64_000_000, 1, 0..64_000_000),
            (64_000_001, 10_000_000, 6, 50_000_000..64_000_001),
            (79_999_999, 10_000_000, 7, 60_000_000..79_999_999),
            (4_294_967_296, 10_000_000, 429, 4_280_000_000..4_294_967_296),
        ] {
            let plan = ChunkPlan::check(size, chunk, count).expect("a good plan");
            assert_eq!(plan.chunk_at(last.start), last, "{size}");
        }
    }

    #[test]
    fn plans_against_the_rules_are_refused() {
        for (size, chunk, count) in [
            (0, 0, 0),
            (4_294_967_297, 10_000_000, 429),
            (64_000_001, 10_000_000, 7),
            (70_000_000, 70_000_000, 1),
            (140_000_000, 70_000_000, 2),
            (12_000_000, 4_000_000, 3),
            (4_000_000, 2_000_000, 2),
            (4_000_000, 3_000_000, 1),
            (10, 20, 0),
        ] {
            assert!(ChunkPlan::check(size, chunk, count).is_err(), "{size} {chunk} {count}");
        }
    }
}
