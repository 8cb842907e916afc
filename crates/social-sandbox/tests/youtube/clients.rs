//! The requests of Google's own libraries, and of other OAuth clients.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use social_sandbox::youtube::{Limits, Privacy, SCOPES};

use crate::harness::{CHUNK, GRANULE, SIZE, resource, scopes, stage, tokens};
use crate::stage::{REDIRECT, Reply, Stage, VERIFIER, encoded, read, sha256, video};

const ALLOW: [(&str, &str); 3] = [("account", "demostudio"), ("scope", "all"), ("decision", "allow")];

#[tokio::test]
async fn every_method_accepts_googles_system_parameters() {
    let stage = stage().await;
    let token = stage.connect("demostudio").await.access;
    let all = "alt=json&prettyPrint=false&key=AIza&quotaUser=me&$.xgafv=2&uploadType=&upload_protocol=";
    let reply = stage.get(&token, &format!("channels?part=id,snippet&mine=true&{all}")).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let fields = "items(id,snippet/title)";
    let cut = stage.get(&token, &format!("channels?part=id,snippet&mine=true&fields={fields}")).await.json();
    let id = &reply.json()["items"][0]["id"];
    assert_eq!(cut, json!({ "items": [{ "id": id, "snippet": { "title": "Demo Studio" } }] }));
    for name in ["access_token", "oauth_token"] {
        let url = format!("{}/youtube/youtube/v3/channels?part=id&mine=true&{name}={token}", stage.base);
        assert_eq!(read(stage.client.get(url)).await.json()["items"][0]["id"], *id, "{name}");
    }
    let open = format!("{}/youtube/upload/youtube/v3/videos?{all}", stage.base);
    let open = open.replace("uploadType=", "uploadType=resumable&part=snippet,status");
    let open = stage.client.post(open).bearer_auth(&token).header("content-type", "application/json");
    assert_eq!(read(open.body(resource().to_string())).await.status, 200);
}

#[tokio::test]
async fn a_query_too_long_for_an_address_comes_as_a_form() {
    let stage = stage().await;
    let token = stage.connect("demostudio").await.access;
    let url = format!("{}/youtube/youtube/v3/channels", stage.base);
    let post = |method: &'static str| {
        let request = stage.client.post(&url).bearer_auth(&token).header("x-http-method-override", method);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        read(request.body("part=snippet&part=id&mine=true&alt=json"))
    };
    assert_eq!(post("GET").await.json()["items"][0]["snippet"]["title"], "Demo Studio");
    assert_eq!(post("PUT").await.status, 405);
}

#[tokio::test]
async fn what_is_repeated_is_a_list() {
    let stage = stage().await;
    stage.sandbox.youtube().set_limits(Limits { invisible_polls: 0, ..Limits::default() });
    let token = stage.connect("demostudio").await.access;
    let channel = stage.get(&token, "channels?part=snippet&part=statistics&mine=true").await.json();
    let channel = &channel["items"][0];
    assert!(channel["snippet"].is_object() && channel["statistics"].is_object(), "{channel}");
    let mut ids = Vec::new();
    for size in [1_000, 2_000, 3_000] {
        ids.push(stage.publish(&token, &video(size)).await);
    }
    let path = format!("videos?part=status&part=snippet&id={}&id={},{}", ids[0], ids[1], ids[2]);
    let videos = stage.get(&token, &path).await.json();
    let listed: Vec<&str> =
        videos["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect();
    assert_eq!(listed, ids);
    assert!(videos["items"][0]["snippet"].is_object() && videos["items"][0]["status"].is_object());

    let uploads = format!("UU{}", &channel["id"].as_str().unwrap()[2..]);
    let page = format!("playlistItems?part=snippet&part=contentDetails&playlistId={uploads}&maxResults=2");
    let first = stage.get(&token, &page).await.json();
    let next = first["nextPageToken"].as_str().unwrap();
    let last = stage.get(&token, &format!("{page}&pageToken={next}")).await.json();
    let shown = |reply: &Value| -> Vec<String> {
        let items = reply["items"].as_array().unwrap().iter();
        items.map(|item| item["contentDetails"]["videoId"].as_str().unwrap().to_owned()).collect()
    };
    ids.reverse();
    assert_eq!([shown(&first), shown(&last)].concat(), ids);
    assert_eq!((last.get("nextPageToken"), &last["pageInfo"]["totalResults"]), (None, &json!(3)));
}

#[tokio::test]
async fn channels_are_found_by_id_and_by_handle() {
    let stage = stage().await;
    let token = stage.connect("demostudio").await.access;
    for handle in ["quietgarden", "@quietgarden"] {
        let found = stage.get(&token, &format!("channels?part=snippet&forHandle={handle}")).await.json();
        assert_eq!(found["items"][0]["snippet"]["title"], "Quiet Garden");
    }
    let id = |reply: Reply| reply.json()["items"][0]["id"].as_str().unwrap().to_owned();
    let garden = id(stage.get(&token, "channels?part=id&forHandle=quietgarden").await);
    let own = id(stage.get(&token, "channels?part=id&mine=true").await);
    let both = stage.get(&token, &format!("channels?part=id&id={garden}&id={own}&id=UCnobody")).await.json();
    assert_eq!(
        (both["items"][0]["id"].as_str(), both["items"][1]["id"].as_str()),
        (Some(&*garden), Some(&*own))
    );
    let nobody = stage.get(&token, "channels?part=id&forHandle=nobody").await.json();
    assert_eq!((nobody["pageInfo"]["totalResults"].as_u64(), nobody.get("items")), (Some(0), None));
}

/// Sends a PUT as Google's Python client does: without a content type.
async fn bare(stage: &Stage, token: &str, url: &str, bytes: &[u8], range: &str) -> Reply {
    let request = stage.client.put(url).bearer_auth(token).header("content-range", range);
    read(request.header("content-length", bytes.len()).body(bytes.to_vec())).await
}

#[tokio::test]
async fn a_chunk_need_not_say_again_what_it_is() {
    let stage = stage().await;
    let token = stage.connect("demostudio").await.access;
    let bytes = video(SIZE);
    let url = stage.session(&token, SIZE).await;
    let range = format!("bytes 0-{}/{SIZE}", CHUNK - 1);
    assert_eq!(bare(&stage, &token, &url, &bytes[..CHUNK], &range).await.stored(), CHUNK);
    assert_eq!(bare(&stage, &token, &url, &[], &format!("bytes */{SIZE}")).await.stored(), CHUNK);
    let odd = format!("bytes {CHUNK}-{}/{SIZE}", CHUNK + 299_999);
    let refused = bare(&stage, &token, &url, &bytes[CHUNK..CHUNK + 300_000], &odd).await.refused();
    assert_eq!(refused, (400, "badRequest".into()), "not a multiple of 262144");
    let range = format!("bytes {CHUNK}-{}/{SIZE}", SIZE - 1);
    assert_eq!(bare(&stage, &token, &url, &bytes[CHUNK..], &range).await.status, 200);
    assert_eq!(stage.sandbox.youtube().published()[0].sha256, sha256(&bytes));
}

/// Opens a session without announcing the bytes.
async fn unannounced(stage: &Stage, token: &str) -> String {
    let mut request = stage.insert_request(token, &resource(), 1).build().unwrap();
    for name in ["x-upload-content-length", "x-upload-content-type"] {
        request.headers_mut().remove(name);
    }
    let response = stage.client.execute(request).await.unwrap();
    assert_eq!(response.status(), 200);
    response.headers()["location"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_size_may_become_known_at_the_end() {
    let stage = stage().await;
    let token = stage.connect("demostudio").await.access;
    let bytes = video(CHUNK + 1_000);
    let url = unannounced(&stage, &token).await;
    let first = format!("bytes 0-{}/*", CHUNK - 1);
    assert_eq!(bare(&stage, &token, &url, &bytes[..CHUNK], &first).await.stored(), CHUNK);
    assert_eq!(bare(&stage, &token, &url, &[], "bytes */*").await.stored(), CHUNK);
    let odd = format!("bytes {CHUNK}-{}/*", CHUNK + 999);
    let refused = bare(&stage, &token, &url, &bytes[CHUNK..], &odd).await.refused();
    assert_eq!(refused, (400, "badRequest".into()), "only the last chunk is odd, and it says the size");
    let last = format!("bytes {CHUNK}-{}/{}", CHUNK + 999, bytes.len());
    assert_eq!(bare(&stage, &token, &url, &bytes[CHUNK..], &last).await.status, 200);

    let even = video(CHUNK);
    let url = unannounced(&stage, &token).await;
    assert_eq!(bare(&stage, &token, &url, &even, &first).await.stored(), CHUNK);
    assert_eq!(bare(&stage, &token, &url, &[], &format!("bytes */{GRANULE}")).await.stored(), CHUNK);
    assert_eq!(bare(&stage, &token, &url, &[], &format!("bytes */{CHUNK}")).await.status, 200);
    let seen: Vec<String> =
        stage.sandbox.youtube().published().into_iter().map(|video| video.sha256).collect();
    assert_eq!(seen, [sha256(&bytes), sha256(&even)]);
}

async fn insert(stage: &Stage, token: &str, query: &str, kind: &str, body: Vec<u8>) -> Reply {
    let url = format!("{}/youtube/upload/youtube/v3/videos?{query}", stage.base);
    read(stage.client.post(url).bearer_auth(token).header("content-type", kind).body(body)).await
}

fn related(metadata: &Value, kind: &str, bytes: &[u8]) -> Vec<u8> {
    let head = format!("--xyz\r\ncontent-type: application/json\r\n\r\n{metadata}\r\n--xyz\r\n");
    let head = format!("{head}content-type: {kind}\r\n\r\n");
    [head.as_bytes(), bytes, b"\r\n--xyz--"].concat()
}

#[tokio::test]
async fn a_video_may_come_with_its_description_in_one_request() {
    let stage = stage().await;
    let token = stage.connect("demostudio").await.access;
    let (bytes, kind) = (video(SIZE), "multipart/related; boundary=xyz");
    let query = "uploadType=multipart&part=snippet&part=status";
    let reply = insert(&stage, &token, query, kind, related(&resource(), "video/mp4", &bytes)).await;
    assert_eq!((reply.status, &reply.json()["snippet"]["title"]), (200, &json!("Launch day 🚀")));
    let published = stage.sandbox.youtube().published();
    assert_eq!((published.len(), &published[0].sha256), (1, &sha256(&bytes)));

    let body = related(&resource(), "image/png", &bytes);
    assert_eq!(insert(&stage, &token, query, kind, body).await.refused(), (400, "badContent".into()));
    let mut cut = related(&resource(), "video/mp4", &bytes);
    cut.truncate(SIZE / 2);
    assert_eq!(insert(&stage, &token, query, kind, cut).await.status, 400);
    let body = related(&resource(), "video/mp4", &bytes);
    assert_eq!(insert(&stage, &token, query, "multipart/mixed; boundary=xyz", body).await.status, 400);
    assert_eq!(stage.sandbox.youtube().published().len(), 1);
}

#[tokio::test]
async fn a_video_without_metadata_gets_youtubes_defaults() {
    let stage = stage().await;
    let token = stage.connect("demostudio").await.access;
    let bytes = video(1_000);
    let reply =
        insert(&stage, &token, "uploadType=media&part=snippet,status", "video/mp4", bytes.clone()).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let published = stage.sandbox.youtube().published();
    assert_eq!((published[0].privacy_status, published[0].sha256.clone()), (Privacy::Public, sha256(&bytes)));
    assert!(!published[0].made_for_kids);
    let kind = "application/json";
    let refused = insert(&stage, &token, "uploadType=media&part=snippet", kind, bytes).await.refused();
    assert_eq!(refused, (400, "badContent".into()));
    let sample = json!({ "snippet": { "title": "Mine" }, "status": { "privacyStatus": "private" } });
    assert_eq!(stage.insert(&token, &sample, 100).await.status, 200, "Google's own sample says no more");
}

fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

#[tokio::test]
async fn a_client_may_say_who_it_is_by_http_basic() {
    let stage = stage().await;
    let ask = |credentials: String, form: Vec<(&'static str, String)>| {
        let pairs: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let request = stage.client.post(format!("{}/youtube/token", stage.base)).body(encoded(&pairs));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        read(request.header("authorization", credentials))
    };
    let code = stage.consent(&ALLOW).await["code"].clone();
    let exchange = vec![
        ("grant_type", "authorization_code".to_owned()),
        ("code", code),
        ("redirect_uri", REDIRECT.to_owned()),
        ("code_verifier", VERIFIER.to_owned()),
    ];
    for (id, secret) in [("client", "wrong"), ("other", "secret")] {
        let refused = ask(basic(id, secret), exchange.clone()).await.refused();
        assert_eq!(refused, (401, "invalid_client".into()));
    }
    let mut twice = exchange.clone();
    twice.push(("client_secret", "secret".into()));
    assert_eq!(ask(basic("client", "secret"), twice).await.refused(), (400, "invalid_request".into()));
    let refresh = tokens(&ask(basic("client", "secret"), exchange).await).refresh.unwrap();
    let form = vec![("grant_type", "refresh_token".to_owned()), ("refresh_token", refresh)];
    assert_eq!(ask(basic("client", "secret"), form).await.status, 200);
}

#[tokio::test]
async fn a_token_is_revoked_from_the_query_and_with_more_beside_it() {
    let stage = stage().await;
    let url = format!("{}/youtube/revoke", stage.base);
    let first = stage.connect("demostudio").await;
    assert_eq!(read(stage.client.post(format!("{url}?token={}", first.access))).await.status, 200);
    assert_eq!(stage.refresh(&first.refresh.unwrap()).await.refused(), (400, "invalid_grant".into()));
    let second = stage.connect("demostudio").await.refresh.unwrap();
    let form = [("token", second.as_str()), ("token_type_hint", "refresh_token"), ("client_id", "client")];
    assert_eq!(stage.form(&url, &form).await.status, 200);
    assert_eq!(stage.refresh(&second).await.refused(), (400, "invalid_grant".into()));
    assert_eq!(read(stage.client.post(&url)).await.refused(), (400, "invalid_request".into()));
}

#[tokio::test]
async fn an_authorization_request_may_say_all_that_google_documents() {
    let stage = stage().await;
    let mut query = Stage::query_without("scope");
    query.retain(|(name, _)| *name != "state");
    query.push(("scope", format!("{} openid", scopes())));
    for (name, value) in [
        ("nonce", "n-0S6_WzA2Mj"),
        ("hd", "example.com"),
        ("enable_granular_consent", "true"),
        ("include_granted_scopes", "true"),
        ("display", "popup"),
        ("login_hint", "demo@gmail.example"),
        ("response_mode", "query"),
    ] {
        query.push((name, value.to_owned()));
    }
    let form = [("account", "demostudio"), ("scope", SCOPES[0]), ("decision", "allow")];
    let callback = stage.consent_to(&query, &form).await;
    assert!(!callback.contains_key("state"), "none was sent");
    let id_token = stage.exchange(&callback["code"]).await.json()["id_token"].clone();
    let claims = URL_SAFE_NO_PAD.decode(id_token.as_str().unwrap().split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!(claims["nonce"], "n-0S6_WzA2Mj");
}
