//! The endpoint `POST /social-posts/validate`: reports a post's problems in advance, with the code that would
//! find them when publishing.

use chrono::Duration;

use super::body::Raw;
use super::draft::{CheckedPost, DraftPost};
use super::error::ApiError;
use super::function::Arrival;
use super::known_accounts::KnownAccounts;
use super::posting_options::posting_options;
use super::times::rfc3339;
use super::verdict::{Finding, Surface, Verdict, VideoHeader};
use crate::clock::Timestamp;
use crate::model::{Account, AccountStatus, OwnerId};
use crate::oauth::Flow;
use crate::platform::{PlatformOptions, Problem, Severity};
use crate::publish::{InspectError, inspect, judge};
use crate::video::{self, AddressPolicy, PinnedVideo, SourceError, Sources, VideoUrl};

/// An hour: how long an upload, a platform download and a few retries may take after the time of publication.
const LINK_MARGIN: Duration = Duration::hours(1);

/// A problem with its severity.
type Found = (Severity, Finding);

/// What a validation looks things up with.
pub(super) struct Validation<'a> {
    pub(super) flow: &'a Flow,
    pub(super) sources: &'a Sources,
    pub(super) known: &'a KnownAccounts,
    pub(super) owner: &'a OwnerId,
}

impl Validation<'_> {
    pub(super) async fn verdict(&self, body: &Raw, arrival: Arrival) -> Result<Verdict, ApiError> {
        let draft = DraftPost::read(self.flow, body)?;
        let rate = self.flow.config.rates.validations;
        let accounts = self.flow.store.accounts_of(self.owner, &draft.accounts(), rate).await?;
        self.known.remember(&accounts);
        let CheckedPost { post, accounts, options, problems } = draft.check(self.flow, accounts)?;
        let mut findings: Vec<Found> =
            problems.iter().map(|(at, problem)| of_problem(problem, accounts.get(*at))).collect();
        findings.extend(self.check_link(&post.video_url, post.publish_at, self.flow.clock.now()));
        let inspected = self.inspect_soon(&post.video_url, arrival).await;
        let mut surfaces = Vec::new();
        let video = match &inspected {
            Ok(video) => {
                for (at, (account, options)) in accounts.iter().zip(&options).enumerate() {
                    let limits = options.limits(&video.facts);
                    surfaces.push(Surface { account_id: account.id, surface: limits.surface });
                    let (longest, found) = self.ask_choices(at, account, options).await;
                    findings.extend(found);
                    let verdict = judge(limits, video, longest);
                    let of = |severity, found: Vec<video::Finding>| {
                        found.into_iter().map(move |found| (severity, of_video(&found, account)))
                    };
                    findings.extend(of(Severity::Error, verdict.errors));
                    findings.extend(of(Severity::Warning, verdict.warnings));
                }
                Some(VideoHeader::from(video))
            }
            Err(error) => {
                findings.push((
                    Severity::Error,
                    finding(error.code.as_str(), error.message.as_str(), "videoUrl", None),
                ));
                None
            }
        };
        let (errors, warnings): (Vec<Found>, Vec<Found>) =
            findings.into_iter().partition(|(severity, _)| *severity == Severity::Error);
        let plain = |found: Vec<Found>| found.into_iter().map(|(_, finding)| finding).collect::<Vec<_>>();
        let (errors, warnings) = (plain(errors), plain(warnings));
        Ok(Verdict { valid: errors.is_empty(), errors, warnings, video, surfaces })
    }

    /// Inspects the video, within the time that a person waits.
    async fn inspect_soon(&self, url: &str, arrival: Arrival) -> Result<PinnedVideo, InspectError> {
        let soon = self.flow.soon();
        let deadline = arrival.deadline.map_or(soon, |deadline| deadline.min(soon));
        let looking = inspect(self.sources, url);
        let looked = tokio::time::timeout(deadline.left(self.flow.clock.now()), looking).await;
        looked.unwrap_or_else(|_| Err(SourceError::Stalled.into()))
    }

    /// Warns if a signed URL expires soon after the time of publication.
    fn check_link(&self, url: &str, publish_at: Option<Timestamp>, now: Timestamp) -> Option<Found> {
        let ends = VideoUrl::parse(url, AddressPolicy::of(self.flow.config.mode)).ok()?.expires_at()?;
        let begins = publish_at.map_or(now, |at| at.max(now));
        (ends < begins.checked_add_signed(LINK_MARGIN)?).then(|| {
            let message = format!(
                "The signed link expires at {}, and the post is due at {}. Use a link that stays valid at least an hour longer.",
                rfc3339(ends),
                rfc3339(begins)
            );
            (Severity::Warning, finding("video_url_ends_early", message, "videoUrl", None))
        })
    }

    /// Queries the owner's posting options from the platform: the longest video, and any problem.
    async fn ask_choices(
        &self,
        at: usize,
        account: &Account,
        options: &PlatformOptions,
    ) -> (Option<std::time::Duration>, Vec<Found>) {
        // An account that must be reconnected has its problem already.
        if account.status != AccountStatus::Active || !options.has_choices() {
            return (None, Vec::new());
        }
        let asked = async {
            let grant = self.flow.store.grant(self.owner, account.id).await?;
            posting_options(self.flow, self.owner, account, grant).await
        };
        let choices = match asked.await {
            Ok(choices) => choices,
            Err(error) => return (None, vec![of_refusal(&error, at, account)]),
        };
        let show = |problem: Problem| {
            let field = format!("results[{at}].{}", problem.field);
            of_problem(&Problem { field, ..problem }, Some(account))
        };
        let problems = options.check_choices(&choices);
        (options.longest(&choices), problems.into_iter().map(show).collect())
    }
}

/// Returns what a failed query of the posting options means for a post. A temporary failure does not prevent
/// a post: it is held, or retried.
fn of_refusal(error: &ApiError, at: usize, account: &Account) -> Found {
    let (severity, code, message) = if error.is_window() {
        (Severity::Warning, error.code(), error.message())
    } else if error.is_passing() {
        let message = "We couldn't check this account's limits right now. We'll check again before sending.";
        (Severity::Warning, "limits_unknown", message)
    } else {
        (Severity::Error, error.code(), error.message())
    };
    let field = format!("results[{at}].accountId");
    (severity, finding(code, message, field, Some(account)))
}

fn of_problem(problem: &Problem, account: Option<&Account>) -> Found {
    let Problem { severity, field, code, message } = problem;
    (*severity, finding(*code, message.as_str(), field.as_str(), account))
}

fn of_video(found: &video::Finding, account: &Account) -> Finding {
    finding(found.code, found.message.as_str(), "videoUrl", Some(account))
}

fn finding(
    code: impl Into<String>,
    message: impl Into<String>,
    field: impl Into<String>,
    account: Option<&Account>,
) -> Finding {
    let account_id = account.map(|account| account.id);
    Finding { code: code.into(), message: message.into(), field: field.into(), account_id }
}
