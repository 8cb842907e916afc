//! The person, the permissions, the Pages.

use super::*;
use crate::platform::OAuthErrorKind::{GrantEnded, Later, Operator};

fn grant() -> Grant {
    Grant::new(AccessToken::new("EAAB_canary"))
}

#[test]
fn a_token_reply_need_not_tell_its_end() {
    let read = |name: &str| Facebook.read_grant(&recorded(name)).unwrap();
    assert_eq!(read("token_short").expires_in, Some(Duration::from_secs(5_183_944)));
    assert_eq!(read("token_untold").expires_in, None);
    let kind = |reply: &Reply| Facebook.read_grant(reply).unwrap_err().kind;
    assert_eq!((kind(&error(400, 100, 36_009)), kind(&error(400, 190, 463))), (Operator, GrantEnded));
    assert_eq!((kind(&error(500, 2, 0)), kind(&reply(502, &json!("<html>")))), (Later, Later));
    assert_eq!(kind(&recorded("success")), Later);
}

#[test]
fn what_was_granted_is_told_with_who_granted_it() {
    let world = World::vertical();
    let call = Facebook.introspection_call(&world.settings, &grant()).unwrap();
    assert_eq!(call.url.path(), "/v25.0/me");
    let found = Facebook.read_introspection(grant(), &recorded("person")).unwrap();
    assert_eq!(found.granted_by.as_deref(), Some("501"));
    assert!(
        Facebook::OAUTH.suffices(&found.scopes) && !found.scopes.contains(&"business_management".to_owned())
    );
    let declined = json!({"id": "501", "permissions": {"data": [{"permission": "pages_show_list", "status": "granted"},
        {"permission": "pages_manage_posts", "status": "declined"}]}});
    let found = Facebook.read_introspection(grant(), &reply(200, &declined)).unwrap();
    assert!(!Facebook::OAUTH.suffices(&found.scopes), "a missing permission is a clear refusal");
}

#[test]
fn every_page_that_can_be_published_to_brings_its_own_token() {
    let world = World::vertical();
    let read = |name: &str| Facebook.read_accounts(&world.settings, &grant(), None, &recorded(name)).unwrap();
    let first = read("pages_first");
    let [bakery] = &first.accounts[..] else { panic!("{first:?}") };
    assert_eq!((bakery.id.as_str(), bakery.username.as_deref()), ("104000000000001", Some("demobakery")));
    assert_eq!(bakery.token.as_ref().unwrap().expose(), "EAAP_page_1");
    assert_eq!(bakery.metadata.profile_url.as_deref(), Some("https://www.facebook.com/demobakery"));
    assert_eq!(first.next.as_deref(), Some("A1"), "the cursor alone: the address holds the token");
    let call = Facebook.accounts_call(&world.settings, &grant(), first.next.as_deref());
    assert!(call.url.query().unwrap().contains("after=A1") && !call.url.as_str().contains("EAAB_canary"));
    let last = read("pages_last");
    assert_eq!(last.accounts.iter().map(|page| page.id.as_str()).collect::<Vec<_>>(), ["104000000000004"]);
    assert!(last.next.is_none() && read("pages_none").accounts.is_empty());
    let unnamed =
        json!({"data": [], "paging": {"next": "https://graph.facebook.com/x?after=Z&access_token=y"}});
    let unnamed = Facebook.read_accounts(&world.settings, &grant(), None, &reply(200, &unnamed)).unwrap();
    assert_eq!(unnamed.next.as_deref(), Some("Z"));
}

#[test]
fn a_grant_is_given_back_by_the_app_for_the_person() {
    let world = World::vertical();
    let token = AccessToken::new("EAAP_page_1");
    let revoked = |granted_by| RevokedGrant { access_token: &token, refresh_token: None, granted_by };
    let call = SocialWorker::revoke_call(&Facebook, &world.settings, &revoked(Some("501"))).unwrap();
    assert_eq!((call.method.as_str(), call.url.path()), ("DELETE", "/v25.0/501/permissions"));
    let crate::http::Authorization::Bearer(app) = call.authorization.unwrap() else { panic!() };
    assert_eq!(app.expose(), "1000200030004000|secret");
    assert!(SocialWorker::revoke_call(&Facebook, &world.settings, &revoked(None)).is_none());
    assert!(SocialWorker::revoke_call(&Facebook, &world.settings, &revoked(Some("1/../2"))).is_none());
}
