//! The requests of Meta's own SDKs and of other Graph clients.

use crate::harness::{REDIRECT, Stage, encoded, read, stage, video};
use serde_json::{Value, json};
use social_sandbox::facebook::Limits;

async fn get(stage: &Stage, token: &str, path: &str) -> crate::harness::Reply {
    read(stage.client.get(format!("{}/facebook{path}", stage.base)).bearer_auth(token)).await
}

async fn long_token(stage: &Stage) -> String {
    let form = [("account", "dana.demo"), ("scope", "all"), ("page", "all"), ("decision", "allow")];
    stage.user(&form).await.1
}

#[tokio::test]
async fn a_path_may_end_in_a_slash() {
    let stage = stage().await;
    let page = stage.connect("dana.demo").await;
    let user = long_token(&stage).await;
    let id = stage.filled(&page, &video(1_000)).await;
    stage.finish(&page, &id).await.ok();
    for (token, path) in [
        (&user, "me".to_owned()),
        (&user, "me/accounts".to_owned()),
        (&user, "me/permissions".to_owned()),
        (&user, page.id.clone()),
        (&page.token, id.clone()),
        (&page.token, format!("{}/videos", page.id)),
        (&page.token, format!("{}/video_reels", page.id)),
    ] {
        let bare = get(&stage, token, &format!("/v26.0/{path}?fields=id")).await.ok();
        assert_eq!(get(&stage, token, &format!("/v26.0/{path}/?fields=id")).await.ok(), bare, "{path}");
    }
    let path = format!("{}/video_reels/", page.id);
    stage.post(&page.token, &path, json!({ "upload_phase": "start" })).await.ok();
}

#[tokio::test]
async fn a_version_that_has_ended_is_served_by_the_oldest_and_so_is_none() {
    let stage = stage().await;
    let user = long_token(&stage).await;
    for path in ["/v16.0/me", "/v20.0/me", "/v2.12/me/", "/v27.0/me", "/me", "/me/"] {
        assert_eq!(get(&stage, &user, path).await.ok()["name"], "Dana Demo", "{path}");
    }
    for path in ["/v99.0/me", "/v28.0/me"] {
        assert_eq!(get(&stage, &user, path).await.refused(), (2500, None), "{path}");
    }
    let query = Stage::authorize_query();
    let pairs: Vec<(&str, &str)> = query.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let form = [("account", "dana.demo"), ("scope", "all"), ("decision", "allow")];
    for (dialog, token) in
        [("v16.0/dialog/oauth", "v16.0/oauth/access_token"), ("dialog/oauth", "oauth/access_token")]
    {
        let dialog = format!("{}/facebook/{dialog}?{}", stage.base, encoded(&pairs));
        let back = stage.form(&dialog, &form).await.headers["location"].clone();
        let back = url::Url::parse(&back).unwrap();
        let code = back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
        let fields = [
            ("client_id", "990602627938098"),
            ("client_secret", "secret"),
            ("redirect_uri", REDIRECT),
            ("code", &code),
        ];
        stage.form(&format!("{}/facebook/{token}", stage.base), &fields).await.ok();
    }
    let page = stage.connect("dana.demo").await;
    let url = format!("{}/facebook/{}?access_token={}", stage.base, page.id, page.token);
    assert_eq!(read(stage.client.get(url)).await.ok()["name"], "Demo Kitchen");
    let visitor = read(stage.client.get(format!("{}/facebook/{}", stage.base, page.id))).await;
    assert!(visitor.body.contains("<html"), "without a token it is the Page itself");
}

#[tokio::test]
async fn a_list_has_its_total_if_requested() {
    let stage = stage().await;
    stage.sandbox.facebook().set_limits(Limits { processing_polls: 0, ..Limits::default() });
    let user = long_token(&stage).await;
    let accounts = stage.get(&user, "me/accounts?limit=1&summary=true").await.ok();
    assert_eq!(accounts["summary"], json!({ "total_count": 3 }));
    assert!(stage.get(&user, "me/accounts?summary=false").await.ok().get("summary").is_none());
    let page = stage.connect("dana.demo").await;
    let id = stage.filled(&page, &video(1_000_000)).await;
    stage.finish(&page, &id).await.ok();
    for edge in ["videos", "video_reels"] {
        let path = format!("{}/{edge}?summary=total_count&fields=id,status,length", page.id);
        let list = stage.get(&page.token, &path).await.ok();
        assert_eq!(list["summary"]["total_count"], 1);
        let first = &list["data"][0];
        assert_eq!((&first["id"], &first["length"]), (&json!(id), &json!(4.0)));
        assert_eq!(first["status"]["uploading_phase"]["status"], "complete");
    }
    let refused = stage.get(&user, "me/accounts?sumary=true").await.refused();
    assert_eq!(refused, (100, None), "a misspelt parameter is still found");
}

#[tokio::test]
async fn a_call_without_fields_gets_those_of_metas_guide() {
    let stage = stage().await;
    let user = long_token(&stage).await;
    let page = stage.get(&user, "me/accounts").await.ok()["data"][0].clone();
    let mut names: Vec<&String> = page.as_object().unwrap().keys().collect();
    names.sort();
    assert_eq!(names, ["access_token", "category", "category_list", "id", "name", "tasks"]);
    let me = stage.get(&user, "me").await.ok();
    assert_eq!((me["name"].as_str(), me["id"].is_string()), (Some("Dana Demo"), true));
    let node = stage.get(&user, page["id"].as_str().unwrap()).await.ok();
    assert_eq!(node, json!({ "id": page["id"], "name": "Demo Kitchen" }));
}

#[tokio::test]
async fn a_user_has_an_id_beside_me() {
    let stage = stage().await;
    let user = long_token(&stage).await;
    let id = stage.get(&user, "me").await.ok()["id"].as_str().unwrap().to_owned();
    assert_eq!(stage.get(&user, &id).await.ok()["name"], "Dana Demo");
    for edge in ["accounts?fields=id", "businesses", "permissions"] {
        let own = stage.get(&user, &format!("me/{edge}")).await.ok();
        assert_eq!(stage.get(&user, &format!("{id}/{edge}")).await.ok(), own);
        assert_eq!(stage.get(&user, &format!("1{id}/{edge}")).await.refused(), (100, Some(33)));
    }
}

#[tokio::test]
async fn what_graph_does_not_know_it_refuses_in_json() {
    let stage = stage().await;
    let page = stage.connect("dana.demo").await;
    let post = stage.post(&page.token, &format!("{}/advideos", page.id), json!({})).await;
    assert_eq!((post.status, post.refused()), (400, (100, Some(33))));
    let delete = stage.client.delete(stage.url(&format!("{}/videos", page.id))).bearer_auth(&page.token);
    let delete = read(delete).await;
    let message = delete.json()["error"]["message"].clone();
    assert_eq!((delete.status, delete.refused()), (400, (100, Some(33))));
    assert!(message.as_str().unwrap().starts_with("Unsupported delete request."), "{message}");
    let field = stage.get(&page.token, &format!("{}/advideos", page.id)).await;
    assert_eq!((field.status, field.refused()), (400, (100, None)));
    assert_eq!(stage.get(&page.token, "a/b/c/d").await.refused(), (2500, None));
}

#[tokio::test]
async fn an_sdk_sends_its_token_and_its_parameters_in_the_query() {
    let stage = stage().await;
    let page = stage.connect("dana.demo").await;
    let bytes = video(5_000);
    let post = |query: &str, kind: &'static str, body: Vec<u8>| {
        let url =
            format!("{}?access_token={}&{query}", stage.url(&format!("{}/videos", page.id)), page.token);
        read(stage.client.post(url).header("content-type", kind).body(body))
    };
    let form = "application/x-www-form-urlencoded";
    let begun = post("", form, b"file_size=5000&upload_phase=start".to_vec()).await.ok();
    let session = begun["upload_session_id"].as_str().unwrap();
    let head = format!(
        "--x\r\nContent-Disposition: form-data; name=\"upload_phase\"\r\n\r\ntransfer\r\n\
         --x\r\nContent-Disposition: form-data; name=\"start_offset\"\r\n\r\n0\r\n\
         --x\r\nContent-Disposition: form-data; name=\"upload_session_id\"\r\n\r\n{session}\r\n\
         --x\r\nContent-Disposition: form-data; name=\"video_file_chunk\"; filename=\"a.mp4\"\r\n\
         Content-Type: multipart/form-data\r\n\r\n"
    );
    let piece = [head.as_bytes(), &bytes, b"\r\n--x--\r\n"].concat();
    let next: Value = post("", "multipart/form-data; boundary=x", piece).await.ok();
    assert_eq!((&next["start_offset"], &next["end_offset"]), (&json!("5000"), &json!("5000")));
    let end = format!("upload_phase=finish&upload_session_id={session}&title=a.mp4");
    assert_eq!(post("", form, end.into_bytes()).await.ok(), json!({ "success": true }));
    assert_eq!(stage.sandbox.facebook().published().len(), 1);
}
