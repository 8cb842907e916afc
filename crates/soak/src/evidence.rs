//! The data after a run: the product's own records, and the platform's.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use http::Method;
use serde::Deserialize;
use social_core::clock::Timestamp;
use social_sandbox::tiktok::{Begun, Published};

use crate::account::Account;
use crate::error::SoakError;
use crate::film::Film;
use crate::post::{Made, Post, PostResult};
use crate::product::{Ask, Product};
use crate::timeline::{Incarnation, Span};
use crate::wire::{CallRecord, Subject, Wire};

/// One call in the attempt log.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Attempt {
    pub(crate) result_id: String,
    pub(crate) at: Timestamp,
    pub(crate) step: String,
    pub(crate) effect: String,
    pub(crate) outcome: String,
    pub(crate) http_status: Option<u16>,
    pub(crate) platform_code: Option<String>,
}

#[derive(Deserialize)]
struct Attempts {
    attempts: Vec<Attempt>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Posts {
    posts: Vec<Post>,
    next_cursor: Option<String>,
}

/// An accepted post, with all its data.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) made: Made,
    pub(crate) shown: Post,
    pub(crate) attempts: Vec<Attempt>,
    /// Its calls on the wire, in order.
    pub(crate) calls: Vec<CallRecord>,
}

/// One of its results, with the platform's data.
#[derive(Debug)]
pub(crate) struct ResultCase<'a> {
    pub(crate) case: &'a Case,
    pub(crate) result: &'a PostResult,
    pub(crate) handle: &'a str,
    pub(crate) attempts: Vec<&'a Attempt>,
    /// Its calls on the wire.
    pub(crate) calls: Vec<&'a CallRecord>,
    pub(crate) published: Vec<&'a Published>,
    pub(crate) begun: Vec<&'a Begun>,
}

/// All data of a run.
#[derive(Debug)]
pub(crate) struct Evidence {
    pub(crate) cases: Vec<Case>,
    /// Every post in the owners' lists, by our number of the post.
    pub(crate) listed: HashMap<String, Vec<String>>,
    /// The platform's published videos, by the number of the post; other videos have no number.
    pub(crate) published: HashMap<Option<u32>, Vec<Published>>,
    begun: HashMap<Option<u32>, Vec<Begun>>,
    /// The accounts' handles, by their ids in the product.
    handles: HashMap<String, String>,
    pub(crate) kills: Vec<(Incarnation, std::time::Duration)>,
    pub(crate) outages: Vec<(Span, &'static str)>,
    pub(crate) freezes: Vec<(Incarnation, Span)>,
}

impl Evidence {
    /// Collects the data, over the API and from the sandbox's state.
    pub(crate) async fn gather(
        product: &Product,
        wire: &Arc<Wire>,
        accounts: &[Account],
        made: Vec<Made>,
    ) -> Result<Self, SoakError> {
        let begun = wire.sandbox.tiktok().begun();
        let mut calls = calls_by_film(wire.calls(), &begun);
        let made: Vec<(Made, Vec<CallRecord>)> = made
            .into_iter()
            .map(|made| {
                let calls = calls.remove(&made.wish.number()).unwrap_or_default();
                (made, calls)
            })
            .collect();
        let cases = stream::iter(made)
            .map(|(made, calls)| async move {
                let path = format!("/social-posts/{}", made.id);
                let shown = product.read(&Ask::by(&made.owner, Method::GET, &path)?).await?;
                let ledger = Ask::by(&made.owner, Method::GET, format!("{path}/attempts"))?;
                let Attempts { attempts } = product.read(&ledger).await?;
                Ok::<_, SoakError>(Case { made, shown, attempts, calls })
            })
            .buffered(8)
            .try_collect()
            .await?;
        let mut owners: Vec<&str> = accounts.iter().map(|account| account.owner.as_str()).collect();
        owners.dedup();
        let mut listed: HashMap<String, Vec<String>> = HashMap::new();
        for owner in owners {
            for post in list(product, owner).await? {
                listed.entry(post.external_id.unwrap_or_default()).or_default().push(post.id);
            }
        }
        Ok(Self {
            cases,
            listed,
            published: by_number(wire.sandbox.tiktok().published(), |one| {
                Film::of_size(one.size).map(|film| film.number)
            }),
            begun: by_number(begun, |one| film_of(one).map(|film| film.number)),
            handles: accounts.iter().map(|account| (account.id.clone(), account.handle.clone())).collect(),
            kills: wire.timeline.kills(),
            outages: wire.timeline.outages(),
            freezes: wire.timeline.freezes(),
        })
    }

    /// Returns every result of every post.
    pub(crate) fn results(&self) -> impl Iterator<Item = ResultCase<'_>> {
        self.cases.iter().flat_map(move |case| {
            case.shown.results.iter().map(move |result| {
                let handle = self.handles.get(&result.account_id).map_or("nobody", String::as_str);
                let number = Some(case.made.wish.number());
                let (published, begun) = (self.published.get(&number), self.begun.get(&number));
                ResultCase {
                    case,
                    result,
                    handle,
                    calls: case.calls.iter().filter(|call| call.is_for(handle)).collect(),
                    attempts: case.attempts.iter().filter(|one| one.result_id == result.id).collect(),
                    published: published.into_iter().flatten().filter(|one| one.username == handle).collect(),
                    begun: begun.into_iter().flatten().filter(|one| one.username == handle).collect(),
                }
            })
        })
    }
}

fn by_number<T>(all: Vec<T>, number: impl Fn(&T) -> Option<u32>) -> HashMap<Option<u32>, Vec<T>> {
    let mut by_number: HashMap<Option<u32>, Vec<T>> = HashMap::new();
    for one in all {
        by_number.entry(number(&one)).or_default().push(one);
    }
    by_number
}

async fn list(product: &Product, owner: &str) -> Result<Vec<Post>, SoakError> {
    let mut all = Vec::new();
    let mut cursor = String::new();
    loop {
        let ask = Ask::by(owner, Method::GET, format!("/social-posts?limit=100{cursor}"))?;
        let Posts { posts, next_cursor } = product.read(&ask).await?;
        all.extend(posts);
        match next_cursor {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Ok(all),
        }
    }
}

fn film_of(begun: &Begun) -> Option<Film> {
    begun.video_url.as_deref().map_or_else(|| Film::of_size(begun.upload_size?), Film::named)
}

/// Returns the calls by the number of their post, each with its account's handle.
fn calls_by_film(calls: Vec<CallRecord>, begun: &[Begun]) -> HashMap<u32, Vec<CallRecord>> {
    let known = |one| film_of(one).map(|film| (film.number, one.username.as_str()));
    let by_id: HashMap<&str, (u32, &str)> =
        begun.iter().filter_map(|one| Some((one.publish_id.as_str(), known(one)?))).collect();
    // A publish id ends in a dot and the id of its upload.
    let by_upload: HashMap<&str, (u32, &str)> =
        by_id.iter().filter_map(|(id, known)| Some((id.rsplit('.').next()?, *known))).collect();
    let mut by_film: HashMap<u32, Vec<CallRecord>> = HashMap::new();
    for mut call in calls {
        let known = match &call.subject {
            Subject::Film(film) => call.handle.as_deref().map(|handle| (film.number, handle)),
            Subject::Publish(id) => by_id.get(id.as_str()).copied(),
            Subject::Upload(id) => by_upload.get(id.as_str()).copied(),
            Subject::Nothing => None,
        };
        if let Some((number, handle)) = known {
            call.handle = Some(handle.to_owned());
            by_film.entry(number).or_default().push(call);
        }
    }
    by_film
}
