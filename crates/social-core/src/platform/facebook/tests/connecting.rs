//! The person, the scopes, the Pages.

use super::*;
use crate::platform::OAuthErrorKind::{GrantEnded, Later, Operator};
use crate::platform::RevokedGrant;

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
    assert_eq!((kind(&error(500, 2, 0)), kind(&reply(502, json!("<html>")))), (Later, Later));
    assert_eq!(kind(&recorded("success")), Later);
}

#[test]
fn the_granted_scopes_come_with_the_person_who_granted_them() {
    let world = World::<Facebook>::vertical();
    let call = Facebook.introspection_call(&world.settings, &grant()).unwrap();
    assert_eq!(call.url.path(), "/v25.0/me");
    let found = Facebook.read_introspection(grant(), &recorded("person")).unwrap();
    assert_eq!(found.granted_by.as_deref(), Some("501"));
    assert!(FACTS.oauth.suffices(&found.scopes) && !found.scopes.contains(&"business_management".to_owned()));
    let declined = json!({"id": "501", "permissions": {"data": [{"permission": "pages_show_list", "status": "granted"},
        {"permission": "pages_manage_posts", "status": "declined"}]}});
    let found = Facebook.read_introspection(grant(), &reply(200, &declined)).unwrap();
    assert!(!FACTS.oauth.suffices(&found.scopes), "a missing permission is a clear refusal");
}

#[test]
fn a_permission_without_a_status_counts_as_granted() {
    let told = |permissions: Value| {
        let person = json!({"id": 501, "permissions": permissions});
        let found = Facebook.read_introspection(grant(), &reply(200, &person)).unwrap();
        assert_eq!(found.granted_by.as_deref(), Some("501"));
        FACTS.oauth.suffices(&found.scopes)
    };
    let all = |status: Value| -> Value {
        let scopes = FACTS.oauth.scopes.iter();
        scopes.map(|scope| json!({"permission": scope, "status": status})).collect()
    };
    for status in [json!("granted"), json!("GRANTED"), json!(null), json!(1), json!("a_word_of_tomorrow")] {
        assert!(told(json!({"data": all(status.clone())})), "{status}");
    }
    for status in ["declined", "Expired"] {
        assert!(!told(json!({"data": all(json!(status))})), "{status}");
    }
    assert!(told(json!(null)) && told(json!({"data": []})) && told(json!("odd")));
}

#[test]
fn a_grant_is_given_back_by_the_app_for_the_person() {
    let world = World::<Facebook>::vertical();
    let token = AccessToken::new("EAAP_page_1");
    let revoked = |granted_by| RevokedGrant { access_token: &token, refresh_token: None, granted_by };
    let call = Facebook.revoke_call(&world.settings, &revoked(Some("501"))).unwrap();
    assert_eq!((call.method.as_str(), call.url.path()), ("DELETE", "/v25.0/501/permissions"));
    let crate::http::Authorization::Bearer(app) = call.authorization.unwrap() else { panic!() };
    assert_eq!(app.expose(), "1000200030004000|secret");
    assert!(Facebook.revoke_call(&world.settings, &revoked(None)).is_none());
    assert!(Facebook.revoke_call(&world.settings, &revoked(Some("1/../2"))).is_none());
}
