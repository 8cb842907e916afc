//! Random numbers, passed in as a dependency.

use std::fmt::Debug;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::TryRng as _;
use uuid::Uuid;

use crate::clock::Timestamp;

/// Fills buffers with unpredictable bytes.
pub trait Entropy: Debug + Send + Sync {
    /// Overwrites all of `buffer`.
    fn fill(&self, buffer: &mut [u8]);
}

/// The operating system's generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(
        clippy::expect_used,
        reason = "without random numbers no secret can be created, so the process must stop"
    )]
    fn fill(&self, buffer: &mut [u8]) {
        rand::rngs::SysRng.try_fill_bytes(buffer).expect("the operating system gives random bytes");
    }
}

/// Returns `N` random bytes.
pub fn bytes<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut buffer = [0; N];
    entropy.fill(&mut buffer);
    buffer
}

/// Returns a secret of 32 random bytes as 43 characters of base64url. It is also a valid PKCE verifier (RFC
/// 7636 §4.1).
pub fn url_token(entropy: &dyn Entropy) -> String {
    URL_SAFE_NO_PAD.encode(bytes::<32>(entropy))
}

/// Returns a `UUIDv7` (RFC 9562 §5.7). Later ids sort later, so new rows lie side by side in an index.
pub fn uuid_v7(now: Timestamp, entropy: &dyn Entropy) -> Uuid {
    let millis = u64::try_from(now.timestamp_millis()).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(millis, &bytes::<10>(entropy)).into_uuid()
}

/// Returns a random duration from zero to `most`, evenly distributed: "full jitter", which spreads retries
/// best.
pub fn jitter(most: Duration, entropy: &dyn Entropy) -> Duration {
    let draw = u32::from_be_bytes(bytes::<4>(entropy));
    most.mul_f64(f64::from(draw) / f64::from(u32::MAX))
}
