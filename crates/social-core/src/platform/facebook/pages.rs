//! Lists the Pages of a grant: the person's own, and those available only through a business portfolio.
//!
//! `/me/accounts` is read first. If it lists no Page that can publish, the Pages of each of the person's
//! businesses are read, own and clients'. The first list is known to omit Pages of portfolios.

use serde::{Deserialize, Serialize};
use url::Url;

use super::calls::proven;
use super::errors::PUBLISHING;
use super::facts::{GRAPH, WWW};
use crate::config::PlatformSettings;
use crate::http::{Call, Effect, Reply};
use crate::model::{AccountMetadata, Grant};
use crate::platform::meta::{api_call, read as read_reply};
use crate::platform::profile::PATIENCE;
use crate::platform::{Disposition, LeftOut, PlatformError, RemoteAccount, RemoteAccounts, members};
use crate::secret::AccessToken;

/// The tasks that do not let a person publish (Meta's SDK 26.0.3, `Page.PermittedTasks`). New-style Pages
/// have the same with [`NEW_STYLE`] before them. Any other task lets the person try.
const OTHER_TASKS: [&str; 14] = [
    "ADVERTISE",
    "ANALYZE",
    "CASHIER_ROLE",
    "GLOBAL_STRUCTURE_MANAGEMENT",
    "MANAGE_JOBS",
    "MANAGE_LEADS",
    "MESSAGING",
    "MODERATE",
    "MODERATE_COMMUNITY",
    "MODERATE_DELEGATE_COMMUNITY",
    "PAGES_MESSAGING",
    "PAGES_MESSAGING_SUBSCRIPTIONS",
    "READ_PAGE_MAILBOXES",
    "REVENUE",
];
const NEW_STYLE: &str = "PROFILE_PLUS_";

/// The scope that lists a person's businesses.
const PORTFOLIOS: &str = "business_management";
const OWN: &str = "/me/accounts";
const BUSINESSES: &str = "/me/businesses";

/// The list to read, and the data of earlier lists: our name for the next page of accounts.
#[derive(Debug, Serialize, Deserialize)]
struct Listing {
    /// The list.
    list: String,
    /// The cursor in it.
    after: Option<String>,
    /// The lists to read after it.
    further: Vec<String>,
    /// Whether an earlier list contained a Page that can publish.
    has_usable: bool,
}

impl Listing {
    /// Returns the list of a page name; the first, if the name is not ours.
    fn of(page: Option<&str>) -> Self {
        let named = page.and_then(|page| serde_json::from_str(page).ok());
        named.unwrap_or_else(|| Self {
            list: OWN.to_owned(),
            after: None,
            further: Vec::new(),
            has_usable: false,
        })
    }

    /// Returns the next page: of the same list, or of another.
    fn next(mut self, after: Option<String>, grant: &Grant) -> Option<String> {
        if after.is_none() {
            let is_own = self.list == OWN && !self.has_usable;
            if is_own && grant.scopes.iter().any(|scope| scope == PORTFOLIOS) {
                self.further.push(BUSINESSES.to_owned());
            }
            self.list = self.further.pop()?;
        }
        serde_json::to_string(&Self { after, ..self }).ok()
    }
}

/// Queries Pages, or the businesses that may have some. Facebook's URL of the next page contains the token,
/// so only its cursor is kept.
pub(super) fn call(settings: &PlatformSettings, grant: &Grant, page: Option<&str>) -> Call {
    let Listing { list, after, .. } = Listing::of(page);
    let fields = match list.as_str() {
        BUSINESSES => "id",
        _ => "id,name,username,access_token,tasks,picture{url}",
    };
    let call =
        api_call(settings, GRAPH, &list, None, Effect::Read).query(&[("fields", fields), ("limit", "100")]);
    let call = match &after {
        Some(after) => call.query(&[("after", after)]),
        None => call,
    };
    proven(call, settings, &grant.access_token).timeout(PATIENCE)
}

/// A list of Pages, or of businesses, of which only the ids are requested.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Pages {
    data: Vec<Page>,
    paging: Paging,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Paging {
    next: Option<String>,
    cursors: Cursors,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Cursors {
    #[serde(deserialize_with = "members::id")]
    after: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Page {
    #[serde(deserialize_with = "members::id")]
    id: String,
    name: Option<String>,
    username: Option<String>,
    access_token: String,
    tasks: Vec<String>,
    picture: Picture,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Picture {
    data: PictureData,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PictureData {
    url: Option<String>,
}

impl Paging {
    fn after(self) -> Option<String> {
        let next = self.next?;
        let in_query = || {
            let url = Url::parse(&next).ok()?;
            url.query_pairs().find(|(name, _)| name == "after").map(|(_, after)| after.into_owned())
        };
        self.cursors.after.or_else(in_query)
    }
}

impl Page {
    /// Reports whether it can publish: it has a token of its own, and nothing says that the person must not.
    /// Other Pages would only fail.
    fn is_usable(&self) -> bool {
        let lets = |task: &String| {
            let task = task.strip_prefix(NEW_STYLE).unwrap_or(task);
            !OTHER_TASKS.contains(&task)
        };
        let may_publish = self.tasks.is_empty() || self.tasks.iter().any(lets);
        !self.id.is_empty() && !self.access_token.is_empty() && may_publish
    }

    fn left_out(self) -> LeftOut {
        let name = self.name.or(self.username).unwrap_or_else(|| self.id.clone());
        LeftOut { id: self.id, name }
    }

    fn into_account(self, settings: &PlatformSettings) -> RemoteAccount {
        let name = self.username.as_ref().unwrap_or(&self.id);
        let metadata = AccountMetadata {
            display_name: self.name,
            avatar_url: self.picture.data.url,
            profile_url: Some(settings.url(WWW, &format!("/{name}")).into()),
            ..AccountMetadata::default()
        };
        let token = Some(AccessToken::new(self.access_token));
        RemoteAccount { id: self.id, username: self.username, metadata, token }
    }
}

/// Decodes the Pages that can publish, and those that cannot.
pub(super) fn read(
    settings: &PlatformSettings,
    grant: &Grant,
    page: Option<&str>,
    reply: &Reply,
) -> Result<RemoteAccounts, PlatformError> {
    let mut listing = Listing::of(page);
    let pages = match read_reply::<Pages>(PUBLISHING, reply) {
        Ok(pages) => pages,
        // The person's own list is required. Pages that a business does not show count as absent.
        Err(error) if listing.list != OWN && is_refusal(&error) => Pages::default(),
        Err(error) => return Err(error),
    };
    let after = pages.paging.after();
    if listing.list == BUSINESSES {
        // They become part of a path and come from a platform: digits alone.
        let ids = pages.data.into_iter().map(|business| business.id);
        let ids = ids.filter(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()));
        let lists = ids.flat_map(|id| ["client_pages", "owned_pages"].map(|list| format!("/{id}/{list}")));
        listing.further.extend(lists);
        return Ok(RemoteAccounts { next: listing.next(after, grant), ..RemoteAccounts::default() });
    }
    let (usable, others): (Vec<Page>, Vec<Page>) = pages.data.into_iter().partition(Page::is_usable);
    listing.has_usable |= !usable.is_empty();
    Ok(RemoteAccounts {
        accounts: usable.into_iter().map(|page| page.into_account(settings)).collect(),
        left_out: others.into_iter().map(Page::left_out).filter(|page| !page.name.is_empty()).collect(),
        next: listing.next(after, grant),
    })
}

/// Reports whether Facebook refuses, rather than fails for now.
fn is_refusal(error: &PlatformError) -> bool {
    match error.disposition {
        Disposition::Reconnect
        | Disposition::RefreshToken
        | Disposition::UserFixable
        | Disposition::Permanent => true,
        Disposition::Retry { .. } | Disposition::Hold { .. } | Disposition::Ambiguous => false,
    }
}
