//! The checks of what people read: pages, messages and comments. The tests use the same.

pub mod banned;
pub mod commands;
pub mod comments;
pub mod links;
pub mod markdown;
pub mod prose;
mod sources;
