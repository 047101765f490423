//! The lists of keys by tag: how the keys of an entity are found without walking over everybody's.
//!
//! A key is put on the lists of its tags before its value is stored, so no value is unlisted. But a list can be
//! lost, when the server drops keys to make room, and other programs write keys that are on none. So by default
//! the lists only make an invalidation take effect early, and a walk over all keys makes sure. Where nobody else
//! writes and the server drops nothing, the lists are the truth, and an invalidation costs what it removes; the
//! walk is then made behind it, at leisure, and counts what the lists had not.

use redis::cmd;

use super::RedisStore;
use super::answer::{Replies, info_text};
#[cfg(feature = "cluster")]
use super::script::{Call, ENLIST};
use crate::server::store::{StoreError, Tag};

/// What the lists say.
pub(super) struct Listed {
    /// Keys, which may be gone by now.
    pub(super) keys: Vec<String>,
    /// Whether there are no others.
    pub(super) is_whole: bool,
}

impl RedisStore {
    /// The keys on the lists of `tags`, and whether those are all.
    pub(super) async fn listed(&self, tags: &[Tag]) -> Result<Listed, StoreError> {
        if tags.is_empty() {
            return Ok(Listed { keys: Vec::new(), is_whole: false });
        }
        let lists = tags.iter().map(|tag| self.names.index(tag));
        let ranges = lists.map(|list| {
            let range = cmd("ZRANGE").arg(&list).arg(0).arg(-1).take();
            (list, range)
        });
        let mut replies = self.server.each(ranges.collect()).await?;
        let mut keys = Vec::new();
        for _ in tags {
            keys.extend(replies.next::<Vec<String>>()?);
        }
        keys.sort_unstable();
        keys.dedup();
        // Asked after the lists were read: what was dropped before, was dropped under this policy.
        let is_whole = self.sole_writer && self.drops_nothing().await?;
        Ok(Listed { keys, is_whole })
    }

    /// Whether the servers keep what they are given until it expires. Not so under `volatile-*`: lists have
    /// an expiry too.
    async fn drops_nothing(&self) -> Result<bool, StoreError> {
        for node in self.server.nodes().await? {
            let info = super::link::pipeline([cmd("INFO").arg("memory").take()]);
            let memory: String = Replies::new(node.send(&info).await?).next()?;
            let unbounded = info_text(&memory, "maxmemory") == Some("0");
            if !unbounded && info_text(&memory, "maxmemory_policy") != Some("noeviction") {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Puts `key` on lists that are on other nodes than itself, for `life` ms.
    pub(super) async fn enlist(
        &self,
        lists: impl Iterator<Item = String>,
        key: &str,
        life: u64,
    ) -> Result<(), StoreError> {
        #[cfg(feature = "cluster")]
        for list in lists {
            let call = Call::default().key(list.clone()).bytes(key.as_bytes()).number(life);
            self.server.run::<()>(&list, &ENLIST, &call).await?;
        }
        #[cfg(not(feature = "cluster"))]
        let _ = (lists, key, life);
        Ok(())
    }
}
