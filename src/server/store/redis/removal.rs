//! Removing by name and by pattern. Leases go first, then data, at every step.

use redis::{Cmd, cmd};

use super::RedisStore;
use super::walk::Walk;
use crate::schema::Pattern;
use crate::server::store::{StoreError, Tag};

/// Keys per `UNLINK`.
const UNLINK_BATCH: usize = 500;

impl RedisStore {
    /// Removes `keys` and voids their leases.
    pub(super) async fn remove<K: AsRef<str>>(&self, keys: &[K]) -> Result<u64, StoreError> {
        let mut removed = 0;
        for batch in keys.chunks(UNLINK_BATCH) {
            let leases: Vec<_> = batch.iter().map(|key| self.names.lease(key.as_ref())).collect();
            self.unlink(leases).await?;
            let values: Vec<_> = batch.iter().map(|key| self.names.data(key.as_ref())).collect();
            let unlinked = self.unlink(values).await;
            // One that failed may have removed all the same.
            self.announcing.announce(batch);
            removed += unlinked?;
        }
        Ok(removed)
    }

    /// Voids leases, removes the exact ones of `patterns` by name, then what the lists of `tags` name, and
    /// unless those can be trusted alone, whatever a walk over all keys finds.
    pub(super) async fn remove_matching(
        &self,
        patterns: &[Pattern],
        tags: &[Tag],
    ) -> Result<u64, StoreError> {
        #[cfg(feature = "cluster")]
        if let Some(cluster) = self.server.cluster() {
            return self.remove_matching_in(cluster, patterns, tags).await;
        }
        let (wild, exact): (Vec<_>, Vec<_>) =
            patterns.iter().partition(|pattern| pattern.as_str().contains('*'));
        let exact: Vec<_> = exact.iter().map(|pattern| pattern.as_str()).collect();
        let mut removed = self.remove(&exact).await?;
        if wild.is_empty() {
            return Ok(removed);
        }
        let meant = |key: &str| wild.iter().any(|pattern| pattern.matches(key));
        // Before the lists are read: who still stores under a lease has come onto them by then.
        self.void_leases(&wild).await?;
        let listed = self.listed_or_heard(tags, &wild).await?;
        let found: Vec<_> = listed.keys.into_iter().filter(|key| meant(key)).collect();
        removed += self.remove(&found).await?;
        // What is removed is removed, whether or not the lists still name it.
        if let Err(error) = self.strike(tags, &found).await {
            tracing::debug!(%error, "the lists still name what is gone");
        }
        if listed.is_whole {
            if self.sole_writer {
                self.audit.ask(&wild, tags);
            }
            return Ok(removed);
        }
        for node in self.server.nodes().await? {
            let walk = Walk::new(node, self.names.glob_of(&wild));
            removed += self.remove_along(walk, &meant).await?;
        }
        Ok(removed)
    }

    pub(super) async fn remove_along(
        &self,
        mut walk: Walk,
        meant: &(impl Fn(&str) -> bool + Sync),
    ) -> Result<u64, StoreError> {
        let mut removed = 0;
        while let Some(names) = walk.next().await? {
            let keys = names.iter().filter_map(|name| self.names.key(name));
            let keys: Vec<_> = keys.filter(|key| meant(key)).collect();
            removed += self.remove(&keys).await?;
        }
        Ok(removed)
    }

    /// Voids the leases of the keys that `patterns` mean: the register names them, and one that has fallen off it
    /// cannot be used either: see [`STAGE`](super::script::STAGE).
    async fn void_leases(&self, patterns: &[&Pattern]) -> Result<(), StoreError> {
        let meant = |key: &str| patterns.iter().any(|pattern| pattern.matches(key));
        let register = self.names.register();
        let range = cmd("ZRANGE").arg(&register).arg(0).arg(-1).take();
        let leased: Vec<String> = self.server.query(&register, &range).await?;
        let leases = leased.iter().filter(|key| meant(key)).map(|key| self.names.lease(key));
        self.unlink(leases.collect()).await.map(drop)
    }

    pub(super) async fn unlink(&self, names: Vec<String>) -> Result<u64, StoreError> {
        let mut removed = 0;
        for batch in names.chunks(UNLINK_BATCH) {
            let Some(first) = batch.first() else { break };
            if self.server.is_one() {
                removed += self.server.query::<u64>(first, cmd("UNLINK").arg(batch)).await?;
                continue;
            }
            let each = batch.iter().map(|name| (name.clone(), cmd("UNLINK").arg(name).take()));
            let each: Vec<(String, Cmd)> = each.collect();
            let mut replies = self.server.each(each).await?;
            for _ in batch {
                removed += replies.next::<u64>()?;
            }
        }
        Ok(removed)
    }
}
