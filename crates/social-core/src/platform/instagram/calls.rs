//! Instagram's calls (content publishing API).

use serde_json::json;

use super::checkpoint::{Step, Upload};
use super::facts::{GRAPH, UPLOAD_MODE};
use super::options::Context;
use crate::config::PlatformSettings;
use crate::http::{Call, Effect};
use crate::platform::meta::{api_call, upload_call, video_address};

/// Reports whether we send the bytes ourselves: if the setting says so, or if the URL redirects, which
/// Instagram does not follow.
pub(super) fn sends_bytes(cx: &Context<'_>) -> bool {
    cx.settings.word(UPLOAD_MODE) == "resumable" || cx.publication.video.file.redirects
}

pub(super) fn quota_call(settings: &PlatformSettings, account: &str) -> Call {
    let path = format!("/{account}/content_publishing_limit");
    api_call(settings, GRAPH, &path, None, Effect::Read).query(&[("fields", "quota_usage,config")])
}

pub(super) fn call(step: &Step, cx: &Context<'_>) -> Call {
    let account = cx.publication.account.id;
    let read = |path: &str, fields: &str| {
        api_call(cx.settings, GRAPH, path, None, Effect::Read).query(&[("fields", fields)])
    };
    let call = match step {
        Step::Quota { .. } | Step::Allowance { .. } => quota_call(cx.settings, account),
        Step::Create { .. } => create(cx),
        Step::Upload { task, to, offset, .. } => return upload_call(to, cx.token, *offset, task.size),
        // The byte count is requested only if it is needed: Meta's pages do not document the field.
        Step::Poll { task, upload: Some(Upload { uncounted: false, .. }), .. } => {
            read(&format!("/{}", task.container), "status_code,status,video_status")
        }
        Step::Poll { task, .. } | Step::Verify { task, .. } => {
            read(&format!("/{}", task.container), "status_code,status")
        }
        // The one call that must not be sent twice.
        Step::Publish { task, .. } => {
            let body = json!({ "creation_id": task.container });
            api_call(cx.settings, GRAPH, &format!("/{account}/media_publish"), Some(body), Effect::Once)
        }
        Step::Search { since, .. } => {
            // Two minutes earlier: our clock and Instagram's may differ.
            let since = since.saturating_sub(120).to_string();
            read(&format!("/{account}/media"), "id,caption,permalink,media_product_type")
                .query(&[("since", since.as_str()), ("limit", "50")])
        }
        Step::Find { media, .. } => read(&format!("/{media}"), "id,permalink"),
    };
    call.bearer(cx.token)
}

/// Creates a container, which alone publishes nothing. An extra one costs one of 400 a day, and stays
/// invisible.
fn create(cx: &Context<'_>) -> Call {
    let publication = &cx.publication;
    let mut body = publication.options.fields(publication.caption);
    if let Some(fields) = body.as_object_mut() {
        if sends_bytes(cx) {
            fields.insert("upload_type".to_owned(), "resumable".into());
        } else {
            fields.insert("video_url".to_owned(), video_address(publication.video_url).into());
        }
    }
    let path = format!("/{}/media", publication.account.id);
    api_call(cx.settings, GRAPH, &path, Some(body), Effect::Idempotent)
}
