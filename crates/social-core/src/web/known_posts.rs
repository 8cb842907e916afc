//! Posts that this process has read.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::model::{OwnerId, Post, PostId};

/// 64: what the users of one process edit at a time.
const MOST: usize = 64;
/// 64 KiB of text and options, so that all take 4 MiB. Longer ones are read again.
const LONGEST: usize = 65_536;

/// Posts that this process has read.
#[derive(Debug, Clone, Default)]
pub(super) struct KnownPosts(Arc<Mutex<HashMap<PostId, Post>>>);

impl KnownPosts {
    pub(super) fn remember(&self, post: &Post) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if length(post) > LONGEST {
            known.remove(&post.id);
            return;
        }
        if known.len() >= MOST && !known.contains_key(&post.id) {
            known.clear();
        }
        known.insert(post.id, post.clone());
    }

    /// Returns an owner's post, if this version of it is known.
    pub(super) fn find(&self, owner: &OwnerId, id: PostId, version: i64) -> Option<Post> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&id).filter(|post| post.owner == *owner && post.version == version).cloned()
    }
}

/// Returns how long a post's texts and options are, in bytes.
fn length(post: &Post) -> usize {
    let of_results = post.results.iter().map(|result| {
        result.caption.as_deref().map_or(0, str::len).saturating_add(result.options.to_string().len())
    });
    of_results.fold(post.caption.len(), usize::saturating_add)
}
