//! The videos: real ones, each with different bytes and length, so that an uploaded one identifies its post.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::ops::Range;
use std::sync::LazyLock;

use axum::body::Body;
use axum::extract::Path;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, StatusCode, header};
use sha2::{Digest as _, Sha256};

/// Six seconds of a real video.
static BASE: &[u8] = include_bytes!("../../../tests/fixtures/video/vertical_540.mp4");
/// The box that identifies the film: length, type and number (ISO/IEC 14496-12 §8.1.2), and as many zeros as
/// the number.
const TAG: u64 = 12;
/// 25 MB: sent in two chunks.
const PADDING: u32 = 25_000_000;
/// Not all zeros: a chunk that is sent twice or to the wrong offset must change the hash.
static PADDED: LazyLock<Bytes> = LazyLock::new(|| {
    let mut bytes = PADDING.to_be_bytes().to_vec();
    bytes.extend_from_slice(b"free");
    let block: Vec<u8> = (0..=250).collect();
    let most = usize::try_from(PADDING).unwrap_or(usize::MAX);
    for turn in 0_u32.. {
        let left = most.saturating_sub(bytes.len());
        bytes.extend_from_slice(block.get(..left.min(block.len())).unwrap_or_default());
        if left <= block.len() {
            break;
        }
        bytes.extend_from_slice(turn.to_be_bytes().get(..4.min(left - block.len())).unwrap_or_default());
    }
    bytes.into()
});

/// The length of a film.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Length {
    /// Sent in one piece.
    Short,
    /// Sent in chunks.
    Long,
}

/// The video of one post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Film {
    pub(crate) number: u32,
    pub(crate) length: Length,
}

impl Film {
    /// Returns its file name, the last part of its path.
    pub(crate) fn name(self) -> String {
        match self.length {
            Length::Short => format!("{}.mp4", self.number),
            Length::Long => format!("{}-long.mp4", self.number),
        }
    }

    /// Returns the film of a URL or path.
    pub(crate) fn named(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next()?.strip_suffix(".mp4")?;
        let (number, length) = match name.strip_suffix("-long") {
            Some(number) => (number, Length::Long),
            None => (name, Length::Short),
        };
        Some(Self { number: number.parse().ok()?, length })
    }

    /// Returns the film of a size.
    pub(crate) fn of_size(size: u64) -> Option<Self> {
        let rest = size.checked_sub(length(BASE) + TAG)?;
        let (rest, length) = match rest.checked_sub(u64::from(PADDING)) {
            Some(rest) => (rest, Length::Long),
            None => (rest, Length::Short),
        };
        Some(Self { number: u32::try_from(rest).ok()?, length })
    }

    fn parts(self) -> [Bytes; 3] {
        let zeros = usize::try_from(self.number).unwrap_or_default();
        let size = u32::try_from(TAG).unwrap_or_default().saturating_add(self.number);
        let mut tag = size.to_be_bytes().to_vec();
        tag.extend_from_slice(b"free");
        tag.extend_from_slice(&self.number.to_be_bytes());
        tag.resize(tag.len() + zeros, 0);
        let padding = match self.length {
            Length::Short => Bytes::new(),
            Length::Long => PADDED.clone(),
        };
        [Bytes::from_static(BASE), tag.into(), padding]
    }

    /// Returns the SHA-256 of its bytes, in hex.
    pub(crate) fn sha256(self) -> String {
        let mut running = Sha256::new();
        for part in self.parts() {
            running.update(&part);
        }
        running.finalize().iter().fold(String::new(), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    fn size(self) -> u64 {
        self.parts().iter().map(|part| length(part)).sum()
    }

    /// Returns the parts of a range of it.
    fn cut(self, range: &Range<u64>) -> Vec<Bytes> {
        let mut at = 0;
        let mut cut = Vec::new();
        for part in self.parts() {
            let here = at..at + length(&part);
            let (from, to) = (range.start.max(here.start), range.end.min(here.end));
            if from < to {
                let place = |offset: u64| usize::try_from(offset - here.start).unwrap_or_default();
                cut.push(part.slice(place(from)..place(to)));
            }
            at = here.end;
        }
        cut
    }
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// Returns a film, or the requested range, as a good host does.
pub(crate) async fn serve(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some(film) = Film::named(&name) else { return StatusCode::NOT_FOUND.into_response() };
    let tag = format!("\"{name}\"");
    let given = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if given(header::IF_MATCH).is_some_and(|wanted| wanted != tag) {
        return StatusCode::PRECONDITION_FAILED.into_response();
    }
    let size = film.size();
    let asked = given(header::RANGE).and_then(|range| range.strip_prefix("bytes=")?.split_once('-'));
    let (status, range) = match asked {
        None => (StatusCode::OK, 0..size),
        Some((first, last)) => {
            let first = first.parse().unwrap_or(u64::MAX);
            let last = last.parse().map_or(size, |last: u64| last.saturating_add(1)).min(size);
            if first >= last {
                return StatusCode::RANGE_NOT_SATISFIABLE.into_response();
            }
            (StatusCode::PARTIAL_CONTENT, first..last)
        }
    };
    let place = (status == StatusCode::PARTIAL_CONTENT)
        .then(|| [(header::CONTENT_RANGE, format!("bytes {}-{}/{size}", range.start, range.end - 1))]);
    let about = [
        (header::CONTENT_TYPE, "video/mp4".to_owned()),
        (header::ETAG, tag),
        (header::ACCEPT_RANGES, "bytes".to_owned()),
        (header::CONTENT_LENGTH, (range.end - range.start).to_string()),
    ];
    let parts = film.cut(&range).into_iter().map(Ok::<_, Infallible>);
    let body = Body::from_stream(futures_util::stream::iter(parts));
    match place {
        Some(place) => (status, about, place, body).into_response(),
        None => (status, about, body).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_film_is_known_by_its_size_and_by_its_name() {
        for length in [Length::Short, Length::Long] {
            for number in [0, 1, 1999] {
                let film = Film { number, length };
                assert_eq!(Film::of_size(film.size()), Some(film));
                assert_eq!(Film::named(&format!("http://localhost/plain/{}", film.name())), Some(film));
            }
        }
        assert_eq!(PADDED.len(), 25_000_000);
    }

    #[test]
    fn ranges_make_up_the_film() {
        let film = Film { number: 7, length: Length::Short };
        let whole = film.cut(&(0..film.size())).concat();
        let edge = length(BASE) + 3;
        let halves = [film.cut(&(0..edge)).concat(), film.cut(&(edge..film.size())).concat()].concat();
        assert_eq!(whole, halves);
        assert_ne!(film.sha256(), Film { number: 8, ..film }.sha256());
    }
}
