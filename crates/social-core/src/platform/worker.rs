//! The whole that a platform is.

use super::connector::Connector;
use super::steps::Steps;

/// A platform: its facts and how to connect its accounts ([`Connector`]), what it accepts
/// ([`Rules`](super::Rules)), and how it publishes ([`Steps`]).
pub trait SocialWorker: Connector + Steps {}

impl<T: Connector + Steps> SocialWorker for T {}
