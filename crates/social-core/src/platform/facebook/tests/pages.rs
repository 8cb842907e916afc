//! The Pages of a grant, and those that are left out.

use super::*;
use crate::platform::RemoteAccounts;

fn granted(scopes: &[&str]) -> Grant {
    let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    Grant { scopes, ..Grant::new(AccessToken::new("EAAB_canary")) }
}

fn grant() -> Grant {
    granted(&["pages_show_list", "business_management"])
}

fn read(page: Option<&str>, reply: &Reply) -> RemoteAccounts {
    Facebook.read_accounts(&World::<Facebook>::vertical().settings, &grant(), page, reply).unwrap()
}

fn listed(data: &Value) -> RemoteAccounts {
    read(None, &reply(200, json!({ "data": data })))
}

/// Returns path and query of the call for a page.
fn asked(page: Option<&str>) -> (String, String) {
    let url = Facebook.accounts_call(&World::<Facebook>::vertical().settings, &grant(), page).url;
    (url.path().to_owned(), url.query().unwrap().to_owned())
}

fn ids(listed: &RemoteAccounts) -> Vec<&str> {
    listed.accounts.iter().map(|page| page.id.as_str()).collect()
}

fn names(listed: &RemoteAccounts) -> Vec<&str> {
    listed.left_out.iter().map(|page| page.name.as_str()).collect()
}

#[test]
fn every_page_that_can_be_published_to_brings_its_own_token() {
    let first = read(None, &recorded("pages_first"));
    let [bakery] = &first.accounts[..] else { panic!("{first:?}") };
    assert_eq!((bakery.id.as_str(), bakery.username.as_deref()), ("104000000000001", Some("demobakery")));
    assert_eq!(bakery.token.as_ref().unwrap().expose(), "EAAP_page_1");
    assert_eq!(bakery.metadata.profile_url.as_deref(), Some("https://www.facebook.com/demobakery"));
    assert_eq!(names(&first), ["Without token"]);
    let next = first.next.unwrap();
    assert!(!next.contains("EAAB_canary"), "the cursor alone: the address holds the token");
    let (path, query) = asked(Some(&next));
    assert!(path.ends_with("/me/accounts") && query.contains("after=A1") && !query.contains("EAAB_canary"));
    let last = read(Some(&next), &recorded("pages_last"));
    assert_eq!((ids(&last), names(&last)), (vec!["104000000000004"], vec!["Without the task"]));
    assert!(last.next.is_none());
    let unnamed =
        json!({"data": [], "paging": {"next": "https://graph.facebook.com/x?after=Z&access_token=y"}});
    let (_, query) = asked(read(None, &reply(200, &unnamed)).next.as_deref());
    assert!(query.contains("after=Z"));
}

#[test]
fn a_page_is_left_out_only_where_no_task_of_it_lets_one_publish() {
    let tried = |tasks: Value| {
        let page = json!({"id": "1", "name": "One", "access_token": "EAAP_1", "tasks": tasks});
        let listed = listed(&json!([page]));
        assert_eq!(listed.accounts.len() + listed.left_out.len(), 1);
        listed.accounts.len() == 1
    };
    for tasks in [
        json!(["CREATE_CONTENT"]),
        json!(["ANALYZE", "MANAGE"]),
        json!(["PROFILE_PLUS_CREATE_CONTENT"]),
        json!(["PROFILE_PLUS_MANAGE"]),
        json!(["PROFILE_PLUS_ANALYZE", "PROFILE_PLUS_FULL_CONTROL"]),
        json!(["PROFILE_PLUS_ANALYZE", "A_WORD_OF_TOMORROW"]),
        json!(null),
        json!([]),
        json!("CREATE_CONTENT"),
        json!({}),
    ] {
        assert!(tried(tasks.clone()), "{tasks}");
    }
    for tasks in [json!(["ANALYZE"]), json!(["PROFILE_PLUS_ANALYZE", "PROFILE_PLUS_MODERATE", null])] {
        assert!(!tried(tasks.clone()), "{tasks}");
    }
}

#[test]
fn five_good_pages_and_an_odd_one_are_five_and_no_more_is_lost_than_what_is_odd() {
    let good = |id: u32| {
        json!({"id": id.to_string(), "name": format!("Page {id}"), "access_token": format!("EAAP_{id}"),
        "tasks": ["CREATE_CONTENT"], "picture": {"data": {"url": "https://cdn.example/p.jpg"}}})
    };
    let with = |member: &str, odd: Value| {
        let mut pages: Vec<Value> = (1..=6).map(good).collect();
        pages[2][member] = odd;
        listed(&json!(pages))
    };
    for (member, odd) in
        [("picture", json!(null)), ("picture", json!([])), ("tasks", json!(null)), ("id", json!(3))]
    {
        assert_eq!(ids(&with(member, odd)), ["1", "2", "3", "4", "5", "6"], "{member}");
    }
    for odd in [json!(null), json!(5), json!("")] {
        let listed = with("access_token", odd.clone());
        assert_eq!((ids(&listed), names(&listed)), (vec!["1", "2", "4", "5", "6"], vec!["Page 3"]), "{odd}");
    }
    let listed = with("id", json!({}));
    assert_eq!((ids(&listed), names(&listed)), (vec!["1", "2", "4", "5", "6"], vec!["Page 3"]));
    let mut pages: Vec<Value> = (1..=5).map(good).collect();
    pages.extend([json!(7), json!("page"), json!(null)]);
    assert_eq!(ids(&self::listed(&json!(pages))).len(), 5);
}

#[test]
fn if_the_own_list_is_empty_the_businesses_are_queried() {
    for own in [json!({"data": []}), json!({"data": [{"id": "1", "name": "One", "tasks": ["ANALYZE"]}]})] {
        let page = read(None, &reply(200, &own)).next.unwrap();
        assert!(asked(Some(&page)).0.ends_with("/v25.0/me/businesses"));
        let businesses = json!({"data": [{"id": "71"}, {"id": 72}, {"id": "../me"}, {}]});
        let mut page = read(Some(&page), &reply(200, &businesses)).next;
        let mut lists = Vec::new();
        while let Some(here) = page {
            let (path, query) = asked(Some(&here));
            assert!(query.contains("access_token"), "{query}");
            let data =
                json!({"data": [{"id": "5", "name": "Five", "access_token": "EAAP_5", "tasks": ["MANAGE"]}]});
            let read = match lists.len() {
                // Pages that a business does not show count as absent.
                0 => read(Some(&here), &error(400, 200, 0)),
                _ => read(Some(&here), &reply(200, &data)),
            };
            assert_eq!(read.accounts.len(), usize::from(!lists.is_empty()));
            lists.push(path.trim_start_matches("/v25.0/").to_owned());
            page = read.next;
        }
        assert_eq!(lists, ["72/owned_pages", "72/client_pages", "71/owned_pages", "71/client_pages"]);
    }
}

#[test]
fn businesses_are_not_queried_if_a_page_is_usable_or_the_permission_is_missing() {
    let world = World::<Facebook>::vertical();
    assert!(read(None, &recorded("pages_last")).next.is_none());
    let none = Facebook.read_accounts(
        &world.settings,
        &granted(&["pages_show_list"]),
        None,
        &recorded("pages_none"),
    );
    assert!(none.unwrap().next.is_none());
    let page = read(None, &recorded("pages_none")).next.unwrap();
    let trouble = Facebook.read_accounts(&world.settings, &grant(), Some(&page), &error(500, 2, 0));
    assert_eq!(trouble.unwrap_err().disposition, Disposition::Ambiguous, "trouble is no answer");
}
