//! The scopes, and what each may do.

/// Every scope that a consent screen can declare.
pub const SCOPES: [&str; 5] = [
    "https://www.googleapis.com/auth/youtube.upload",
    "https://www.googleapis.com/auth/youtube.readonly",
    "https://www.googleapis.com/auth/youtube",
    "https://www.googleapis.com/auth/youtube.force-ssl",
    OPENID,
];

/// The scope that identifies the person (`OpenID` Connect Core §3.1.2.1); it cannot be refused alone.
pub(super) const OPENID: &str = "openid";

/// The scopes of which one is needed to read. `youtube.upload` is not among them.
pub(super) const READING: [&str; 3] = [
    "https://www.googleapis.com/auth/youtube.readonly",
    "https://www.googleapis.com/auth/youtube",
    "https://www.googleapis.com/auth/youtube.force-ssl",
];

/// The scopes of which one is needed to upload.
pub(super) const UPLOADING: [&str; 3] = [
    "https://www.googleapis.com/auth/youtube.upload",
    "https://www.googleapis.com/auth/youtube",
    "https://www.googleapis.com/auth/youtube.force-ssl",
];
