//! The state of the simulated Facebook.

use super::limits::Limits;
use super::page_roles::{Page, Person};
use super::published::Published;
use super::video::{Finish, Video};
use crate::meta::{self, App, Caller, Grants, Intake, Parameters, Refusal};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The platform's name in faults.
pub(crate) const PLATFORM: &str = "facebook";

/// Facebook's state.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct World {
    pub(crate) limits: Limits,
    /// By id.
    pub(crate) people: BTreeMap<String, Person>,
    /// By id.
    pub(crate) pages: BTreeMap<String, Page>,
    pub(crate) grants: Grants,
    /// The Pages that each person has opened to the app.
    pub(crate) opened: BTreeMap<String, BTreeSet<String>>,
    pub(crate) videos: HashMap<String, Video>,
    /// Video ids by the session of a plain upload.
    pub(crate) sessions: HashMap<String, String>,
    /// Video ids, oldest first.
    pub(crate) order: Vec<String>,
    /// Every accepted finish, oldest first.
    pub(crate) finishes: Vec<Finish>,
}

impl World {
    /// Returns the caller if the token is this Page's and has what publishing requires.
    pub(super) fn publisher(
        &self,
        asked: &Parameters,
        app: &App,
        page: &str,
        now: i64,
    ) -> Result<Caller, Refusal> {
        let caller = asked.caller(&self.grants, app, now)?;
        if caller.token.kind != meta::Kind::Page(page.into()) {
            return Err(Refusal::hidden(page));
        }
        caller.needs("pages_manage_posts")?;
        let role = self.people.get(&caller.token.user).and_then(|person| person.role(page));
        match role {
            None => Err(Refusal::token(Some(492), "The user no longer has a role on the Page")),
            Some(role) if role.may_publish() => Ok(caller),
            Some(_) => Err(Refusal::param("(#100) No permission to publish the video")),
        }
    }

    /// Returns everything published, oldest first. It includes videos in processing that nothing can stop.
    pub(crate) fn published(&self, intakes: &HashMap<String, Intake>) -> Vec<Published> {
        let all = self.finishes.iter().filter_map(|finish| {
            let video = self.videos.get(&finish.video)?;
            let arrived = intakes.get(&finish.video)?.arrived.as_ref()?;
            if video.fate(arrived).is_some() {
                return None;
            }
            Some(Published {
                video_id: finish.video.clone(),
                post_id: finish.post_id.clone(),
                page_id: video.page.clone(),
                username: self.pages.get(&video.page)?.username.clone(),
                kind: video.kind,
                title: finish.title.clone(),
                description: finish.description.clone(),
                is_ai_generated: finish.is_ai_generated,
                sha256: arrived.sha256.clone(),
                size: arrived.size,
                at: finish.at,
            })
        });
        all.collect()
    }

    pub(super) fn first_finish(&self, video: &str) -> Option<&Finish> {
        self.finishes.iter().find(|finish| finish.video == video)
    }
}
