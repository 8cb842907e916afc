//! Connecting a channel, and revoking its grant.

use super::super::facts::{READING, UPLOADING};
use super::*;
use crate::platform::{ENDED, RemoteAccount, RevokedGrant};
use crate::secret::RefreshToken;

fn accounts(status: u16, body: &str) -> Result<Vec<RemoteAccount>, PlatformError> {
    let grant = Grant::new(AccessToken::new("ya29.canary"));
    let read = YouTube.read_accounts(&ours(), &grant, None, &reply(status, body));
    read.map(|accounts| accounts.accounts)
}

#[test]
fn a_channel_is_an_account_by_its_own_id() {
    let grant = Grant::new(AccessToken::new("ya29.canary"));
    let call = YouTube.accounts_call(&ours(), &grant, None);
    assert_eq!(call.url.query(), Some("part=snippet%2CcontentDetails%2Cstatus%2Cstatistics&mine=true"));
    let account = accounts(200, CHANNEL).unwrap().remove(0);
    assert_eq!(
        (account.id.as_str(), account.username.as_deref()),
        ("UCdemo000000000000000001", Some("demostudio"))
    );
    let told = &account.metadata;
    assert_eq!(told.display_name.as_deref(), Some("Demo Studio"));
    assert_eq!(told.avatar_url.as_deref(), Some("https://yt3.ggpht.com/demo=s240"));
    assert_eq!((told.follower_count, told.video_count), (Some(1_520), Some(87)), "strings of digits");
    assert_eq!(told.profile_url.as_deref(), Some("https://www.youtube.com/@demostudio"));
    assert_eq!(told.own["uploadsPlaylistId"], "UUdemo000000000000000001");
    assert_eq!(told.own["longUploadsStatus"], "eligible");
    let hidden = CHANNEL.replace("\"hiddenSubscriberCount\": false", "\"hiddenSubscriberCount\": true");
    assert_eq!(accounts(200, &hidden).unwrap()[0].metadata.follower_count, None);
}

#[test]
fn a_person_without_a_channel_has_no_account_in_either_response() {
    assert!(accounts(200, r#"{"pageInfo": {"totalResults": 0}}"#).unwrap().is_empty());
    let signup = r#"{"error": {"code": 401, "errors": [{"reason": "youtubeSignupRequired"}]}}"#;
    assert!(accounts(401, signup).unwrap().is_empty());
    assert_eq!(accounts(403, QUOTA).unwrap_err().code, "quotaExceeded");
}

#[test]
fn both_uploading_and_reading_have_to_be_granted() {
    let suffices = |scopes: &[&str]| {
        let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        FACTS.oauth.suffices(&scopes)
    };
    assert!(suffices(&[UPLOADING[0], READING[0], "openid"]));
    assert!(suffices(&["https://www.googleapis.com/auth/youtube"]), "one scope may be both");
    assert!(!suffices(&[UPLOADING[0], "openid"]) && !suffices(&[READING[0], "openid"]));
    let extra = FACTS.oauth.extra;
    assert!(extra.contains(&("access_type", "offline")) && extra.contains(&("prompt", "consent")));
}

#[test]
fn a_grant_is_revoked_with_the_token_that_is_still_valid() {
    let (access, refresh) = (AccessToken::new("ya29.x"), RefreshToken::new("1//0g-x"));
    let token = |refresh_token: Option<&RefreshToken>| {
        let grant = RevokedGrant { access_token: &access, refresh_token, granted_by: None };
        let call = YouTube.revoke_call(&ours(), &grant).unwrap();
        assert_eq!(call.url.as_str(), "https://oauth2.googleapis.com/revoke");
        let Body::Form(fields) = call.body else { panic!() };
        assert_eq!(fields.len(), 1, "the secret is not needed, so it is not told");
        fields[0].1.expose().to_owned()
    };
    assert_eq!((token(Some(&refresh)), token(None)), ("1//0g-x".to_owned(), "ya29.x".to_owned()));
}

#[test]
fn a_grant_that_died_after_seven_days_names_the_consent_screen() {
    let day = Duration::from_hours(24);
    assert!(YouTube.why_ended(7 * day).contains("Testing"));
    assert!(YouTube.why_ended(10 * day).contains("Testing"), "an idle account's end is noticed late");
    assert_eq!(YouTube.why_ended(2 * day), ENDED);
    assert_eq!(YouTube.why_ended(60 * day), ENDED);
}

#[test]
fn the_channels_options_are_shown_before_posting() {
    let choices = YouTube.read_options(&reply(200, CHANNEL)).unwrap();
    assert_eq!(choices["longUploadsStatus"], "eligible");
    assert_eq!(choices["privacyStatus"], json!(["public", "unlisted", "private"]));
    assert_eq!(YouTube.longest(&Options::default(), &choices), Some(Duration::from_mins(15)));
    let allowed = YouTube.read_options(&reply(200, CHANNEL.replace("eligible", "allowed"))).unwrap();
    assert_eq!(YouTube.longest(&Options::default(), &allowed), None);
}
