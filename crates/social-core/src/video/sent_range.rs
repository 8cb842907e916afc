//! The ranges that were sent before. Bytes that are sent again are compared with them.

use super::checksum::{Checksum, Running};

/// A range of a video as it was passed on to a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SentRange {
    /// Its first byte.
    pub first: u64,
    /// How many bytes were passed on.
    pub bytes: u64,
    /// The checksum of those.
    pub checksum: Checksum,
}

impl SentRange {
    pub(super) fn end(&self) -> u64 {
        self.first.saturating_add(self.bytes)
    }
}

/// The bytes that pass are not those that were sent before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Differs;

/// Hashes bytes as they are read again, and compares each range that was sent before as soon as its end has passed.
#[derive(Debug)]
pub(super) struct Watch {
    at: u64,
    /// What begins further on; the nearest last.
    ahead: Vec<SentRange>,
    /// What the reading is in the middle of.
    open: Vec<(SentRange, Running)>,
}

impl Watch {
    /// A watch over what is read from `at` on. Of what was sent before, it can judge what begins there or later.
    pub(super) fn new(at: u64, sent: &[SentRange]) -> Self {
        let mut ahead: Vec<SentRange> =
            sent.iter().copied().filter(|sent| sent.first >= at && sent.bytes > 0).collect();
        ahead.sort_by_key(|sent| std::cmp::Reverse(sent.first));
        Self { at, ahead, open: Vec::new() }
    }

    /// Lets bytes pass, unless with them something ends that was sent otherwise.
    pub(super) fn pass(&mut self, bytes: &[u8]) -> Result<(), Differs> {
        let end = self.at.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        while let Some(sent) = self.ahead.pop_if(|sent| sent.first < end) {
            self.open.push((sent, Running::new()));
        }
        for (sent, running) in &mut self.open {
            let part = offset(sent.first, self.at)..offset(sent.end().min(end), self.at);
            running.take(bytes.get(part).unwrap_or_default());
            if sent.end() <= end && running.so_far() != sent.checksum {
                return Err(Differs);
            }
        }
        self.open.retain(|(sent, _)| sent.end() > end);
        self.at = end;
        Ok(())
    }
}

/// Where a byte of the file lies in bytes that begin at `at`.
fn offset(byte: u64, at: u64) -> usize {
    usize::try_from(byte.saturating_sub(at)).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(first: u64, bytes: &[u8]) -> SentRange {
        let mut running = Running::new();
        running.take(bytes);
        SentRange { first, bytes: bytes.len().try_into().unwrap(), checksum: running.so_far() }
    }

    /// Reads a text from `at` in pieces of so many bytes.
    fn reads(at: u64, text: &[u8], piece: usize, before: &[SentRange]) -> Result<(), Differs> {
        let mut watch = Watch::new(at, before);
        text.chunks(piece).try_for_each(|bytes| watch.pass(bytes))
    }

    #[test]
    fn the_same_bytes_pass_however_they_are_cut_and_others_do_not() {
        let before = [sent(0, b"0123"), sent(4, b"45"), sent(4, b"4567"), sent(8, b"89abcdef")];
        for piece in 1..=16 {
            assert_eq!(reads(0, b"0123456789abcdef", piece, &before), Ok(()), "{piece}");
            assert_eq!(reads(4, b"456789abcdef", piece, &before), Ok(()), "{piece}");
            // What began before cannot be judged.
            assert_eq!(reads(1, b"xxx456789abcdef", piece, &before), Ok(()), "{piece}");
            for wrong in [&b"0x23456789abcdef"[..], b"012345x789abcdef", b"0123456789abcdex"] {
                assert_eq!(reads(0, wrong, piece, &before), Err(Differs), "{piece}");
            }
        }
        // What was not sent before may be anything, and an end that was not reached proves nothing.
        assert_eq!(reads(0, b"0123456789abcdexxxx", 3, &before[..3]), Ok(()));
        assert_eq!(reads(8, b"xxxx", 2, &before), Ok(()));
    }

    #[test]
    fn the_last_byte_of_what_differs_is_not_let_through() {
        let mut watch = Watch::new(10, &[sent(10, b"abcd")]);
        assert_eq!(watch.pass(b"ab"), Ok(()));
        assert_eq!(watch.pass(b"c"), Ok(()));
        assert_eq!(watch.pass(b"xefg"), Err(Differs));
    }
}
