//! A store that is not asked while it fails.
//!
//! A store that does not answer costs each caller its whole timeout, and the store the work of refusing. After
//! a few failures in a row [`BreakerStore`] answers in its place, at once, with
//! [`StoreErrorKind::Unavailable`]; a task of its own asks the store whether it is back, one probe at a time,
//! so that no caller has to wait to find out. Of a store of several servers each has a circuit of its own, so
//! that one that is down costs its own keys only.
//!
//! `circuit` decides, by `config` and `verdict`; `switch` carries the decision to all calls about one server;
//! `board` has them all, `states` tells those who watch, and `status` those who ask. `call` lets calls pass, `probe` finds out whether a
//! server is back, and `servers` takes apart what is about several.

mod board;
mod call;
mod circuit;
mod config;
mod probe;
mod servers;
mod states;
mod status;
mod switch;
mod verdict;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::{
    Entry, Inspection, LeaseFor, LeaseToken, Leased, Operation, Record, ScanPage, Sharded, Store,
    StoreError, StoreErrorKind, StoreFuture, StoreStats, Tag, Tidied, pass_on,
};
use crate::schema::Pattern;
use crate::server::ttl::Ttl;

pub use board::Breaker;
pub use circuit::CircuitState;
pub use config::BreakerConfig;
pub use status::CircuitStatus;

/// Stands before a store and stops asking it while it fails.
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// use samekey::server::{BreakerConfig, BreakerStore, CircuitState, MemoryStore};
///
/// let store = BreakerStore::new(MemoryStore::default(), BreakerConfig::default());
/// let breaker = store.breaker(); // for health checks and metrics
/// assert_eq!(breaker.state(), CircuitState::Closed);
/// # });
/// ```
pub struct BreakerStore<S> {
    /// Shared with the probe, which must not keep it alive.
    store: Arc<S>,
    breaker: Breaker,
    watch: Option<StopWatch>,
}

/// Is told how long each call took.
type StopWatch = Box<dyn Fn(Operation, Duration) + Send + Sync>;

impl<S: Store> BreakerStore<S> {
    /// `store` behind closed circuits.
    #[must_use]
    pub fn new(store: S, config: BreakerConfig) -> Self {
        let store = Arc::new(store);
        let known: Arc<dyn Store> = store.clone();
        let breaker = Breaker::new(config, Arc::downgrade(&known));
        Self { breaker, store, watch: None }
    }

    /// The same, telling how long each call takes: a circuit looks at the clock before and after it in any case. A call
    /// that is not made takes no time.
    pub(in crate::server) fn timed(
        self,
        watch: impl Fn(Operation, Duration) + Send + Sync + 'static,
    ) -> Self {
        Self { watch: Some(Box::new(watch)), ..self }
    }

    /// The circuits, to watch.
    #[must_use]
    pub fn breaker(&self) -> Breaker {
        self.breaker.clone()
    }
}

#[deny(clippy::missing_trait_methods)]
impl<S: Store> Store for BreakerStore<S> {
    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Entry>> {
        self.about(key, Operation::Get, |store| store.get(key))
    }

    fn get_many<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, Vec<Option<Entry>>> {
        match self.store.sharded() {
            Some(servers) => self.read_each(servers, keys),
            None => self.pass(Operation::GetMany, |store| store.get_many(keys)),
        }
    }

    fn lease<'a>(
        &'a self,
        key: &'a str,
        token: &'a LeaseToken,
        time: Ttl,
        what: LeaseFor,
    ) -> StoreFuture<'a, Leased> {
        self.about(key, Operation::Lease, |store| store.lease(key, token, time, what))
    }

    fn set<'a>(&'a self, record: Record<'a>) -> StoreFuture<'a, ()> {
        self.about(record.key, Operation::Set, |store| store.set(record))
    }

    fn set_leased<'a>(
        &'a self,
        record: Record<'a>,
        token: &'a LeaseToken,
    ) -> StoreFuture<'a, bool> {
        self.about(record.key, Operation::SetLeased, |store| store.set_leased(record, token))
    }

    fn release<'a>(&'a self, key: &'a str, token: &'a LeaseToken) -> StoreFuture<'a, ()> {
        self.about(key, Operation::Release, |store| store.release(key, token))
    }

    fn delete<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, u64> {
        match self.store.sharded() {
            Some(servers) => self.delete_each(servers, keys),
            None => self.pass(Operation::Delete, |store| store.delete(keys)),
        }
    }

    fn delete_if<'a>(&'a self, key: &'a str, value: &'a [u8]) -> StoreFuture<'a, bool> {
        self.about(key, Operation::DeleteIf, |store| store.delete_if(key, value))
    }

    fn delete_matching<'a>(
        &'a self,
        patterns: &'a [Pattern],
        tags: &'a [Tag],
    ) -> StoreFuture<'a, u64> {
        match self.store.sharded() {
            Some(servers) => self.delete_matching_each(servers, patterns, tags),
            None => {
                self.pass(Operation::DeleteMatching, |store| store.delete_matching(patterns, tags))
            }
        }
    }

    fn exists<'a>(&'a self, key: &'a str) -> StoreFuture<'a, bool> {
        self.about(key, Operation::Exists, |store| store.exists(key))
    }

    fn ttl<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Duration>> {
        self.about(key, Operation::Ttl, |store| store.ttl(key))
    }

    fn scan<'a>(&'a self, pattern: Option<&'a Pattern>, cursor: u64) -> StoreFuture<'a, ScanPage> {
        match self.store.sharded() {
            // A page is one server's, and the cursor does not tell whose: the store's own time limit is enough.
            Some(_) => self.beside(Operation::Scan, self.store.scan(pattern, cursor)),
            None => self.pass(Operation::Scan, |store| store.scan(pattern, cursor)),
        }
    }

    fn inspect<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, Inspection> {
        match self.store.sharded() {
            Some(servers) => self.inspect_each(servers, keys),
            None => self.pass(Operation::Inspect, |store| store.inspect(keys)),
        }
    }

    fn tidy(&self) -> StoreFuture<'_, Tidied> {
        match self.store.sharded() {
            Some(_) => self.beside(Operation::Tidy, self.store.tidy()),
            None => self.pass(Operation::Tidy, |store| store.tidy()),
        }
    }

    fn stats(&self) -> StoreFuture<'_, StoreStats> {
        match self.store.sharded() {
            Some(servers) => self.stats_of_each(servers),
            None => self.pass(Operation::Stats, |store| store.stats()),
        }
    }

    fn ping(&self) -> StoreFuture<'_, ()> {
        self.pass(Operation::Ping, |store| store.ping())
    }

    fn sharded(&self) -> Option<&dyn Sharded> {
        self.store.sharded().is_some().then_some(self as &dyn Sharded)
    }

    pass_on! { self.store: kind namespace changes know_tags backplane sharers }
}

impl<S: fmt::Debug> fmt::Debug for BreakerStore<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BreakerStore")
            .field("store", &self.store)
            .field("circuit", &self.breaker.state())
            .finish()
    }
}
