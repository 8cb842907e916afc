//! Outgoing calls: a request as data, a complete response, and the one client that sends them.
//!
//! The client follows no redirects and retries nothing. The publisher decides whether to repeat a call. It
//! decides by the call's [`Effect`], and by how far the last one got ([`SendError`]).

mod authorization;
mod body;
mod call;
mod client;
pub(crate) mod lenient;
mod part;
mod reply;
#[cfg(test)]
mod tests;
mod tls;
mod video_bytes;

pub use self::authorization::Authorization;
pub use self::call::{Body, Call, Effect};
pub use self::client::{Http, SendError};
pub use self::part::VideoPart;
pub use self::reply::{MAX_REPLY, Reply};
pub use self::tls::tls_config;
pub(crate) use self::tls::tls_config_trusting;
pub use self::video_bytes::{SourceFailed, VideoBytes};
