//! The lists of keys by tag: how the keys of an entity are found without walking over everybody's.
//!
//! A key is put on the lists of its tags before its value is stored, so no value is unlisted. But other programs
//! write keys that are on none, and a list can be lost where the server drops whatever it holds to make room. So by
//! default the lists only make an invalidation take effect early, and a walk over all keys makes sure. Where nobody
//! else writes and the server keeps the lists, they are the truth, and an invalidation costs what it removes; the
//! walk is then made behind it, at leisure, and counts what the lists had not.

use redis::{Cmd, cmd};

use super::RedisStore;
use super::answer::Replies;
use super::keeping::keeps_lists;
use super::link::pipeline;
#[cfg(feature = "cluster")]
use super::script::ENLIST;
use super::script::{Call, STRIKE};
use super::walk::Walk;
use crate::server::store::{StoreError, Tag};

/// Members that are looked at in one step.
const STRIKE_BATCH: usize = 500;

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
        let reads = tags.iter().flat_map(|tag| {
            let list = self.names.index(tag);
            let ttl = cmd("PTTL").arg(&list).take();
            let range = cmd("ZRANGE").arg(&list).arg(0).arg(-1).take();
            [(list.clone(), ttl), (list, range)]
        });
        let mut replies = self.server.each(reads.collect()).await?;
        let (mut keys, mut endless) = (Vec::new(), true);
        for _ in tags {
            // One that ends is not as we make them: it may have ended before, and begun anew.
            endless &= replies.next::<i64>()? < 0;
            keys.extend(replies.next::<Vec<String>>()?);
        }
        keys.sort_unstable();
        keys.dedup();
        // Asked after the lists were read: what was dropped before, was dropped under this policy.
        let is_whole = self.sole_writer && endless && self.keeps_lists().await?;
        Ok(Listed { keys, is_whole })
    }

    /// Whether every server keeps lists, which have no expiry, whatever it needs.
    async fn keeps_lists(&self) -> Result<bool, StoreError> {
        for node in self.server.nodes().await? {
            let info = pipeline([cmd("INFO").arg("memory").take()]);
            let memory: String = Replies::new(node.send(&info).await?).next()?;
            if !keeps_lists(&memory) {
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
            self.server.run::<u64>(&list, &ENLIST, &call).await?;
        }
        #[cfg(not(feature = "cluster"))]
        let _ = (lists, key, life);
        Ok(())
    }

    /// Strikes `keys` off the lists of `tags` where their values are gone.
    pub(super) async fn strike(&self, tags: &[Tag], keys: &[String]) -> Result<(), StoreError> {
        if keys.is_empty() {
            return Ok(());
        }
        for tag in tags {
            self.strike_off(&self.names.index(tag), keys).await?;
        }
        Ok(())
    }

    /// In a cluster only those whose time has come: a value is stored after its place on the lists there, and one
    /// that is not there yet must keep its place.
    async fn strike_off(&self, list: &str, keys: &[String]) -> Result<u64, StoreError> {
        let keys = if self.server.is_one() { keys } else { &[] };
        let mut struck = 0;
        // Once also where there is nothing to name.
        for batch in keys.chunks(STRIKE_BATCH).chain(keys.is_empty().then_some(&[][..])) {
            let values = batch.iter().map(|key| self.names.data(key));
            let call = Call::default().key(list.to_owned()).keys(values);
            let call = batch.iter().fold(call, |call, key| call.bytes(key.as_bytes()));
            struck += self.server.run::<u64>(list, &STRIKE, &call).await?;
        }
        Ok(struck)
    }

    /// Strikes off all lists what they need not name; a list that names nothing is gone. Writes do it as they come,
    /// but lists that nobody writes to any more, and that do not expire, wait for this.
    pub(super) async fn tidy_lists(&self) -> Result<u64, StoreError> {
        let mut struck = self.strike_off(&self.names.register(), &[]).await?;
        for node in self.server.nodes().await? {
            let mut walk = Walk::new(node, self.names.index_glob());
            while let Some(lists) = walk.next().await? {
                for list in lists {
                    let range: Cmd = cmd("ZRANGE").arg(&list).arg(0).arg(-1).take();
                    let keys: Vec<String> = self.server.query(&list, &range).await?;
                    struck += self.strike_off(&list, &keys).await?;
                }
            }
        }
        Ok(struck)
    }
}
