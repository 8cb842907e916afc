//! What the unit tests of all platforms share: a publication and an account for the steps, and responses.

use std::fmt::Display;
use std::time::Duration;

use serde_json::{Value, json};

use super::error::ErrorTable;
use super::odd_replies::Sample;
use super::options::Given;
use super::token_reply::OAUTH_ERRORS;
use super::{
    AccountRef, CallContext, Draft, Facts, Options, PlatformError, Problem, Progress, Publication,
    SocialWorker,
};
use crate::clock::Timestamp;
use crate::config::{Config, Mode, PlatformSettings};
use crate::http::{Call, Reply};
use crate::model::{AccountMetadata, ResultId};
use crate::secret::AccessToken;
use crate::video::PinnedVideo;

/// The names that the tests of most platforms use.
pub(super) mod prelude {
    pub(in crate::platform) use std::time::Duration;

    pub(in crate::platform) use serde_json::{Value, json};

    pub(in crate::platform) use super::{Recorded, World, reply, settings, video};
    pub(in crate::platform) use crate::config::PlatformSettings;
    pub(in crate::platform) use crate::http::{Body, Effect, Reply};
    pub(in crate::platform) use crate::model::{Grant, HeldReason, HoldScope, Receipt, Window};
    pub(in crate::platform) use crate::platform::{
        Connector as _, Disposition, PlatformError, Progress, Rules as _, SessionUrl, Steps as _,
    };
    pub(in crate::platform) use crate::secret::AccessToken;
}

/// Returns a platform's settings with these variables.
pub(super) fn settings(facts: &Facts, vars: &[(&str, &str)]) -> PlatformSettings {
    let var = |name: &str| {
        let value = match name {
            "APP_URL" => "https://app.example",
            "DATABASE_URL" => "postgres://db/x",
            "TOKEN_ENCRYPTION_KEYS" => "k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=",
            "AUTH_JWT_SECRET" | "WORKER_SECRET" => "long-enough-to-be-one",
            _ => vars.iter().find(|(known, _)| *known == name)?.1,
        };
        Some(value.to_owned())
    };
    let mut config = Config::from_vars(Mode::Hosted, &[facts.vars], &var).unwrap();
    config.platforms.remove(facts.id.as_str()).unwrap()
}

/// Returns a video as it was inspected.
pub(super) fn video(size: u64, (width, height): (u32, u32), seconds: u64) -> PinnedVideo {
    let file = json!({
        "url": "https://cdn.example/v.mp4", "size": size, "etag": "\"1\"", "last_modified": null,
        "media_type": "video/mp4", "ranged": true,
    });
    let facts = json!({
        "container": "mp4", "duration": {"secs": seconds, "nanos": 0}, "width": width, "height": height,
        "rotation": 0, "frame_rate": 30.0, "video_codec": "h264", "audio_codec": "aac", "size": size,
        "fragmented": false,
    });
    PinnedVideo { file: serde_json::from_value(file).unwrap(), facts: serde_json::from_value(facts).unwrap() }
}

/// One publication and one account for the steps.
pub(super) struct World<T: SocialWorker> {
    pub(super) platform: T,
    pub(super) settings: PlatformSettings,
    pub(super) video_url: &'static str,
    pub(super) video: PinnedVideo,
    pub(super) caption: &'static str,
    pub(super) title: Option<&'static str>,
    pub(super) options: T::Options,
    /// The account's id and handle.
    pub(super) account: (&'static str, &'static str),
    pub(super) metadata: AccountMetadata,
    pub(super) token: AccessToken,
    pub(super) now: Timestamp,
}

impl<T: SocialWorker> World<T> {
    pub(super) fn of(platform: T, settings: PlatformSettings, video: PinnedVideo, options: Value) -> Self {
        Self {
            platform,
            settings,
            video_url: "https://cdn.example/v.mp4",
            video,
            caption: "hello",
            title: None,
            options: serde_json::from_value(options).unwrap(),
            account: ("1", "demo"),
            metadata: AccountMetadata::default(),
            token: AccessToken::new("token.canary"),
            now: Timestamp::UNIX_EPOCH,
        }
    }

    pub(super) fn cx(&self) -> CallContext<'_, T::Options> {
        let (id, username) = self.account;
        let publication = Publication {
            video_url: self.video_url,
            video: &self.video,
            caption: self.caption,
            title: self.title,
            options: &self.options,
            account: AccountRef { id, username: Some(username), metadata: &self.metadata },
            result: ResultId(uuid::Uuid::nil()),
        };
        CallContext { publication, settings: &self.settings, token: &self.token, now: self.now }
    }

    pub(super) fn call(&self, step: &T::Step) -> Call {
        self.platform.call(step, &self.cx())
    }

    pub(super) fn read(&self, step: T::Step, reply: &Reply) -> Result<Progress<T::Step>, PlatformError> {
        self.platform.advance(step, reply, &self.cx())
    }

    /// Returns the step that queries the outcome of a call, after an error that proves nothing.
    pub(super) fn doubt(&self, call: &T::Step, answer: &Reply) -> T::Step {
        let error = self.read(call.clone(), answer).unwrap_err();
        assert!(!self.platform.is_proof(call, &error), "{error}");
        self.platform.reconcile(call, Some(&error)).unwrap()
    }

    /// Reads one response again and again, until a committed step no longer waits. Returns the outcome and the time it
    /// took.
    pub(super) fn wait_out(&self, mut step: T::Step, reply: &Reply) -> (Progress<T::Step>, Duration) {
        let mut waited = Duration::ZERO;
        loop {
            match self.read(step, reply).unwrap() {
                Progress::Wait(next, after) => {
                    assert!(self.platform.shows(&next).committed);
                    waited += after;
                    step = next;
                }
                end => return (end, waited),
            }
        }
    }
}

/// Checks that every documented code has a sentence in the table that its line names, or in the one of RFC 6749.
pub(super) fn assert_documented(lines: &str, tables: &[(&str, ErrorTable)]) {
    for line in lines.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (name, code) = line.split_once(' ').unwrap();
        let message = match tables.iter().find(|(known, _)| *known == name) {
            Some((_, table)) => table.iter().find(|row| row.0 == code).map(|row| row.2),
            None if name == "oauth" => OAUTH_ERRORS.iter().find(|row| row.0 == code).map(|row| row.2),
            None => panic!("unknown table {name}"),
        };
        let message = message.unwrap_or_else(|| panic!("{name} {code} is not in its table"));
        assert!(message.ends_with('.') && message.len() > 30, "{code}: {message}");
    }
}

/// Checks that no code has two rows in a table.
pub(super) fn assert_unique(table: ErrorTable) {
    let mut codes: Vec<_> = table.iter().map(|row| row.0).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), table.len());
}

/// A file of recorded responses: a JSON object that has each by its name.
pub(super) struct Recorded(pub(super) &'static str);

impl Recorded {
    /// Returns a recorded response.
    pub(super) fn reply(&self, name: &str) -> Reply {
        let all: Value = serde_json::from_str(self.0).unwrap();
        reply(200, all.get(name).unwrap_or_else(|| panic!("{name} is not recorded")))
    }

    /// Returns a recorded response as a sample.
    pub(super) fn sample(
        &self,
        types: &'static [&'static str],
        essential: &'static [&'static str],
        name: &str,
        read: impl Fn(&Reply) -> String + 'static,
    ) -> Sample {
        Sample::new(types, essential, &self.reply(name).body, read)
    }
}

/// Returns a response; its body is a text or JSON.
pub(super) fn reply(status: u16, body: impl Display) -> Reply {
    Reply { status, headers: http::HeaderMap::new(), body: body.to_string().into() }
}

/// Returns a draft that is due now.
pub(super) fn draft<'a>(caption: &'a str, scopes: &[&str]) -> Draft<'a> {
    let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    Draft { caption, title: None, options: &(), scopes: scopes.leak(), due: Timestamp::default() }
}

/// Reads options as a request does.
pub(super) fn options<T: Options>(platform: &str, options: &Value) -> (T, Option<Problem>) {
    let given: Option<Given<T>> = serde_json::from_value(json!(options)).unwrap();
    Given::open(given, platform)
}

/// Returns the problems of a draft with these options, as a create request reports them.
pub(super) fn problems<T: SocialWorker>(platform: &T, options: &Value, draft: &Draft<'_>) -> Vec<Problem> {
    let (options, problem) = self::options(platform.facts().id.as_str(), options);
    problem.map_or_else(|| platform.check(&draft.with(&options)), |problem| vec![problem])
}
