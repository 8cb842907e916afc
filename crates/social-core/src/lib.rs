//! Connects social accounts and publishes videos to them exactly once.
pub mod video;
