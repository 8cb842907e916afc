//! Finds MP4 and MOV files whose end is missing.
//!
//! If the movie header comes first, it is complete even if an upload of the file broke off behind it. The frames are
//! missing then.

use super::boxes::Outer;
use super::probe_error::ProbeError;
use super::sparse_buffer::{Pause, SparseBuffer};

/// Fails if media data ends beyond the file, or is missing. Anything else may end anywhere: files that play well have
/// junk at their end.
///
/// It requests bytes only until it has seen the movie header and media data. Of what follows, such as fragments, it
/// checks those that were read.
pub(super) fn check(buffer: &SparseBuffer) -> Result<(), Pause> {
    let mut boxes = Outer::new(buffer);
    let (mut has_header, mut has_data) = (false, false);
    let mut at = 0;
    loop {
        match buffer.up_to(at, 16).and_then(|_| boxes.next()) {
            Ok(Some(found)) => {
                has_data |= matches!(&found.kind, b"mdat" | b"moof");
                has_header |= &found.kind == b"moov";
                at = found.body.end;
            }
            Ok(None) if has_data => return Ok(()),
            Ok(None) => return Err(ProbeError::Incomplete.into()),
            Err(Pause::Need(_)) if has_header && has_data => return Ok(()),
            Err(pause) => return Err(pause),
        }
    }
}
