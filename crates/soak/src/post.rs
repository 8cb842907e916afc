//! The posts: drawn before the run, created, edited and cancelled during it.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderName, Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use social_core::clock::{Clock as _, SystemClock, Timestamp};

use crate::account::Account;
use crate::dice::Dice;
use crate::error::SoakError;
use crate::film::{Film, Length};
use crate::plan::Plan;
use crate::product::{Ask, Product};

/// How long a post waits for an account that must be reconnected.
const PATIENCE: u32 = 60;

/// The destination of a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Goal {
    /// The profile, for everyone: its id is checked later.
    Public,
    /// The profile, for its owner.
    Private,
    /// The inbox.
    Draft,
}

/// A planned post.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    /// When it is created, counted from the start of the faults.
    pub(crate) at: Duration,
    pub(crate) film: Film,
    /// Whether the platform downloads the video.
    pub(crate) is_pull: bool,
    pub(crate) goal: Goal,
    /// Indices of the accounts.
    accounts: Vec<usize>,
    /// How long after its creation it is due.
    later: Option<Duration>,
    /// How long after its creation it is cancelled.
    cancel: Option<Duration>,
    /// Whether the caption is changed before it is due.
    edit: bool,
}

/// An accepted post.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    pub(crate) wish: Wish,
    pub(crate) id: String,
    pub(crate) owner: String,
    /// The number of its results.
    pub(crate) results: usize,
    /// Whether the change of its caption was accepted.
    pub(crate) edited: bool,
}

/// A post in the product's responses.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Post {
    pub(crate) id: String,
    pub(crate) caption: String,
    pub(crate) external_id: Option<String>,
    pub(crate) publish_at: Timestamp,
    pub(crate) created_at: Timestamp,
    pub(crate) results: Vec<PostResult>,
}

/// A result in the product's responses.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PostResult {
    pub(crate) id: String,
    pub(crate) account_id: String,
    pub(crate) state: String,
    pub(crate) step: Option<String>,
    pub(crate) publish_id: Option<String>,
    pub(crate) published_at: Option<Timestamp>,
    pub(crate) error: Option<ResultError>,
}

/// Its error.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ResultError {
    pub(crate) code: String,
}

/// Draws all posts of a run.
pub(crate) fn draw(plan: &Plan) -> Vec<Wish> {
    let mut dice = Dice::new(plan.seed, "posts");
    let last = plan.seconds.saturating_mul(900);
    (0..plan.posts)
        .map(|number| {
            // In rotation: all accounts then have the same number of posts, and all can start in time.
            let turn = usize::try_from(number).unwrap_or_default() % plan.accounts;
            let mut accounts = vec![turn];
            let neighbour = turn ^ 1;
            if dice.percent(8) && neighbour < plan.accounts {
                accounts.push(neighbour);
            }
            let is_pull = dice.percent(25);
            let length = if !is_pull && dice.percent(4) { Length::Long } else { Length::Short };
            let goal = match dice.below(10) {
                0 => Goal::Draft,
                1..4 => Goal::Public,
                _ => Goal::Private,
            };
            let later = dice.percent(25).then(|| dice.millis(2_000, 15_000));
            Wish {
                at: dice.millis(0, last),
                film: Film { number, length },
                is_pull,
                goal,
                accounts,
                later,
                cancel: dice.percent(10).then(|| dice.millis(0, 12_000)),
                edit: later.is_some() && dice.percent(40),
            }
        })
        .collect()
}

impl Wish {
    pub(crate) fn number(&self) -> u32 {
        self.film.number
    }

    /// Returns its caption, which differs from every other post's.
    pub(crate) fn caption(&self) -> String {
        format!("soak {}", self.number())
    }

    /// Returns its caption after the change.
    pub(crate) fn changed_caption(&self) -> String {
        format!("soak {}, take two", self.number())
    }

    fn body(&self, accounts: &[&Account], videos: &str) -> Value {
        let options = match self.goal {
            Goal::Public => json!({ "privacy_level": "PUBLIC_TO_EVERYONE" }),
            Goal::Private => json!({ "privacy_level": "SELF_ONLY" }),
            Goal::Draft => json!({ "post_mode": "MEDIA_UPLOAD" }),
        };
        let results: Vec<Value> =
            accounts.iter().map(|account| json!({ "accountId": account.id, "tiktok": options })).collect();
        let mut body = json!({
            "videoUrl": format!("{videos}/{}", self.film.name()),
            "caption": self.caption(),
            "externalId": self.number().to_string(),
            "results": results,
        });
        if let (Some(later), Value::Object(fields)) = (self.later, &mut body) {
            fields.insert("publishAt".into(), (SystemClock.now() + later).to_rfc3339().into());
        }
        body
    }

    /// Creates it, and edits or cancels it as planned.
    pub(crate) async fn play(
        self,
        product: Arc<Product>,
        accounts: Arc<Vec<Account>>,
        videos: String,
    ) -> Result<Made, SoakError> {
        let chosen: Vec<&Account> = self.accounts.iter().filter_map(|index| accounts.get(*index)).collect();
        let owner = chosen.first().map(|account| account.owner.clone()).unwrap_or_default();
        let post = self.make(&product, &owner, &self.body(&chosen, &videos)).await?;
        let (cancel, edit) = (self.cancel, self.edit);
        let mut made = Made { wish: self, id: post.id, owner, results: post.results.len(), edited: false };
        if edit {
            tokio::time::sleep(Duration::from_secs(1)).await;
            made.edited = made.change(&product).await?;
        }
        if let Some(cancel) = cancel {
            tokio::time::sleep(cancel).await;
            let ask = Ask::by(&made.owner, Method::POST, format!("/social-posts/{}/cancel", made.id))?;
            // The final state shows whether it came in time.
            product.ask(&ask).await?;
        }
        Ok(made)
    }

    /// Repeats the same request with the same key until it succeeds: it creates one post, however often it
    /// arrives.
    async fn make(&self, product: &Product, owner: &str, body: &Value) -> Result<Post, SoakError> {
        let ask = Ask::by(owner, Method::POST, "/social-posts")?
            .header(HeaderName::from_static("idempotency-key"), format!("soak-{}", self.number()))
            .json(body);
        for _ in 0..PATIENCE {
            let answer = product.ask(&ask).await?;
            if answer.status == StatusCode::ACCEPTED {
                return answer.json();
            }
            if !answer.code().contains("reconnect") {
                break;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        product.read(&ask).await
    }
}

impl Made {
    /// Changes the caption before the post starts. A lost response and a late change look alike here. The
    /// post's final state decides.
    async fn change(&self, product: &Product) -> Result<bool, SoakError> {
        let body = json!({ "version": 1, "caption": self.wish.changed_caption() });
        let ask = Ask::by(&self.owner, Method::PATCH, format!("/social-posts/{}", self.id))?.json(&body);
        Ok(product.ask(&ask).await?.status == StatusCode::OK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seed_draws_the_posts() {
        let plan = |seed: &str| {
            let words = ["--seed", seed, "--posts", "300"].map(str::to_owned);
            Plan::read(words.into_iter()).unwrap().unwrap()
        };
        let one = draw(&plan("1"));
        assert_eq!(format!("{one:?}"), format!("{:?}", draw(&plan("1"))));
        assert_ne!(format!("{one:?}"), format!("{:?}", draw(&plan("2"))));
        assert!(one.iter().any(|wish| wish.is_pull && wish.goal == Goal::Draft));
        assert!(one.iter().any(|wish| wish.film.length == Length::Long));
        assert!(one.iter().any(|wish| wish.accounts.len() == 2));
        assert!(one.iter().any(|wish| wish.edit) && one.iter().any(|wish| wish.cancel.is_some()));
    }
}
