//! What happens to the copies and the computes of keys that change.

use crate::schema::Pattern;
use crate::server::error::CacheError;
use crate::server::service::{CacheService, Inner};
use crate::server::store::{Done, Sharer, Tag};

impl Inner {
    /// Removes every key that `patterns` mean, here and in the store; how many the store held. `tags` as in
    /// [`Store::delete_matching`](crate::server::Store::delete_matching).
    ///
    /// The copies here are dropped *before*, so that nobody is served one while the store is at work; and *after*,
    /// since a read that was answered before the deletion may have put one here meanwhile.
    pub(crate) async fn remove_matching(
        &self,
        patterns: &[Pattern],
        tags: &[Tag],
    ) -> Result<u64, CacheError> {
        self.evict_matching(patterns);
        let removed = self.store.delete_matching(patterns, tags).await;
        self.l1.drop_matching(patterns);
        self.watch(removed)
    }

    /// Removes one key in the same way.
    pub(crate) async fn remove_key(&self, key: &str) -> Result<u64, CacheError> {
        self.overtake(key);
        let removed = self.store.delete(&[key]).await;
        self.l1.drop_key(key);
        self.watch(removed)
    }

    /// Drops the copies of the keys that `patterns` mean; nobody joins their computes any more.
    pub(crate) fn evict_matching(&self, patterns: &[Pattern]) {
        let meant = |key: &str| patterns.iter().any(|pattern| pattern.matches(key));
        self.l1.drop_matching(patterns);
        self.flights.void(meant);
        self.failures.forget(meant);
    }

    /// The same for one key.
    pub(crate) fn overtake(&self, key: &str) {
        self.l1.drop_key(key);
        self.flights.void_key(key);
        self.failures.forget_key(key);
    }

    /// Another process has written or removed `key`. A compute of it here goes on: the store knows whether it may
    /// still be stored, and those who wait for it are told by that.
    pub(crate) fn changed_elsewhere(&self, key: &str) {
        self.l1.drop_key(key);
        self.failures.forget_key(key);
        self.flights.changed(key);
    }

    /// Another process has set keys that `patterns` mean. Its store has voided the leases of those before it said so, of no
    /// others: no compute is to be voided here.
    pub(crate) fn set_elsewhere(&self, patterns: &[Pattern]) {
        let (wide, keys): (Vec<_>, Vec<_>) =
            patterns.iter().cloned().partition(|pattern| pattern.as_str().contains('*'));
        keys.iter().for_each(|key| self.changed_elsewhere(key.as_str()));
        if !wide.is_empty() {
            self.l1.drop_matching(&wide);
            self.failures.forget(|key| wide.iter().any(|pattern| pattern.matches(key)));
        }
    }

    /// Drops every copy; nobody joins a compute that has begun.
    pub(crate) fn evict_everything(&self) {
        self.l1.clear();
        self.flights.void(|_| true);
        self.failures.forget(|_| true);
    }

    /// Other processes may have changed any key.
    pub(crate) fn everything_changed_elsewhere(&self) {
        self.l1.clear();
        self.failures.forget(|_| true);
    }
}

impl Sharer for Inner {
    fn hear(&self, done: &Done<'_>) {
        match *done {
            Done::Stored(key, ttl) => {
                self.changed_elsewhere(key);
                self.expiries.note(key, ttl.duration());
            }
            Done::Touched(key) => self.changed_elsewhere(key),
            Done::Removed(keys) => keys.iter().for_each(|key| self.overtake(key)),
            Done::RemovedMatching(patterns) => self.evict_matching(patterns),
        }
    }
}

impl CacheService {
    /// Drops what this process holds of the keys that `patterns` mean, without a word to the store: for what another
    /// node has invalidated there.
    pub fn evict_matching(&self, patterns: &[Pattern]) {
        self.inner.evict_matching(patterns);
    }
}
