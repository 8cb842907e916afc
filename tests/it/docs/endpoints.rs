//! The list of endpoints, and the statuses of errors.

use std::collections::BTreeSet;
use std::fs;

use bytes::Bytes;
use http::StatusCode;
use http::header::{ALLOW, AUTHORIZATION};
use social_core::web::Arrival;

use super::{at, cells, code_of, docs, quoted, rust_files, table};
use crate::world::{WORKER_SECRET, World, answer, token};

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

/// The operations of the contract: each path with its method and its statuses.
fn operations() -> Vec<(String, String, Vec<u16>)> {
    let document = serde_json::to_value(social_core::web::document()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(|(method, operation)| {
            let statuses = operation["responses"].as_object().unwrap().keys();
            let statuses = statuses.map(|status| status.parse().unwrap()).collect();
            (path.trim_start_matches('/').to_owned(), method.to_uppercase(), statuses)
        })
    });
    operations.collect()
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
        let answered = answer(&world.app, request, Arrival::default()).await;
        assert_eq!(answered.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
        let allowed = answered.headers()[ALLOW].to_str().unwrap();
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
    assert_eq!(functions.len(), 10);
    let mut found = 0;
    for (path, method, _) in operations() {
        assert!(listed.contains(&path), "docs/api.md lacks {path}");
        if path.starts_with("social-posts") || path.starts_with("social-accounts/") {
            found += 1;
            assert!(
                page.contains(&format!("\n### `{method} /api/{path}`\n")),
                "no section on {method} {path}"
            );
        }
    }
    assert!(found >= 12, "only {found} paths were read");
}

#[test]
fn every_status_of_an_error_is_in_the_docs_and_no_other() {
    let page = docs("api.md");
    let listed: BTreeSet<u16> =
        table(&page, "| status | when |").iter().map(|row| cells(row)[0].parse().unwrap()).collect();
    let statuses = operations().into_iter().flat_map(|(.., statuses)| statuses);
    let mut used: BTreeSet<u16> = statuses.filter(|status| *status >= 400).collect();
    for file in rust_files(at("crates/social-core/src/web")) {
        let code = code_of(&file).replace("ApiError::new( ", "ApiError::new(");
        let statuses = code.split("ApiError::new(").skip(1);
        used.extend(statuses.filter_map(|rest| rest.get(..3)?.parse::<u16>().ok()));
    }
    for file in ["demo.rs", "door.rs", "functions.rs"] {
        let code = code_of(&at("crates/social-server/src").join(file)).replace("refusal( ", "refusal(");
        for rest in code.split("refusal(StatusCode::").skip(1) {
            used.insert(match rest.split(',').next().unwrap() {
                "FORBIDDEN" => 403,
                "NOT_FOUND" => 404,
                "MISDIRECTED_REQUEST" => 421,
                "SERVICE_UNAVAILABLE" => 503,
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
