//! Which tags a key has, by all the services over the store.
//!
//! Each knows the keys of its own schema. Keys that other programs wrote are put onto lists by what all of them know.

use std::sync::{Arc, Mutex, PoisonError};

use super::RedisStore;
use crate::server::store::TagsOf;

/// What the services have said.
#[derive(Default)]
pub(super) struct KnownTags(Mutex<Option<TagsOf>>);

impl KnownTags {
    /// By all who know by now.
    pub(super) fn now(&self) -> Option<TagsOf> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn learn(&self, more: TagsOf) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *known = Some(match known.take() {
            None => more,
            Some(before) => Arc::new(move |key| {
                let mut tags = before(key);
                tags.extend(more(key));
                tags.sort_unstable();
                tags.dedup();
                tags
            }),
        });
    }
}

impl RedisStore {
    /// Lists that were complete by what was known before are to be completed anew.
    pub(super) fn learn_tags(&self, tags_of: TagsOf) {
        self.tags_of.learn(tags_of);
        self.standing.doubt();
        #[cfg(feature = "cluster")]
        self.server.cluster().into_iter().for_each(super::cluster::Cluster::doubt_lists);
    }
}
