//! A store that is not asked while it fails.
//!
//! A store that does not answer costs each caller its whole timeout, and the store the work of refusing. After
//! a few failures in a row [`BreakerStore`] answers in its place, at once, with
//! [`StoreErrorKind::Unavailable`]; a task of its own asks the store whether it is back, one probe at a time,
//! so that no caller has to wait to find out. `circuit` decides, `shared` carries the decision to all calls.

mod circuit;
mod shared;

use std::fmt;
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{sleep, timeout};

use super::{
    Change, Entry, KeyInfo, LeaseFor, LeaseToken, Leased, Record, ScanPage, Store, StoreError,
    StoreErrorKind, StoreFuture, StoreStats, Tag,
};
use crate::schema::Pattern;
use crate::server::backplane::Backplane;
use crate::server::ttl::Ttl;

pub use circuit::{BreakerConfig, CircuitState};
pub use shared::{Breaker, CircuitStatus};

use shared::Admission;

const OPEN: &str = "the store has failed repeatedly and is not asked until it answers a probe";

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
}

impl<S: Store> BreakerStore<S> {
    /// `store` behind a closed circuit.
    #[must_use]
    pub fn new(store: S, config: BreakerConfig) -> Self {
        Self { store: Arc::new(store), breaker: Breaker::new(config) }
    }

    /// The circuit, to watch.
    #[must_use]
    pub fn breaker(&self) -> Breaker {
        self.breaker.clone()
    }

    fn pass<'a, T: Send + 'a>(
        &'a self,
        call: impl FnOnce(&'a S) -> StoreFuture<'a, T>,
    ) -> StoreFuture<'a, T> {
        let Some(admission) = self.breaker.admit() else {
            return Box::pin(ready(Err(StoreError::new(StoreErrorKind::Unavailable, OPEN))));
        };
        let call = call(&self.store);
        Box::pin(async move {
            let watched = Watched { store: self, admission, ended: false };
            let answer = call.await;
            watched.end(answer.as_ref().err().map(StoreError::kind));
            answer
        })
    }

    fn probe_until_it_answers(&self) {
        let (store, breaker) = (Arc::downgrade(&self.store), self.breaker.clone());
        // Its end by force, with the runtime that it runs in, must not leave the circuit open for ever.
        let closing = CloseAtTheEnd(Some(breaker.clone()));
        let probe = async move {
            loop {
                sleep(breaker.next_pause()).await;
                let Some(store) = store.upgrade() else { return };
                breaker.begin_probe();
                let failure = match timeout(breaker.probe_timeout(), store.ping()).await {
                    Ok(answer) => answer.err().map(|error| error.kind()),
                    Err(_) => Some(StoreErrorKind::Timeout),
                };
                if breaker.end_probe(failure) {
                    return closing.dismiss();
                }
            }
        };
        // A future that is dropped outside of a runtime may get here; then the circuit closes at once.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(probe);
        }
    }
}

/// A call on its way.
struct Watched<'a, S: Store> {
    store: &'a BreakerStore<S>,
    admission: Admission,
    ended: bool,
}

impl<S: Store> Watched<'_, S> {
    fn end(mut self, failure: Option<StoreErrorKind>) {
        self.ended = true;
        if self.store.breaker.end(self.admission, failure) {
            self.store.probe_until_it_answers();
        }
    }
}

impl<S: Store> Drop for Watched<'_, S> {
    fn drop(&mut self) {
        if !self.ended && self.store.breaker.give_up(self.admission) {
            self.store.probe_until_it_answers();
        }
    }
}

/// Closes the circuit when the probing ends before it has said so.
struct CloseAtTheEnd(Option<Breaker>);

impl CloseAtTheEnd {
    fn dismiss(mut self) {
        self.0 = None;
    }
}

impl Drop for CloseAtTheEnd {
    fn drop(&mut self) {
        if let Some(breaker) = &self.0 {
            breaker.end_probe(None);
        }
    }
}

impl<S: Store> Store for BreakerStore<S> {
    fn kind(&self) -> &'static str {
        self.store.kind()
    }

    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Entry>> {
        self.pass(|store| store.get(key))
    }

    fn get_many<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, Vec<Option<Entry>>> {
        self.pass(|store| store.get_many(keys))
    }

    fn lease<'a>(
        &'a self,
        key: &'a str,
        token: &'a LeaseToken,
        time: Ttl,
        what: LeaseFor,
    ) -> StoreFuture<'a, Leased> {
        self.pass(|store| store.lease(key, token, time, what))
    }

    fn set<'a>(&'a self, record: Record<'a>) -> StoreFuture<'a, ()> {
        self.pass(|store| store.set(record))
    }

    fn set_leased<'a>(
        &'a self,
        record: Record<'a>,
        token: &'a LeaseToken,
    ) -> StoreFuture<'a, bool> {
        self.pass(|store| store.set_leased(record, token))
    }

    fn release<'a>(&'a self, key: &'a str, token: &'a LeaseToken) -> StoreFuture<'a, ()> {
        self.pass(|store| store.release(key, token))
    }

    fn delete<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, u64> {
        self.pass(|store| store.delete(keys))
    }

    fn delete_if<'a>(&'a self, key: &'a str, value: &'a [u8]) -> StoreFuture<'a, bool> {
        self.pass(|store| store.delete_if(key, value))
    }

    fn delete_matching<'a>(
        &'a self,
        patterns: &'a [Pattern],
        tags: &'a [Tag],
    ) -> StoreFuture<'a, u64> {
        self.pass(|store| store.delete_matching(patterns, tags))
    }

    fn exists<'a>(&'a self, key: &'a str) -> StoreFuture<'a, bool> {
        self.pass(|store| store.exists(key))
    }

    fn ttl<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Duration>> {
        self.pass(|store| store.ttl(key))
    }

    fn scan<'a>(&'a self, pattern: Option<&'a Pattern>, cursor: u64) -> StoreFuture<'a, ScanPage> {
        self.pass(|store| store.scan(pattern, cursor))
    }

    fn inspect<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, Vec<KeyInfo>> {
        self.pass(|store| store.inspect(keys))
    }

    fn changes(&self, prefixes: &[&str]) -> Option<UnboundedReceiver<Change>> {
        self.store.changes(prefixes)
    }

    fn tidy(&self) -> StoreFuture<'_, u64> {
        self.pass(|store| store.tidy())
    }

    fn backplane(&self) -> Option<Arc<dyn Backplane>> {
        self.store.backplane()
    }

    fn stats(&self) -> StoreFuture<'_, StoreStats> {
        self.pass(|store| store.stats())
    }

    fn ping(&self) -> StoreFuture<'_, ()> {
        self.pass(|store| store.ping())
    }
}

impl<S: fmt::Debug> fmt::Debug for BreakerStore<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BreakerStore")
            .field("store", &self.store)
            .field("circuit", &self.breaker.state())
            .finish()
    }
}
