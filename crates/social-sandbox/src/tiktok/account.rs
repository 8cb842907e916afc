//! The creators of the simulated TikTok.

use crate::place::Who;
use crate::random;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Who may see an account's videos at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Visibility {
    /// Everyone.
    Public,
    /// Followers.
    Private,
}

/// One creator.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) open_id: String,
    pub(crate) union_id: String,
    pub(crate) username: String,
    pub(crate) display_name: String,
    pub(crate) bio: String,
    pub(crate) visibility: Visibility,
    pub(crate) standing: Standing,
    pub(crate) followers: i64,
    pub(crate) following: i64,
    pub(crate) likes: i64,
    /// Public videos from before the sandbox was opened.
    pub(crate) videos: i64,
    pub(crate) comments: Interaction,
    pub(crate) duets: Interaction,
    pub(crate) stitches: Interaction,
    pub(crate) longest_video_seconds: i32,
    /// Publish ids, oldest first.
    pub(crate) publications: Vec<String>,
    /// Direct posts and drafts of the last day, for the quotas.
    pub(crate) recent_posts: VecDeque<(i64, String)>,
    pub(crate) recent_drafts: VecDeque<(i64, String)>,
}

/// Whether TikTok lets the creator post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Standing {
    Good,
    Banned,
}

/// Whether the creator allows one kind of interaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Interaction {
    Allowed,
    Disabled,
}

impl Account {
    pub(crate) fn new(username: &str, visibility: Visibility) -> Self {
        Self {
            open_id: format!("-000{}", random::text(32)),
            union_id: random::text(36),
            username: username.into(),
            display_name: username.into(),
            bio: "A creator in the sandbox.".into(),
            visibility,
            standing: Standing::Good,
            followers: 0,
            following: 0,
            likes: 0,
            videos: 0,
            comments: Interaction::Allowed,
            duets: Interaction::Allowed,
            stitches: Interaction::Allowed,
            longest_video_seconds: 600,
            publications: Vec::new(),
            recent_posts: VecDeque::new(),
            recent_drafts: VecDeque::new(),
        }
    }

    /// Returns the creator's choices of privacy, strictest last.
    pub(crate) fn privacy_options(&self) -> [&'static str; 3] {
        match self.visibility {
            Visibility::Public => ["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"],
            Visibility::Private => ["FOLLOWER_OF_CREATOR", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"],
        }
    }

    pub(crate) fn who(&self) -> Who {
        Who { id: self.open_id.clone(), username: self.username.clone() }
    }
}

/// Reports whether TikTok would accept the user name: letters, digits, dots, underscores.
pub(crate) fn is_username(name: &str) -> bool {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || letter == '.' || letter == '_';
    (2..=24).contains(&name.len()) && name.chars().all(allowed) && !name.ends_with('.')
}
