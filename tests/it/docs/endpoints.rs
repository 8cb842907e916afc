//! The list of endpoints, and the statuses of errors.

use std::collections::BTreeSet;
use std::fs;

use bytes::Bytes;
use http::StatusCode;
use http::header::{ALLOW, AUTHORIZATION};
use social_core::model::PlatformId;
use social_core::web::{Arrival, Face, Scope};

use super::{at, cells, code_of, docs, quoted, rust_files, table};
use crate::world::{WORKER_SECRET, World, token};

const TIKTOK: PlatformId = PlatformId::new("tiktok");
const ID: &str = "019ae2c4-7d10-7c3e-9b0e-0c5b9a1f2d11";

/// The endpoints of the page: each path with its methods.
fn endpoints(page: &str) -> Vec<(String, Vec<&str>)> {
    let row = |row| {
        let cells = cells(row);
        let path = quoted(cells[0]).next().unwrap().strip_prefix("/api/").unwrap();
        (path.to_owned(), quoted(cells[1]).collect())
    };
    table(page, "| endpoint | methods |").into_iter().map(row).collect()
}

fn face(function: &str) -> Face {
    match function {
        "tiktok-connect" => Face::Connect(Scope::Only(TIKTOK)),
        "tiktok-callback" => Face::Callback(Scope::Only(TIKTOK)),
        "social-accounts-connect" => Face::Connect(Scope::Any),
        "social-accounts-callback" => Face::Callback(Scope::Any),
        "social-accounts" => Face::Accounts,
        "social-posts" => Face::Posts,
        "social-post-worker" => Face::PostWorker,
        "social-health" => Face::Health,
        "tiktok-webhook" => Face::Webhook,
        other => panic!("there is no function {other}"),
    }
}

#[tokio::test]
async fn every_endpoint_of_the_docs_takes_the_methods_that_they_list_and_no_other() {
    let world = World::new().await;
    let page = docs("api.md");
    for (path, methods) in endpoints(&page) {
        let function = path.split('/').next().unwrap();
        let secret = if function == "social-post-worker" { WORKER_SECRET.to_owned() } else { token("alice") };
        let request = http::Request::put(format!("/api/{}", path.replace("{id}", ID)))
            .header(AUTHORIZATION, format!("Bearer {secret}"))
            .body(Bytes::new())
            .unwrap();
        let answer = world.app.answer(&face(function), request, Arrival::default()).await;
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
        let allowed = answer.headers()[ALLOW].to_str().unwrap();
        assert_eq!(methods.join(", "), allowed, "{path}");
    }
}

#[test]
fn every_function_and_every_path_of_the_program_is_among_the_endpoints_of_the_docs() {
    let page = docs("api.md");
    let listed: BTreeSet<String> = endpoints(&page).into_iter().map(|(path, _)| path).collect();
    let functions: BTreeSet<&str> = listed.iter().map(|path| path.split('/').next().unwrap()).collect();
    for entry in fs::read_dir(at("functions")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(functions.contains(name.as_str()), "docs/api.md lacks {name}");
    }
    assert_eq!(functions.len(), 9);
    let mut found = 0;
    for (file, function) in [("posts.rs", "social-posts"), ("accounts.rs", "social-accounts")] {
        let code = code_of(&at("crates/social-core/src/web").join(file));
        for arm in code.split("(&Method::").skip(1) {
            let (method, rest) = arm.split_once(", ").unwrap();
            let segments = rest.strip_prefix('[').unwrap().split(']').next().unwrap();
            let segments = segments.split(", ").filter(|segment| !segment.is_empty());
            let path = segments.fold(function.to_owned(), |path, segment| match segment.strip_prefix('"') {
                Some(word) => format!("{path}/{}", word.trim_end_matches('"')),
                None => format!("{path}/{{id}}"),
            });
            found += 1;
            assert!(listed.contains(&path), "docs/api.md lacks {path}");
            assert!(
                page.contains(&format!("\n### `{method} /api/{path}`\n")),
                "no section on {method} {path}"
            );
        }
    }
    assert!(found >= 13, "only {found} paths were read");
}

#[test]
fn every_status_of_an_error_is_in_the_docs_and_no_other() {
    let page = docs("api.md");
    let listed: BTreeSet<u16> =
        table(&page, "| status | when |").iter().map(|row| cells(row)[0].parse().unwrap()).collect();
    let mut used = BTreeSet::from([400, 422, 404, 405]);
    for file in rust_files(at("crates/social-core/src/web")) {
        let code =
            code_of(&file).replace("Self::new( ", "Self::new(").replace("ApiError::new( ", "ApiError::new(");
        for mark in ["ApiError::new(", "Self::new(", "json_response("] {
            let statuses = code.split(mark).skip(1).filter_map(|rest| rest.get(..3)?.parse::<u16>().ok());
            used.extend(statuses.filter(|status| *status >= 400));
        }
    }
    for file in ["demo.rs", "door.rs", "functions.rs", "invoke.rs"] {
        let code = code_of(&at("crates/social-server/src").join(file)).replace("refusal( ", "refusal(");
        for rest in code.split("refusal(StatusCode::").skip(1) {
            used.insert(match rest.split(',').next().unwrap() {
                "BAD_REQUEST" => 400,
                "FORBIDDEN" => 403,
                "NOT_FOUND" => 404,
                "PAYLOAD_TOO_LARGE" => 413,
                "MISDIRECTED_REQUEST" => 421,
                "BAD_GATEWAY" => 502,
                other => panic!("{other} is new"),
            });
        }
    }
    assert_eq!(listed, used);
}

#[test]
fn every_path_of_local_mode_is_in_the_docs() {
    let page = docs("api.md");
    let code = code_of(&at("crates/social-server/src/local.rs"));
    let paths: Vec<&str> =
        code.split(".route(\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(paths.len() >= 2, "{paths:?}");
    for path in paths {
        assert!(page.contains(&format!("| `GET {path}` |")), "docs/api.md lacks {path}");
    }
}
