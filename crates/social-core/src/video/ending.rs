//! Whether the end of an MP4 or MOV is there.
//!
//! The movie header tells all that is asked of it even when it stands first and an upload of the file broke off
//! behind it: what then is missing are pictures.

use super::held::{Held, Pause};
use super::mp4::Boxes;
use super::probe::ProbeError;

/// Fails if the media data claims to end beyond the file, or is not there at all. What is no media data may end where
/// it likes: files that play well have junk at their end.
///
/// It asks for bytes only until it has seen media data behind the movie header: of what follows, as the fragments of a
/// stream, it looks at those that are held.
pub(super) fn examine(held: &Held) -> Result<(), Pause> {
    let mut boxes = Boxes::within(held, &(0..held.size()));
    let (mut has_header, mut has_data) = (false, false);
    let mut at = 0;
    loop {
        let found = match held.up_to(at, 16).and_then(|_| boxes.next()) {
            Ok(Some(found)) => found,
            Ok(None) => break,
            Err(Pause::Need(_)) if has_header && has_data => return Ok(()),
            Err(Pause::Need(range)) => return Err(Pause::Need(range)),
            // Junk, behind which nobody finds anything.
            Err(Pause::Fail(_)) => return Ok(()),
        };
        let is_cut = found.body.end > held.size();
        match &found.kind {
            b"mdat" if is_cut => return Err(ProbeError::Incomplete.into()),
            b"mdat" | b"moof" => has_data = true,
            b"moov" => has_header = true,
            _ => {}
        }
        if is_cut {
            break;
        }
        at = found.body.end;
    }
    if has_data { Ok(()) } else { Err(ProbeError::Incomplete.into()) }
}
