//! What was to be removed while the store was away is removed when it is back, and not believed before.
//!
//! An invalidation that the store does not carry out leaves old values behind, and a store that returns with
//! its memory intact would serve them as fresh. [`RecoveryStore`] keeps what failed in a queue (`queue`, `pending`),
//! tries again until it succeeds (`worker`, `round`), and until then takes what the store holds under those keys for absent.
//! Whoever asked for the removal is told [`StoreErrorKind::Queued`], never nothing.
//!
//! The queue is this process's and ends with it, unless it is kept in a file too (`file`): then the next process has it from
//! its first moment on (`restore`). Other processes believe the store until the removal has been carried out.

mod config;
mod file;
mod kept;
mod pending;
mod queue;
mod removal;
mod restore;
mod round;
mod worker;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::store::{
    Breaker, Entry, LeaseFor, LeaseToken, Leased, Record, Sharded, Store, StoreFuture, Tag,
    concerned, pass_on,
};
use super::ttl::Ttl;
use crate::schema::Pattern;

pub use config::RecoveryConfig;
pub use file::RecoveryFileError;
pub use pending::{Recovery, RecoveryStatus};

use removal::{Removal, What};

/// Stands before a store and carries out late what it could not carry out in time.
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// use samekey::server::{BreakerConfig, BreakerStore, MemoryStore, RecoveryConfig, RecoveryStore};
///
/// let store = BreakerStore::new(MemoryStore::default(), BreakerConfig::default());
/// let breaker = store.breaker();
/// let store = RecoveryStore::new(store, RecoveryConfig::default()).after(&breaker);
/// assert_eq!(store.recovery().pending(), 0);
/// # });
/// ```
pub struct RecoveryStore<S> {
    /// Shared with the worker, which must not keep it alive.
    store: Arc<S>,
    recovery: Recovery,
    breaker: Option<Breaker>,
}

impl<S: Store> RecoveryStore<S> {
    /// `store` with an empty queue.
    #[must_use]
    pub fn new(store: S, config: RecoveryConfig) -> Self {
        let store = Arc::new(store);
        let known: Arc<dyn Store> = store.clone();
        let recovery = Recovery::new(&config, Arc::downgrade(&known));
        Self { store, recovery, breaker: None }
    }

    /// The same, trying again as soon as `breaker` says that the store is back, or the server that was away.
    #[must_use]
    pub fn after(self, breaker: &Breaker) -> Self {
        Self { breaker: Some(breaker.clone()), ..self }
    }

    /// The queue, to watch.
    #[must_use]
    pub fn recovery(&self) -> Recovery {
        self.recovery.clone()
    }

    fn remove<'a>(&'a self, what: What<'a>) -> Removal<'a, S> {
        Removal { store: self, what, number: self.recovery.number(), ended: false }
    }

    /// What the store answers about `key`, or `absent` if that is not to be believed. It is asked in either
    /// case: whether it fails is told as it is.
    fn believing<'a, T: Send + 'a>(
        &'a self,
        key: &str,
        answer: StoreFuture<'a, T>,
        absent: T,
    ) -> StoreFuture<'a, T> {
        if self.recovery.trusts(key) {
            return answer;
        }
        Box::pin(async move { answer.await.map(|_| absent) })
    }
}

#[deny(clippy::missing_trait_methods)]
impl<S: Store> Store for RecoveryStore<S> {
    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Entry>> {
        self.believing(key, self.store.get(key), None)
    }

    fn get_many<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, Vec<Option<Entry>>> {
        if self.recovery.pending() == 0 {
            return self.store.get_many(keys);
        }
        Box::pin(async move {
            let trusted: Vec<_> = keys.iter().map(|key| self.recovery.trusts(key)).collect();
            let mut entries = self.store.get_many(keys).await?;
            for (entry, trusted) in entries.iter_mut().zip(trusted) {
                entry.take_if(|_| !trusted);
            }
            Ok(entries)
        })
    }

    fn exists<'a>(&'a self, key: &'a str) -> StoreFuture<'a, bool> {
        self.believing(key, self.store.exists(key), false)
    }

    fn ttl<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Duration>> {
        self.believing(key, self.store.ttl(key), None)
    }

    fn set<'a>(&'a self, record: Record<'a>) -> StoreFuture<'a, ()> {
        let removal = self.remove(What::Key(record.key));
        Box::pin(async move { removal.end(self.store.set(record).await).await })
    }

    /// A key that is not believed is removed first: a lease answers with the value if there is one.
    fn lease<'a>(
        &'a self,
        key: &'a str,
        token: &'a LeaseToken,
        time: Ttl,
        what: LeaseFor,
    ) -> StoreFuture<'a, Leased> {
        if self.recovery.trusts(key) {
            return self.store.lease(key, token, time, what);
        }
        Box::pin(async move {
            let number = self.recovery.number();
            self.store.delete(&[key]).await?;
            self.recovery.forget(&[key], number);
            self.store.lease(key, token, time, what).await
        })
    }

    fn delete<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, u64> {
        let removal = self.remove(What::Keys(keys));
        Box::pin(async move { removal.end(self.store.delete(keys).await).await })
    }

    fn delete_matching<'a>(
        &'a self,
        patterns: &'a [Pattern],
        tags: &'a [Tag],
    ) -> StoreFuture<'a, u64> {
        let removal = self.remove(What::Patterns(patterns));
        Box::pin(async move {
            if let Some(servers) = self.store.sharded() {
                let shards = concerned(servers, patterns);
                if !shards.is_empty() {
                    let moves = servers.moves();
                    let removals = servers.delete_matching_on(&shards, patterns, tags).await;
                    return removal.end_on(&shards, moves, removals).await;
                }
            }
            removal.end(self.store.delete_matching(patterns, tags).await).await
        })
    }

    /// None: from outside it is one store. What a server could not remove waits for it here, and a removal from that
    /// server past this would wait nowhere.
    fn sharded(&self) -> Option<&dyn Sharded> {
        None
    }

    pass_on! { self.store:
        kind namespace set_leased release delete_if changes scan inspect know_tags tidy stats
        backplane sharers ping
    }
}

impl<S: fmt::Debug> fmt::Debug for RecoveryStore<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecoveryStore")
            .field("store", &self.store)
            .field("pending", &self.recovery.pending())
            .finish()
    }
}
