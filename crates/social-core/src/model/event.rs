//! What a platform tells on its own account.

/// An event of a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublishEvent {
    /// The account's owner, or the platform, has withdrawn the grant.
    AuthorizationRemoved,
    /// A publish is complete.
    Complete {
        /// Which.
        publish_id: String,
    },
    /// A publish has failed.
    Failed {
        /// Which.
        publish_id: String,
    },
    /// A draft lies in the inbox.
    InboxDelivered {
        /// Which.
        publish_id: String,
    },
    /// A post can be seen by everybody.
    PubliclyAvailable {
        /// Which.
        publish_id: String,
        /// The post's id.
        post_id: String,
    },
    /// A post can no longer be seen by everybody.
    NoLongerPublic {
        /// Which.
        publish_id: String,
    },
    /// Nothing we act upon.
    Other,
}

impl PublishEvent {
    /// Whether it says that the platform has what it was sent.
    #[must_use]
    pub fn is_success(&self) -> bool {
        match self {
            Self::Complete { .. } | Self::PubliclyAvailable { .. } | Self::InboxDelivered { .. } => true,
            Self::AuthorizationRemoved | Self::Failed { .. } | Self::NoLongerPublic { .. } | Self::Other => {
                false
            }
        }
    }

    /// The publish it is about.
    #[must_use]
    pub fn publish_id(&self) -> Option<&str> {
        match self {
            Self::Complete { publish_id }
            | Self::Failed { publish_id }
            | Self::InboxDelivered { publish_id }
            | Self::PubliclyAvailable { publish_id, .. }
            | Self::NoLongerPublic { publish_id } => Some(publish_id),
            Self::AuthorizationRemoved | Self::Other => None,
        }
    }
}
