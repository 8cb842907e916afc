//! Webhooks as received. One that names a publish we do not know yet is parked, not dropped.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::model::{Checkpoint, OwnerId, PlatformId, PublishEvent};
use crate::platform::ENDED;
use crate::store::call::{Call, columns};
use crate::store::holds::Parking;
use crate::store::lease::checkpoint_place;
use crate::store::{Store, StoreError};

/// A verified delivery.
#[derive(Debug)]
pub struct ReceivedWebhook<'a> {
    /// SHA-256 of the raw body: deliveries carry no id, so equal bodies are one delivery.
    pub body_hash: &'a [u8],
    /// Who sent it.
    pub platform: &'a PlatformId,
    /// Our client at the platform.
    pub client_id: &'a str,
    /// The account it is about, by its id there.
    pub remote_id: Option<&'a str>,
    /// The event's name.
    pub name: &'a str,
    /// What happened.
    pub event: &'a PublishEvent,
    /// When, by the platform's clock.
    pub created_at: Timestamp,
}

/// The step that asks for the link of a post, from the step that was next, the publish and its account's handle. It only
/// reads.
pub type LinkLook = dyn Fn(Option<&Checkpoint>, &str, Option<&str>) -> Checkpoint + Sync;

/// How the link of a post is had.
pub struct PostLinks<'a> {
    /// Its address, from its account's handle and its id.
    pub address: &'a (dyn Fn(&str, &str) -> String + Sync),
    /// The step that asks for it.
    pub look: &'a LinkLook,
}

impl std::fmt::Debug for PostLinks<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PostLinks")
    }
}

columns! {
    /// A result whose publish a webhook names, and that needs an answer of ours first.
    struct Named {
        id: Uuid,
        owner_id: String,
        username: Option<String>,
        step: Option<String>,
        checkpoint: Option<String>,
        wants_look: bool,
    }
}

/// What there is left to know of a result: where it is, or a step that only asks for it, sealed.
struct Look {
    id: Uuid,
    /// The checkpoint that it was made from.
    seen: Option<String>,
    url: Option<String>,
    step: Option<String>,
    checkpoint: Option<String>,
}

/// Five: a result whose step changes between every two of our calls is left to the platform's next delivery.
const MOST_LOOKS: usize = 5;

impl Store {
    /// Records a delivery and applies it, once. A delivery that was recorded is not applied again, so this may be called
    /// twice.
    ///
    /// Polling is its equal: whichever comes second finds nothing left to do.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn receive_webhook(
        &self,
        webhook: &ReceivedWebhook<'_>,
        links: &PostLinks<'_>,
    ) -> Result<(), StoreError> {
        let mut looks = Vec::new();
        for _ in 0..MOST_LOOKS {
            let named: Vec<Named> = self.rows(receive_webhook(webhook, &looks)).await?;
            if named.is_empty() {
                return Ok(());
            }
            let fresh: Vec<Look> = named
                .into_iter()
                .map(|result| self.look(result, webhook, links))
                .collect::<Result<_, _>>()?;
            looks.retain(|look: &Look| fresh.iter().all(|one| one.id != look.id));
            looks.extend(fresh);
        }
        Err(StoreError::Interrupted)
    }

    /// What finds the link of a result.
    fn look(
        &self,
        result: Named,
        webhook: &ReceivedWebhook<'_>,
        links: &PostLinks<'_>,
    ) -> Result<Look, StoreError> {
        let url = match webhook.event {
            PublishEvent::PubliclyAvailable { post_id, .. } => {
                result.username.as_deref().map(|handle| (links.address)(handle, post_id))
            }
            _ => None,
        };
        let mut look = Look { id: result.id, seen: result.checkpoint, url, step: None, checkpoint: None };
        if look.url.is_some() || !result.wants_look {
            return Ok(look);
        }
        let owner =
            OwnerId::new(&result.owner_id).ok_or(StoreError::Inconsistent("post_results.owner_id"))?;
        let place = checkpoint_place(&owner, result.id);
        // One that does not open knows nothing that could not be done without.
        let next = result
            .step
            .zip(look.seen.as_deref())
            .and_then(|(name, sealed)| Some(Checkpoint { name, body: self.vault.open(place, sealed).ok()? }));
        let publish_id = webhook.event.publish_id().unwrap_or_default();
        let step = (links.look)(next.as_ref(), publish_id, result.username.as_deref());
        look.checkpoint = Some(self.vault.seal(place, &step.body));
        look.step = Some(step.name);
        Ok(look)
    }
}

/// The call that records and applies a delivery, with the looks that it needs.
fn receive_webhook<'a>(webhook: &'a ReceivedWebhook<'_>, looks: &'a [Look]) -> Call<'a> {
    let (kind, post_id) = match webhook.event {
        PublishEvent::Complete { .. } => (Some("complete"), None),
        PublishEvent::PubliclyAvailable { post_id, .. } => (Some("public"), Some(post_id.as_str())),
        PublishEvent::InboxDelivered { .. } => (Some("inbox"), None),
        PublishEvent::Failed { .. } => (Some("failed"), None),
        PublishEvent::AuthorizationRemoved => (Some("removed"), None),
        PublishEvent::NoLongerPublic { .. } | PublishEvent::Other => (None, None),
    };
    let parking = Parking::because(ENDED);
    Call::repeatable("receive_webhook")
        .with("hash", webhook.body_hash)
        .with("on_platform", webhook.platform.as_str())
        .with("client", webhook.client_id)
        .with("remote_id", webhook.remote_id)
        .with("name", webhook.name)
        .with("kind", kind)
        .with("publish", webhook.event.publish_id())
        .with("post", post_id)
        .with("told_at", webhook.created_at)
        .with("park_code", parking.code)
        .with("park_message", parking.message)
        .with("looked_at", each(looks, |look| look.id))
        .with("seen", each(looks, |look| look.seen.as_deref()))
        .with("urls", each(looks, |look| look.url.as_deref()))
        .with("steps", each(looks, |look| look.step.as_deref()))
        .with("checkpoints", each(looks, |look| look.checkpoint.as_deref()))
}

/// One array to each column.
fn each<'a, T>(looks: &'a [Look], column: impl Fn(&'a Look) -> T) -> Vec<T> {
    looks.iter().map(column).collect()
}
