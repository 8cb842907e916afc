//! Reads a create request, and checks everything that can be checked without calling a platform.

use std::collections::{BTreeMap, HashSet};

use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::ai_label;
use super::body::Raw;
use super::codes::codes;
use super::error::ApiError;
use crate::clock::{Timestamp, is_of_rfc3339, rfc3339_or_null};
use crate::config::Mode;
use crate::model::{self, Account, AccountStatus, NewPost};
use crate::oauth::Flow;
use crate::platform::{Draft, NewResult, PlatformOptions, Problem, Severity, read_json};
use crate::video::{AddressPolicy, VideoUrl};

/// Ten times the longest caption that a platform accepts.
const MOST_TEXT: usize = 50_000;
/// 4096 characters: signed URLs have some 1 500.
const MOST_URL: usize = 4096;
/// 500: a sentence that a person agrees to.
const MOST_WORDING: usize = 500;
/// Fifty accounts to a post.
const MOST_RESULTS: usize = 50;

codes! {
    /// A post cannot be like this. Each platform's own checks have further codes.
    DraftCode {
        InvalidResults = 422 "invalid_results" "Choose 1 to 50 accounts to publish to.",
        DuplicateAccount = 422 "duplicate_account" "This account is listed twice. List each account once.",
        AccountNotFound = 422 "account_not_found" "You have no such account.",
        PlatformOff = 422 "platform_off" "The platform is turned off here. Remove this account.",
        OtherPlatformsOptions = 422 "other_platforms_options" "This account is on another platform, so these options don't apply.",
        PublishAtTooFar = 422 "publish_at_too_far" "The publishing time is more than two years ahead. Choose an earlier time.",
        InvalidMaxLateness = 422 "invalid_max_lateness" "maxLateness must be 60 (a minute) to 31622400 (a year) seconds. Omit it to publish however late.",
        TooLate = 422 "too_late" "publishAt plus maxLateness is already in the past. Choose a later time.",
        TextTooLong = 422 "text_too_long" "The text is too long. Shorten it.",
        InvalidText = 422 "invalid_text" "The text contains a NUL character. Remove it.",
    }
}

/// A post to create.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewPost)]
pub(super) struct NewPostBody {
    /// The video: https on port 443 of a public host, without credentials.
    #[schema(format = Uri, max_length = 4096)]
    video_url: String,
    /// The text. Each platform cuts what is too long for it.
    #[serde(default)]
    #[schema(max_length = 50000)]
    caption: String,
    /// The title, for platforms that support one.
    #[schema(max_length = 500)]
    title: Option<String>,
    /// When to publish, at most two years ahead. Absent or past: now.
    #[serde(default, deserialize_with = "rfc3339_or_null")]
    #[schema(value_type = Option<String>, format = DateTime)]
    publish_at: Option<Timestamp>,
    /// Seconds after `publishAt` in which it may still go out; later it becomes `expired`. Absent: no limit.
    #[schema(minimum = 60, maximum = 31_622_400)]
    max_lateness: Option<i64>,
    /// Your own name for the post. Not unique.
    #[schema(max_length = 255)]
    external_id: Option<String>,
    /// Whether the video was made by AI. Sets each platform's own option unless a result's options already do.
    ai_generated: Option<bool>,
    /// One for each account.
    #[schema(value_type = Vec<NewResult>, min_items = 1, max_items = 50)]
    results: Vec<Map<String, Value>>,
}

/// A create request with its accounts.
pub(super) struct CheckedPost {
    pub(super) post: NewPost,
    pub(super) accounts: Vec<Account>,
    /// The options of each result.
    pub(super) options: Vec<PlatformOptions>,
    /// The problems, by the index of the result.
    pub(super) problems: Vec<(usize, Problem)>,
}

/// A create request that could be read.
pub(super) struct DraftPost {
    body: NewPostBody,
    named: Vec<Named>,
    now: Timestamp,
}

impl DraftPost {
    /// Reads a create request, as far as that goes without its accounts.
    pub(super) fn read(flow: &Flow, body: &Raw) -> Result<Self, ApiError> {
        let now = flow.clock.now();
        let mut body: NewPostBody = body.json()?;
        check_url(&body.video_url, flow.config.mode)?;
        check_time(body.publish_at, now)?;
        check_lateness(body.max_lateness, body.publish_at, now)?;
        check_texts(Some(&body.caption), body.title.as_deref(), body.external_id.as_deref())?;
        let named = Named::read_all(std::mem::take(&mut body.results))?;
        Ok(Self { body, named, now })
    }

    /// The accounts it names.
    pub(super) fn accounts(&self) -> Vec<Uuid> {
        self.named.iter().map(|result| result.account).collect()
    }

    /// Checks a create request against the accounts it names, as far as the owner has them. What cannot be is the
    /// error; what is wrong with its drafts is in the list.
    pub(super) fn check(self, flow: &Flow, accounts: Vec<Account>) -> Result<CheckedPost, ApiError> {
        let Self { body, named, now } = self;
        let mut known: BTreeMap<Uuid, Account> =
            accounts.into_iter().map(|account| (account.id.0, account)).collect();
        let shared = Shared {
            caption: &body.caption,
            title: body.title.as_deref(),
            due: body.publish_at.map_or(now, |at| at.max(now)),
            ai_generated: body.ai_generated,
        };
        let (mut accounts, mut results, mut problems) = (Vec::new(), Vec::new(), Vec::new());
        let mut chosen = Vec::new();
        for (at, result) in named.into_iter().enumerate() {
            let account = known.remove(&result.account).ok_or_else(|| unknown_account(at))?;
            let (result, options, found) = result.check(at, flow, &account, &shared)?;
            problems
                .extend(found.into_iter().chain(needs_reconnect(at, &account)).map(|problem| (at, problem)));
            results.push(result);
            accounts.push(account);
            chosen.push(options);
        }
        let post = NewPost {
            video_url: body.video_url,
            caption: body.caption,
            title: body.title,
            publish_at: body.publish_at,
            max_lateness: body.max_lateness,
            external_id: body.external_id,
            ai_generated: body.ai_generated,
            results,
        };
        Ok(CheckedPost { post, accounts, options: chosen, problems })
    }
}

/// The fields that a request sets for all its results.
pub(super) struct Shared<'a> {
    pub(super) caption: &'a str,
    pub(super) title: Option<&'a str>,
    pub(super) due: Timestamp,
    /// Whether the video was made by AI.
    pub(super) ai_generated: Option<bool>,
}

/// One result in a request.
#[derive(Clone)]
pub(super) struct Named {
    pub(super) account: Uuid,
    given: NewResult,
}

impl Named {
    /// Reads the results of a create or an edit request.
    pub(super) fn read_all(results: Vec<Map<String, Value>>) -> Result<Vec<Self>, ApiError> {
        if results.is_empty() || results.len() > MOST_RESULTS {
            return Err(ApiError::from(DraftCode::InvalidResults).of("results"));
        }
        let named: Vec<Self> = results
            .into_iter()
            .enumerate()
            .map(|(at, result)| Self::read(at, result))
            .collect::<Result<_, _>>()?;
        let mut seen = HashSet::new();
        if let Some(twice) = named.iter().position(|result| !seen.insert(result.account)) {
            let field = format!("results[{twice}].accountId");
            return Err(ApiError::from(DraftCode::DuplicateAccount).of(field));
        }
        Ok(named)
    }

    fn read(at: usize, result: Map<String, Value>) -> Result<Self, ApiError> {
        let given: NewResult = read_json("The result", &Value::Object(result)).map_err(|misread| {
            let message = match (misread.code, misread.field.as_str()) {
                ("missing_field", "accountId") => "Choose the account to publish to.".to_owned(),
                _ => misread.message,
            };
            ApiError::unprocessable(misread.code, format!("results[{at}].{}", misread.field), message)
        })?;
        let account = Uuid::parse_str(&given.account_id).map_err(|_| unknown_account(at))?;
        let caption = given.caption.as_deref().unwrap_or_default();
        check_text(&format!("results[{at}].caption"), caption, MOST_TEXT)?;
        if given.consent.as_ref().is_some_and(|consent| !is_of_rfc3339(consent.at)) {
            let message = "consent.at must be a time with a UTC offset, such as 2026-12-24T18:00:00+01:00.";
            let field = format!("results[{at}].consent.at");
            return Err(ApiError::unprocessable("invalid_field", field, message.to_owned()));
        }
        let wording = given.consent.as_ref().map_or("", |consent| consent.wording.as_str());
        check_text(&format!("results[{at}].consent.wording"), wording, MOST_WORDING)?;
        Ok(Self { account, given })
    }

    /// Checks it against its account. Returns it with its options and their problems.
    pub(super) fn check(
        self,
        at: usize,
        flow: &Flow,
        account: &Account,
        shared: &Shared<'_>,
    ) -> Result<(model::NewResult, PlatformOptions, Vec<Problem>), ApiError> {
        let Some((facts, _)) = flow.platform(&account.platform) else {
            let message = format!("{} is turned off here. Remove this account.", account.platform);
            let field = format!("results[{at}].accountId");
            return Err(ApiError::from(DraftCode::PlatformOff).of(field).saying(message));
        };
        let (own_caption, consent) = (self.given.caption.clone(), self.given.consent.clone());
        let ai_generated = self.given.ai_generated.or(shared.ai_generated);
        let (mut options, misfit) = self.options_for(at, account)?;
        if misfit.is_none() {
            ai_label::set(at, account.platform.as_str(), facts.ai_label, ai_generated, &mut options)?;
        }
        let draft = Draft {
            caption: own_caption.as_deref().unwrap_or(shared.caption),
            title: shared.title,
            options: &(),
            scopes: &account.scopes,
            due: shared.due,
        };
        let mut problems = misfit.map_or_else(|| options.check(&draft), |misfit| vec![misfit]);
        for problem in &mut problems {
            problem.place(at, own_caption.is_some());
        }
        let options_to_store = options.to_store();
        let result = model::NewResult {
            account: account.id,
            caption: own_caption,
            options: options_to_store,
            consent,
        };
        Ok((result, options, problems))
    }

    /// Returns the options for the account's platform, with the problem if they do not fit. Options for
    /// another platform are rejected by name.
    fn options_for(
        self,
        at: usize,
        account: &Account,
    ) -> Result<(PlatformOptions, Option<Problem>), ApiError> {
        let platform = &account.platform;
        if let Some(other) = self.given.other_options(platform) {
            let message = format!("This account is on {platform}, so options for {other} don't apply.");
            let field = format!("results[{at}].{other}");
            return Err(ApiError::from(DraftCode::OtherPlatformsOptions).of(field).saying(message));
        }
        let (options, misfit) = self.given.options_for(platform).ok_or_else(|| unknown_account(at))?;
        if options.to_store().to_string().contains("\\u0000") {
            let message = "The options contain a NUL character. Remove it.";
            let field = format!("results[{at}].{platform}");
            return Err(ApiError::from(DraftCode::InvalidText).of(field).saying(message));
        }
        Ok((options, misfit))
    }
}

/// Returns the problem of an account whose grant has ended.
fn needs_reconnect(at: usize, account: &Account) -> Option<Problem> {
    (account.status != AccountStatus::Active).then(|| {
        Problem::error(
            format!("results[{at}].accountId"),
            "account_needs_reconnect",
            "The permission for this account has ended. Reconnect the account first.",
        )
    })
}

pub(super) fn unknown_account(at: usize) -> ApiError {
    ApiError::from(DraftCode::AccountNotFound).of(format!("results[{at}].accountId"))
}

/// Accepts only URLs from which a video may be read. Whether a video exists there is checked later.
pub(super) fn check_url(url: &str, mode: Mode) -> Result<(), ApiError> {
    check_text("videoUrl", url, MOST_URL)?;
    VideoUrl::parse(url, AddressPolicy::of(mode))
        .map(drop)
        .map_err(|error| ApiError::unprocessable(error.code(), "videoUrl", error.message()))
}

/// Checks the texts of a post, where given.
pub(super) fn check_texts(
    caption: Option<&str>,
    title: Option<&str>,
    external_id: Option<&str>,
) -> Result<(), ApiError> {
    check_text("caption", caption.unwrap_or_default(), MOST_TEXT)?;
    check_text("title", title.unwrap_or_default(), 500)?;
    check_text("externalId", external_id.unwrap_or_default(), 255)
}

/// Checks the time of publication: within the next two years. A later one is a mistake.
pub(super) fn check_time(at: Option<Timestamp>, now: Timestamp) -> Result<(), ApiError> {
    if at.is_some_and(|at| at > now + chrono::Duration::days(2 * 365)) {
        return Err(ApiError::from(DraftCode::PublishAtTooFar).of("publishAt"));
    }
    Ok(())
}

/// Five minutes: the tolerated error of this process's clock. The database's clock decides; this check only reports
/// a mistake at once.
const SKEW: chrono::Duration = chrono::Duration::minutes(5);

/// Checks how late a post may still go out: a minute to a year. A worker is called once a minute. A post that
/// is too late already could only expire.
pub(super) fn check_lateness(
    seconds: Option<i64>,
    at: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), ApiError> {
    let Some(seconds) = seconds else { return Ok(()) };
    if !(60..=366 * 24 * 60 * 60).contains(&seconds) {
        return Err(ApiError::from(DraftCode::InvalidMaxLateness).of("maxLateness"));
    }
    if at.is_some_and(|at| at + chrono::Duration::seconds(seconds) + SKEW <= now) {
        return Err(ApiError::from(DraftCode::TooLate).of("publishAt"));
    }
    Ok(())
}

fn check_text(field: &str, text: &str, most: usize) -> Result<(), ApiError> {
    if text.chars().count() > most {
        let message = format!("The text is longer than {most} characters. Shorten it.");
        return Err(ApiError::from(DraftCode::TextTooLong).of(field).saying(message));
    }
    // Postgres cannot store NUL in text, and no platform needs it.
    if text.contains('\0') {
        return Err(ApiError::from(DraftCode::InvalidText).of(field));
    }
    Ok(())
}

/// Returns the problem as an error response.
pub(super) fn refuse(problem: &Problem) -> ApiError {
    ApiError::unprocessable(problem.code, problem.field.as_str(), problem.message.clone())
}

/// Returns the first problem that prevents a post.
pub(super) fn first_error(problems: &[(usize, Problem)]) -> Option<&Problem> {
    problems.iter().map(|(_, problem)| problem).find(|problem| problem.severity == Severity::Error)
}
