//! The important data in Instagram's responses.

use super::*;
use crate::platform::odd_replies::{self, Sample};

/// Returns the outcome of a step after a response; for a receipt, the post.
fn step(step: fn() -> Step) -> impl Fn(&Reply) -> String {
    let world = World::<Instagram>::by_url();
    move |reply| match world.read(step(), reply) {
        Ok(Progress::Published(receipt, _)) => format!("published {:?}", receipt.post_id),
        other => format!("{other:?}"),
    }
}

fn token(reply: &Reply) -> String {
    odd_replies::token(&Instagram, reply)
}

fn account(reply: &Reply) -> String {
    let grant = Grant::new(AccessToken::new("IGAA_long_1"));
    let read = Instagram.read_accounts(&World::<Instagram>::by_url().settings, &grant, None, reply);
    read.map_or_else(|error| error.code, |listed| listed.accounts.iter().map(|one| one.id.clone()).collect())
}

pub(in crate::platform) fn samples() -> Vec<Sample> {
    let quota = |reply: &Reply| format!("{:?}", Instagram.read_options(reply));
    let find = || Step::Find { task: task(), media: "18010000000000999".into() };
    let search = || Step::Search { task: task(), since: NOW, why: checkpoint::Why::Blind };
    let verify = || Step::Verify { task: task(), sent: 1, since: 0, waited: 0, refused: None };
    let resumed = |reply: &Reply| {
        let stand_in = url::Url::parse("https://rupload.facebook.com").unwrap();
        let to = crate::platform::SessionUrl::trusted(
            "https://rupload.facebook.com/x",
            "rupload.facebook.com",
            &stand_in,
        );
        let upload = checkpoint::Upload { to: to.unwrap(), offset: 0, stalls: 0, uncounted: false };
        let asked = Step::Poll { task: task(), upload: Some(upload), waited: 0, hidden: 0 };
        format!("{:?}", World::<Instagram>::by_url().read(asked, reply))
    };
    let mut uploading = REPLIES.sample(
        &["instagram/Status", "instagram/UploadStatus", "instagram/UploadingPhase"],
        &["/status_code", "/video_status/uploading_phase/bytes_transferred"],
        "in_progress",
        resumed,
    );
    uploading.good["video_status"] = json!({"uploading_phase": {"status": "in_progress", "bytes_transferred": 14, "bytes_transfered": 14}});
    vec![
        REPLIES.sample(&["instagram/TokenReply"], &["/access_token"], "token_flat", token),
        REPLIES.sample(&[], &["/data/0/access_token"], "token_wrapped", token),
        REPLIES.sample(&[], &["/access_token"], "token_long", token),
        REPLIES.sample(&["instagram/FlatError"], &["/error_type", "/error_message"], "token_refused", token),
        REPLIES.sample(&["instagram/Me"], &["/user_id"], "me", account),
        REPLIES.sample(&[], &["/data/0/user_id"], "me_wrapped", account),
        REPLIES.sample(
            &["instagram/Quotas", "instagram/Quota", "instagram/QuotaConfig"],
            &["/data/0/quota_usage", "/data/0/config/quota_total"],
            "quota",
            quota,
        ),
        REPLIES.sample(&["instagram/Created"], &["/id"], "container", step(|| Step::Create { tries: 0 })),
        REPLIES.sample(&["instagram/Published"], &["/id"], "media_publish", step(|| publish(0))),
        REPLIES.sample(&["instagram/Media"], &[], "media", step(find)),
        REPLIES.sample(&[], &["/status_code"], "finished", step(|| polled(0))),
        REPLIES.sample(&[], &["/status_code"], "published", step(verify)),
        REPLIES.sample(
            &["instagram/List", "instagram/Item"],
            &["/data/2/id", "/data/2/caption", "/data/2/media_product_type"],
            "list",
            step(search),
        ),
        uploading,
    ]
}

#[test]
fn only_what_says_that_it_is_personal_is_refused() {
    let of_type = |kind: &Value| {
        let body = json!({"user_id": "17841400000000001", "username": "demo.studio", "account_type": kind});
        let grant = Grant::new(AccessToken::new("IGAA_long_1"));
        Instagram
            .read_accounts(&World::<Instagram>::by_url().settings, &grant, None, &reply(200, &body))
            .unwrap()
    };
    for kind in
        [json!("Media_Creator"), json!("business"), json!("CREATOR"), json!(null), json!(3), json!("")]
    {
        assert_eq!(of_type(&kind).accounts.len(), 1, "{kind}");
    }
    for kind in ["PERSONAL", "Personal"] {
        let listed = of_type(&json!(kind));
        assert!(listed.accounts.is_empty());
        assert_eq!(listed.left_out[0].name, "demo.studio");
    }
}
