//! Whether a response is of the file that was opened, and of the requested part.

use std::ops::Range;

use http::{HeaderMap, header};

use super::file::VideoFile;
use super::reply::{self, ContentRange};
use super::source_error::SourceError;

/// "Only if it is still the same file": by strong tag, else by date (RFC 9110 §13.1). Not `If-Range`, to which
/// servers respond with all of a changed file.
pub(super) fn conditions(file: &VideoFile) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Some(value) = file.strong_etag().and_then(|tag| tag.parse().ok()) {
        headers.insert(header::IF_MATCH, value);
    } else if let Some(value) = file.last_modified.as_ref().and_then(|date| date.parse().ok()) {
        headers.insert(header::IF_UNMODIFIED_SINCE, value);
    }
    headers
}

/// A part must begin where requested, and the file must be as long as it was. The part may end early: some servers send
/// at most a megabyte at a time (RFC 9110 §15.3.7). Returns the part's range.
pub(super) fn part(
    file: &VideoFile,
    range: &Range<u64>,
    headers: &HeaderMap,
) -> Result<Range<u64>, SourceError> {
    let found = ContentRange::of(headers).ok_or(SourceError::RangeMismatch)?;
    if found.total.is_some_and(|total| total != file.size) {
        return Err(SourceError::Changed);
    }
    if found.total.is_none() || found.first != range.start {
        return Err(SourceError::RangeMismatch);
    }
    check(file, headers)?;
    Ok(found.first..found.last + 1)
}

/// All of the file instead of the requested part. It serves for a part that begins with the file (RFC 9110 §14.2), and
/// some servers send it if the part is the whole file. Otherwise it may be a cache that serves ranges later, so the
/// request is tried again. All of another file is a change.
pub(super) fn whole(
    file: &VideoFile,
    range: &Range<u64>,
    headers: &HeaderMap,
) -> Result<Range<u64>, SourceError> {
    check(file, headers)?;
    if reply::content_length(headers) != Some(file.size) {
        return Err(SourceError::Changed);
    }
    if range.start > 0 {
        return Err(SourceError::RangeIgnored);
    }
    Ok(0..file.size)
}

/// A part of the file is no longer there, unless the file is as long as it was.
pub(super) fn outside(file: &VideoFile, headers: &HeaderMap) -> SourceError {
    if ContentRange::unsatisfied(headers) == Some(file.size) {
        SourceError::RangeMismatch
    } else {
        SourceError::Changed
    }
}

/// Servers that ignore conditions still name their file: compares tag, date and type. Any difference means another
/// file: some servers remember a file's tag until they are restarted, and change the date.
pub(super) fn check(file: &VideoFile, headers: &HeaderMap) -> Result<(), SourceError> {
    if !reply::is_plain(headers) {
        return Err(SourceError::Encoded);
    }
    let same_tag = file.etag.is_none() || file.etag == reply::etag(headers);
    let same_date = match (&file.last_modified, reply::kept(headers, header::LAST_MODIFIED)) {
        (Some(pinned), Some(found)) => *pinned == found,
        // A strong tag is name enough.
        (Some(_), None) => file.strong_etag().is_some(),
        (None, _) => true,
    };
    // A type may be left out of a part; another one may not come in its place.
    let same_type = match (&file.media_type, reply::kept(headers, header::CONTENT_TYPE)) {
        (Some(pinned), Some(found)) => is_same_type(pinned, &found),
        _ => true,
    };
    if same_tag && same_date && same_type { Ok(()) } else { Err(SourceError::Changed) }
}

/// Without parameters and in any case (RFC 9110 §8.3.1).
fn is_same_type(one: &str, other: &str) -> bool {
    let essence = |text: &str| text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence(one) == essence(other)
}
