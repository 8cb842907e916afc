//! Unpredictable names: codes, tokens, ids.

use rand::TryRng as _;
use rand::rngs::SysRng;

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Returns text of `length` characters, six random bits each.
pub(crate) fn text(length: usize) -> String {
    let mut bytes = vec![0; length];
    fill(&mut bytes);
    let letter = |byte: u8| LETTERS.get(usize::from(byte & 63)).copied().map_or('A', char::from);
    bytes.into_iter().map(letter).collect()
}

/// Returns a number below `limit`.
pub(crate) fn below(limit: u64) -> u64 {
    let mut bytes = [0; 8];
    fill(&mut bytes);
    u64::from_le_bytes(bytes) % limit.max(1)
}

fn fill(bytes: &mut [u8]) {
    SysRng.try_fill_bytes(bytes).expect("the system gives random bytes");
}
