//! Searches the list of an account's media for the Reel whose id was lost.

use std::time::Duration;

use super::checkpoint::{Step, Task, Why};
use super::errors::PUBLISHING;
use super::options::{CAPTION, Context};
use super::replies::List;
use crate::http::Reply;
use crate::model::Receipt;
use crate::platform::meta::{cut, read as read_reply};
use crate::platform::{PlatformError, Progress};

pub(super) const NOBODY_KNOWS: &str =
    "Instagram doesn't say whether the Reel was published. Check the account, then tell us.";
/// 5 s: the list may lag behind.
const LOOK: Duration = Duration::from_secs(5);

/// Handles a Reel that is certainly public. The list may show which one it is.
pub(super) fn bind(task: Task, since: i64) -> Progress<Step> {
    let receipt = Receipt { publish_id: Some(task.container.clone()), ..Receipt::default() };
    // Without a start time, the search would be a guess.
    let look = (since > 0).then_some((Step::Search { task, since, why: Why::Bind }, LOOK));
    Progress::Published(receipt, look)
}

/// Selects the only Reel with the same caption since the call to publish; the newest would be a guess.
pub(super) fn read(
    task: Task,
    since: i64,
    why: Why,
    reply: &Reply,
    cx: &Context<'_>,
) -> Result<Progress<Step>, PlatformError> {
    let list = read_reply::<List>(PUBLISHING, reply)?;
    let caption = cut(cx.publication.caption, CAPTION);
    let mut fitting =
        list.data.into_iter().filter(|item| item.media_product_type == "REELS" && item.caption == caption);
    let one = fitting.next().filter(|_| fitting.next().is_none());
    let publish_id = Some(task.container.clone());
    Ok(match (one, why) {
        (Some(item), _) => {
            Progress::Published(Receipt { publish_id, post_id: Some(item.id), url: item.permalink }, None)
        }
        (None, Why::Bind) => Progress::Published(Receipt { publish_id, ..Receipt::default() }, None),
        (None, Why::Blind) => doubt(task, since),
    })
}

fn doubt(task: Task, since: i64) -> Progress<Step> {
    let step = Step::Search { task, since, why: Why::Blind };
    Progress::Doubt(step, "container_unreadable", NOBODY_KNOWS)
}
