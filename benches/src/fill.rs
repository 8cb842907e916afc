//! Fills our tables with work.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use social_core::clock::{Clock as _, SystemClock};
use social_core::entropy::SystemEntropy;
use social_core::secret::DatabaseUrl;
use social_core::store::Store;
use social_core::vault::{KeyRing, Place, Vault};
use social_core::video::{
    AddressPolicy, Container, PinnedVideo, VideoCodec, VideoFacts, VideoFile, VideoUrl,
};
use uuid::Uuid;

use crate::server::{Database, connect};
use crate::trouble::{Outcome, Trouble};

/// Any 32 bytes.
pub(crate) const KEYS: &str = "k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

/// A poll, as the engine writes it down.
pub(crate) const POLL: &str = r#"{"Poll":{"task":{"publish_id":"v_pub_file~v2-1.7512345678901234567","handle":"demokitchen","pull":false,"inits":1,"size":10485760},"waited":5}}"#;

/// How many results go into one statement.
const CHUNK: usize = 10_000;

/// How far the results are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Begun {
    /// Under way: they want no turn of their account's.
    Yes,
    /// To begin: each wants a turn.
    No,
}

/// A store as a function has it, with as many connections as asked.
pub(crate) fn store(url: &str, connections: u32) -> Outcome<Store> {
    let url = DatabaseUrl::new(url.to_owned());
    Ok(Store::connect_lazy(&url, connections, vault()?, Arc::new(SystemClock), Arc::new(SystemEntropy))?)
}

fn vault() -> Outcome<Vault> {
    Ok(Vault::new(Arc::new(KeyRing::parse(KEYS)?), Arc::new(SystemEntropy)))
}

fn id(kind: u16, number: usize) -> Uuid {
    let number = u128::try_from(number).unwrap_or_default();
    Uuid::from_u128((0x0190_0000_0000_7000_8000_0000_0000_0000 + (u128::from(kind) << 96)) | number)
}

/// What to fill in.
#[derive(Debug, Clone)]
pub(crate) struct Filling<'a> {
    /// The numbers of the results.
    pub(crate) results: Range<usize>,
    /// The numbers of the accounts they are dealt out to in turn; those that are missing are made.
    pub(crate) accounts: Range<usize>,
    /// How far the results are.
    pub(crate) begun: Begun,
    /// When the first is due, in seconds from now.
    pub(crate) due: f64,
    /// How many seconds later each of the following is due.
    pub(crate) apart: f64,
    /// Where the videos lie.
    pub(crate) videos: &'a str,
    /// The platform.
    pub(crate) platform: &'a str,
    /// The accounts' token at the platform.
    pub(crate) token: &'a str,
}

/// The token of an account that the platform serves well.
pub(crate) const TOKEN: &str =
    "act.well-served-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

impl Filling<'_> {
    /// So many results that have been due for an hour, over so many accounts.
    pub(crate) fn due(results: usize, accounts: usize, begun: Begun) -> Self {
        Self {
            results: 0..results,
            accounts: 0..accounts,
            begun,
            due: -3600.0,
            apart: 0.001,
            videos: "https://videos.example.com/kitchen",
            platform: "tiktok",
            token: TOKEN,
        }
    }
}

/// A video as it is known once it was looked at.
fn seen() -> Outcome<PinnedVideo> {
    let url = VideoUrl::parse("https://videos.example.com/kitchen/video.mp4", AddressPolicy::PublicOnly)
        .map_err(|error| Trouble::Said(error.to_string()))?;
    let size = 10_485_760;
    let etag = Some("\"0123456789abcdef\"".to_owned());
    let media_type = Some("video/mp4".to_owned());
    let facts = VideoFacts {
        brand: Some("isom".to_owned()),
        duration: Some(Duration::from_secs(20)),
        width: Some(1080),
        height: Some(1920),
        frame_rate: Some(30.0),
        video_codec: Some(VideoCodec::H264),
        ..VideoFacts::unread(Container::Mp4, size)
    };
    let file = VideoFile { url, size, etag, last_modified: None, media_type, ranged: true, redirects: false };
    Ok(PinnedVideo { file, facts })
}

/// The id of a result by its number.
pub(crate) fn result_id(number: usize) -> Uuid {
    id(3, number)
}

/// Fills in results, and the posts and accounts they need. A result's `created_at` says when it was first due.
pub(crate) async fn fill(database: &Database, filling: &Filling<'_>) -> Outcome<()> {
    let vault = vault()?;
    let mut owner = connect(&database.url).await?;
    let account_of = |row: usize| filling.accounts.start + row % filling.accounts.len();
    let owners: Vec<String> =
        filling.accounts.clone().map(|account| format!("owner-{}", account % 100)).collect();
    let ids: Vec<Uuid> = filling.accounts.clone().map(|account| id(1, account)).collect();
    let tokens: Vec<String> = ids
        .iter()
        .zip(&owners)
        .map(|(id, owner)| {
            vault.seal(
                Place { column: "social_accounts.access_token", owner, row: *id, version: None },
                filling.token,
            )
        })
        .collect();
    sqlx::query(
        "insert into social_accounts (id, owner_id, platform, account_id, client_id, username, access_token,
            token_expires_at, scopes, status, connected_at, created_at, updated_at)
        select id, owner, $4, 'account-' || id, 'client', 'user' || at, token, now() + interval '1 day',
            '{video.publish}', 'active', now(), now(), now()
        from unnest($1::uuid[], $2::text[], $3::text[]) with ordinality as new (id, owner, token, at)
        on conflict do nothing",
    )
    .bind(&ids)
    .bind(&owners)
    .bind(&tokens)
    .bind(filling.platform)
    .execute(&mut owner)
    .await?;
    let seen = sqlx::types::Json(seen()?);
    let rows: Vec<usize> = filling.results.clone().collect();
    for (chunk, rows) in rows.chunks(CHUNK).enumerate() {
        let due = filling.due + filling.apart * f64::from(u32::try_from(chunk * CHUNK).unwrap_or_default());
        let accounts_of: Vec<Uuid> = rows.iter().map(|row| id(1, account_of(*row))).collect();
        let owners: Vec<String> =
            rows.iter().map(|row| format!("owner-{}", account_of(*row) % 100)).collect();
        let posts: Vec<Uuid> = rows.iter().map(|row| id(2, *row)).collect();
        let ids: Vec<Uuid> = rows.iter().map(|row| id(3, *row)).collect();
        let checkpoints: Vec<Option<String>> = ids
            .iter()
            .zip(&owners)
            .map(|(id, owner)| {
                let place = Place { column: "post_results.checkpoint", owner, row: *id, version: None };
                (filling.begun == Begun::Yes).then(|| vault.seal(place, POLL))
            })
            .collect();
        sqlx::query(
            "with new as (
                select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[]) with ordinality
                    as new (id, post, account, owner, checkpoint, at)
            ), posts as (
                insert into social_posts (id, owner_id, video_url, caption, publish_at, video, created_at, updated_at)
                select post, owner, $6 || '/' || post || '.mp4',
                    'A caption of the usual length #with #tags', now(), case when checkpoint is not null then $10 end,
                    now(), now()
                from new
            )
            insert into post_results (id, post_id, owner_id, account_id, platform, options, state, due_at, slot_at,
                step, checkpoint, publish_id, created_at, updated_at)
            select id, post, owner, account, $9, '{\"privacy_level\":\"SELF_ONLY\"}',
                case when checkpoint is null then 'queued' else 'processing' end,
                now() + make_interval(secs => $7 + at * $8), case when checkpoint is not null then now() end,
                case when checkpoint is not null then 'poll' end, checkpoint,
                case when checkpoint is not null then 'v_pub_file~v2-1.' || id end, now() + make_interval(secs => $7 + at * $8), now()
            from new",
        )
        .bind(&ids)
        .bind(&posts)
        .bind(&accounts_of)
        .bind(&owners)
        .bind(&checkpoints)
        .bind(filling.videos)
        .bind(due)
        .bind(filling.apart)
        .bind(filling.platform)
        .bind(&seen)
        .execute(&mut owner)
        .await?;
    }
    Ok(())
}

/// The time, in milliseconds of the epoch.
pub(crate) fn now_millis() -> f64 {
    let now = SystemClock.now();
    f64::from(u32::try_from(now.timestamp()).unwrap_or_default()) * 1e3
        + f64::from(now.timestamp_subsec_micros()) / 1e3
}
