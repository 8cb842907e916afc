//! Fills our tables with work.

use std::sync::Arc;

use social_core::clock::SystemClock;
use social_core::entropy::SystemEntropy;
use social_core::secret::DatabaseUrl;
use social_core::store::Store;
use social_core::vault::{KeyRing, Place, Vault};
use uuid::Uuid;

use crate::server::{Database, connect};
use crate::trouble::Outcome;

/// Any 32 bytes.
pub(crate) const KEYS: &str = "k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

/// What a poll needs to know, about as long as the real thing.
const CHECKPOINT: &str = r#"{"Poll":{"task":{"publish_id":"v_pub_file~v2-1.7512345678901234567","handle":"demokitchen","pull":false,"inits":0,"size":10485760},"asked":1,"waited":5,"is_draft":false}}"#;

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

/// Results that are due, dealt out to so many accounts in turn, and the posts and accounts they need.
pub(crate) async fn results(database: &Database, results: usize, accounts: usize, begun: Begun) -> Outcome<()> {
    let vault = vault()?;
    let mut owner = connect(&database.url).await?;
    let owners: Vec<String> = (0..accounts).map(|account| format!("owner-{}", account % 100)).collect();
    let ids: Vec<Uuid> = (0..accounts).map(|account| id(1, account)).collect();
    let tokens: Vec<String> = ids
        .iter()
        .zip(&owners)
        .map(|(id, owner)| {
            vault.seal(Place { column: "social_accounts.access_token", owner, row: *id }, &"a".repeat(72))
        })
        .collect();
    sqlx::query(
        "insert into social_accounts (id, owner_id, platform, account_id, client_id, username, access_token,
            token_expires_at, scopes, status, connected_at, created_at, updated_at)
        select id, owner, 'tiktok', 'account-' || at, 'client', 'user' || at, token, now() + interval '1 day',
            '{video.publish}', 'active', now(), now(), now()
        from unnest($1::uuid[], $2::text[], $3::text[]) with ordinality as new (id, owner, token, at)",
    )
    .bind(&ids)
    .bind(&owners)
    .bind(&tokens)
    .execute(&mut owner)
    .await?;
    let rows: Vec<usize> = (0..results).collect();
    for rows in rows.chunks(10_000) {
        let accounts_of: Vec<Uuid> = rows.iter().map(|row| id(1, row % accounts)).collect();
        let owners: Vec<String> = rows.iter().map(|row| format!("owner-{}", row % accounts % 100)).collect();
        let posts: Vec<Uuid> = rows.iter().map(|row| id(2, *row)).collect();
        let ids: Vec<Uuid> = rows.iter().map(|row| id(3, *row)).collect();
        let checkpoints: Vec<Option<String>> = ids
            .iter()
            .zip(&owners)
            .map(|(id, owner)| {
                let place = Place { column: "post_results.checkpoint", owner, row: *id };
                (begun == Begun::Yes).then(|| vault.seal(place, CHECKPOINT))
            })
            .collect();
        sqlx::query(
            "with new as (
                select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[]) with ordinality
                    as new (id, post, account, owner, checkpoint, at)
            ), posts as (
                insert into social_posts (id, owner_id, video_url, caption, publish_at, created_at, updated_at)
                select post, owner, 'https://videos.example.com/kitchen/' || post || '.mp4',
                    'A caption of the usual length #with #tags', now(), now(), now()
                from new
            )
            insert into post_results (id, post_id, owner_id, account_id, platform, options, state, due_at, slot_at,
                step, checkpoint, publish_id, created_at, updated_at)
            select id, post, owner, account, 'tiktok', '{\"privacy_level\":\"SELF_ONLY\"}',
                case when checkpoint is null then 'queued' else 'processing' end,
                now() - interval '1 hour' + at * interval '1 millisecond', case when checkpoint is not null then now() end,
                case when checkpoint is not null then 'poll' end, checkpoint,
                case when checkpoint is not null then 'v_pub_file~v2-1.' || id end, now(), now()
            from new",
        )
        .bind(&ids)
        .bind(&posts)
        .bind(&accounts_of)
        .bind(&owners)
        .bind(&checkpoints)
        .execute(&mut owner)
        .await?;
    }
    Ok(())
}
