//! Events that a platform sends by webhook.

/// An event of a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublishEvent {
    /// The account's owner, or the platform, has withdrawn the grant.
    AuthorizationRemoved,
    /// A publish is complete.
    Complete {
        /// The publish.
        publish_id: String,
    },
    /// A publish has failed.
    Failed {
        /// The publish.
        publish_id: String,
    },
    /// A draft was delivered to the inbox.
    InboxDelivered {
        /// The publish.
        publish_id: String,
    },
    /// A post became public.
    PubliclyAvailable {
        /// The publish.
        publish_id: String,
        /// The post's id.
        post_id: String,
    },
    /// A post is no longer public.
    NoLongerPublic {
        /// The publish.
        publish_id: String,
    },
    /// An event that changes nothing here.
    Other,
}

impl PublishEvent {
    /// Reports whether the event says that the platform accepted the upload.
    #[must_use]
    pub fn is_success(&self) -> bool {
        match self {
            Self::Complete { .. } | Self::PubliclyAvailable { .. } | Self::InboxDelivered { .. } => true,
            Self::AuthorizationRemoved | Self::Failed { .. } | Self::NoLongerPublic { .. } | Self::Other => {
                false
            }
        }
    }

    /// Returns the publish that it is about.
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
