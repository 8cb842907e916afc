//! The commands for support, over a database with an owner's results.

use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use crate::doctor::VARS;
use crate::place::Place;

const FAILED: &str = "0193a0f0-0000-7000-8000-00000000000a";
const DOUBTFUL: &str = "0193a0f0-0000-7000-8000-00000000000b";

/// An account of Alice's, a post, and two results: one failed, one in doubt.
const ROWS: &str = "
    insert into social_accounts (id, owner_id, platform, account_id, client_id, username, status, access_token,
        connected_at, created_at, updated_at)
    select ('0193a0f0-0000-7000-8000-00000000000' || n)::uuid, 'alice', 'tiktok', 'open-' || n, 'app', 'kitchen' || n,
        'active', 'v2.k1.AAAA', now(), now(), now()
    from generate_series(1, 2) n;
    insert into social_posts (id, owner_id, video_url, caption, publish_at, created_at, updated_at)
    values ('0193a0f0-0000-7000-8000-00000000000c', 'alice', 'https://cdn.example.com/v.mp4', 'hello', now(), now(), now());
    insert into post_results (id, post_id, owner_id, account_id, platform, options, state, error_code, created_at,
        updated_at)
    values
        ('0193a0f0-0000-7000-8000-00000000000a', '0193a0f0-0000-7000-8000-00000000000c', 'alice',
            '0193a0f0-0000-7000-8000-000000000001', 'tiktok', '{\"privacy_level\": \"SELF_ONLY\"}', 'failed', 'video_gone', now(), now()),
        ('0193a0f0-0000-7000-8000-00000000000b', '0193a0f0-0000-7000-8000-00000000000c', 'alice',
            '0193a0f0-0000-7000-8000-000000000002', 'tiktok', '{\"privacy_level\": \"SELF_ONLY\"}', 'in_doubt', 'no_reply', now(), now());";

#[test]
fn support_lists_retries_and_resolves_by_the_rules_of_the_api() {
    let place = Place::new("support");
    let server = private_postgres::shared_for_tests("support", |_| Ok(())).unwrap();
    let execute = |database: &str, statement: &str| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut connection = PgConnection::connect(&server.url(database)).await.unwrap();
            connection.execute(AssertSqlSafe(statement.to_owned())).await.unwrap();
        });
    };
    execute("postgres", "create database support");
    let url = server.url("support");
    let vars = [&VARS[..], &[("DATABASE_URL", url.as_str())]].concat();
    assert!(place.run(&["migrate"], &vars).0.status.success());
    execute("support", ROWS);
    let run = |words: &[&str]| {
        let (output, said) = place.run(words, &vars);
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), said)
    };

    let (code, shown, said) = run(&["accounts", "--owner", "alice"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(shown.starts_with("ACCOUNT") && shown.contains("kitchen1  active"), "{shown}");
    assert_eq!(run(&["accounts", "--owner", "bob"]).1.lines().count(), 1);
    let (_, shown, _) = run(&["accounts", "--owner", "alice", "--json"]);
    let listed: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!((listed["accounts"].as_array().unwrap().len(), &listed["nextCursor"]), (2, &Value::Null));

    let (_, shown, _) = run(&["results", "--owner", "alice", "--state", "inDoubt"]);
    assert!(shown.contains(DOUBTFUL) && shown.contains("no_reply") && !shown.contains(FAILED), "{shown}");
    assert_eq!(run(&["results", "--owner", "alice"]).1.lines().count(), 3);

    let (code, _, said) = run(&["resolve", FAILED, "published", "--owner", "alice"]);
    assert!(code == Some(1) && said.contains("(not_in_doubt)"), "{said}");
    let (code, _, said) = run(&["resolve", DOUBTFUL, "not-published", "--owner", "bob"]);
    assert!(code == Some(1) && said.contains("no such result"), "{said}");
    let (code, shown, said) = run(&["resolve", DOUBTFUL, "not-published", "--owner", "alice"]);
    assert!(code == Some(0) && shown.contains("not_published"), "{shown}{said}");

    let (code, shown, said) = run(&["retry", FAILED, "--owner", "alice", "--json"]);
    assert_eq!(code, Some(0), "{said}");
    let retried: Value = serde_json::from_str(&shown).unwrap();
    let states: Vec<&Value> =
        retried["posts"][0]["results"].as_array().unwrap().iter().map(|result| &result["state"]).collect();
    assert_eq!(states, ["queued", "queued"]);
    let (code, _, said) = run(&["retry", FAILED, "--owner", "alice"]);
    assert!(code == Some(1) && said.contains("(nothing_to_retry)"), "{said}");
    execute("postgres", "drop database support with (force)");
}
