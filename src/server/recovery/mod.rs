//! What was to be removed while the store was away is removed when it is back, and not believed before.
//!
//! An invalidation that the store does not carry out leaves old values behind, and a store that returns with
//! its memory intact would serve them as fresh. [`RecoveryStore`] keeps what failed in a queue (`queue`), tries
//! again until it succeeds (`worker`), and until then takes what the store holds under those keys for absent.
//! Whoever asked for the removal is told [`StoreErrorKind::Queued`], never nothing.
//!
//! The queue is this process's: what ends with the process is the queue as well, and then the values' own
//! expiry is what is left. Other processes believe the store until the removal has been carried out.

mod queue;
mod worker;

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use tokio::time::Instant;

use super::backplane::Backplane;
use super::store::{
    Breaker, Change, CircuitState, Entry, KeyInfo, LeaseFor, LeaseToken, Leased, Record, ScanPage,
    Store, StoreError, StoreErrorKind, StoreFuture, StoreStats, Tag,
};
use super::ttl::Ttl;
use crate::schema::Pattern;

use queue::Queue;

/// How much is remembered, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecoveryConfig {
    /// The most keys that are remembered one by one. Of a key beyond that, everything that begins with the
    /// same segment is removed instead.
    pub most_keys: usize,
    /// The same of patterns.
    pub most_patterns: usize,
    /// How long a removal is tried: the longest life of any value. After that, what was there when it was
    /// asked for has expired by itself.
    pub horizon: Duration,
}

impl Default for RecoveryConfig {
    /// 10,000 keys, 1,000 patterns, and [`Ttl::MAX`].
    fn default() -> Self {
        Self { most_keys: 10_000, most_patterns: 1_000, horizon: Ttl::MAX.duration() }
    }
}

/// A view of a [`RecoveryStore`]'s queue, for those who report or wait. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Recovery {
    shared: Arc<State>,
}

#[derive(Debug)]
struct State {
    queue: Mutex<Queue>,
    /// Mirrors the queue's length, so that reads normally take no lock.
    pending: AtomicUsize,
    counts: Mutex<Counts>,
    listeners: Mutex<Vec<UnboundedSender<Vec<String>>>>,
    /// Whether a worker runs. Changed under the queue's lock, so that none goes to rest while something is
    /// being queued.
    working: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct Counts {
    carried_out: u64,
}

/// How a queue of removals stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RecoveryStatus {
    /// Keys whose removal is still to be carried out.
    pub pending_keys: usize,
    /// The same of patterns.
    pub pending_patterns: usize,
    /// Removals that were carried out late.
    pub carried_out: u64,
    /// Removals that were given up because nothing that they mean can still be there.
    pub expired: u64,
    /// Removals that were too many and were taken together with others of their family.
    pub widened: u64,
}

impl Recovery {
    fn new(config: &RecoveryConfig) -> Self {
        let queue = Queue::new(config.most_keys, config.most_patterns, config.horizon);
        let shared = State {
            queue: Mutex::new(queue),
            pending: AtomicUsize::new(0),
            counts: Mutex::default(),
            listeners: Mutex::default(),
            working: watch::Sender::new(false),
        };
        Self { shared: Arc::new(shared) }
    }

    /// How many removals are still to be carried out.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.shared.pending.load(Ordering::Acquire)
    }

    /// How the queue stands.
    #[must_use]
    pub fn status(&self) -> RecoveryStatus {
        let queue = self.queue();
        RecoveryStatus {
            pending_keys: queue.keys(),
            pending_patterns: queue.patterns(),
            carried_out: lock(&self.shared.counts).carried_out,
            expired: queue.expired(),
            widened: queue.widened(),
        }
    }

    /// Tells the keys and patterns of removals that are carried out late, each when it is done.
    #[must_use]
    pub fn recovered(&self) -> UnboundedReceiver<Vec<String>> {
        let (sender, receiver) = unbounded_channel();
        lock(&self.shared.listeners).push(sender);
        receiver
    }

    /// Waits until nothing is left to be carried out.
    pub async fn settled(&self) {
        let mut working = self.shared.working.subscribe();
        while self.pending() > 0 {
            // The sender lives as long as `self`.
            let _ = working.changed().await;
        }
    }

    /// Whether what the store holds under `key` may be believed.
    #[must_use]
    pub fn trusts(&self, key: &str) -> bool {
        self.pending() == 0 || !self.queue().distrusts(key)
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        lock(&self.shared.queue)
    }

    fn change<R>(&self, change: impl FnOnce(&mut Queue) -> R) -> R {
        let mut queue = self.queue();
        let result = change(&mut queue);
        self.shared.pending.store(queue.len(), Ordering::Release);
        result
    }

    /// The number of the newest item; 0, which is nobody's, while there is none.
    fn number(&self) -> u64 {
        if self.pending() == 0 { 0 } else { self.queue().number() }
    }

    /// `keys` were overwritten or removed by a call that began at `number`.
    fn forget(&self, keys: &[&str], number: u64) {
        if self.pending() > 0 {
            self.change(|queue| keys.iter().for_each(|key| queue.forget(key, number)));
        }
    }

    /// Whether whoever asks is to be the worker.
    fn begin_work(&self) -> bool {
        let _queue = self.queue();
        !self.shared.working.send_replace(true)
    }

    /// Whether the worker is done.
    fn rest_if_empty(&self) -> bool {
        let queue = self.queue();
        let empty = queue.len() == 0;
        if empty {
            self.shared.working.send_replace(false);
        }
        empty
    }

    fn end_work(&self) {
        let _queue = self.queue();
        self.shared.working.send_replace(false);
    }

    fn tell(&self, recovered: Vec<String>) {
        lock(&self.shared.counts).carried_out += recovered.len() as u64;
        lock(&self.shared.listeners).retain(|listener| listener.send(recovered.clone()).is_ok());
    }
}

/// Nothing panics under these locks.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

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
    circuit: Option<watch::Receiver<CircuitState>>,
}

/// A removal on its way, or an overwriting. Whatever ends it but success puts it into the queue: also a
/// caller who waits no more.
struct Removal<'a, S: Store> {
    store: &'a RecoveryStore<S>,
    what: What<'a>,
    number: u64,
    ended: bool,
}

#[derive(Clone, Copy)]
enum What<'a> {
    Key(&'a str),
    Keys(&'a [&'a str]),
    Patterns(&'a [Pattern]),
}

impl<S: Store> RecoveryStore<S> {
    /// `store` with an empty queue.
    #[must_use]
    pub fn new(store: S, config: RecoveryConfig) -> Self {
        Self { store: Arc::new(store), recovery: Recovery::new(&config), circuit: None }
    }

    /// The same, trying again as soon as `breaker` says that the store is back.
    #[must_use]
    pub fn after(self, breaker: &Breaker) -> Self {
        Self { circuit: Some(breaker.watch()), ..self }
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

impl<S: Store> Removal<'_, S> {
    fn end<T>(mut self, answer: Result<T, StoreError>) -> Result<T, StoreError> {
        self.ended = true;
        match &answer {
            Ok(_) => match self.what {
                What::Key(key) => self.store.recovery.forget(&[key], self.number),
                What::Keys(keys) => self.store.recovery.forget(keys, self.number),
                // Of a pattern that is queued as well, the older asks for no more than the newer did.
                What::Patterns(_) => {}
            },
            Err(_) => self.queue(),
        }
        answer
    }

    fn queue(&self) {
        let now = Instant::now();
        self.store.recovery.change(|queue| match self.what {
            What::Key(key) => queue.add_key(key, now),
            What::Keys(keys) => keys.iter().for_each(|key| queue.add_key(key, now)),
            What::Patterns(patterns) => {
                patterns.iter().for_each(|pattern| queue.add_pattern(pattern, now));
            }
        });
        worker::start(&self.store.store, &self.store.recovery, self.store.circuit.clone());
    }
}

impl<S: Store> Drop for Removal<'_, S> {
    fn drop(&mut self) {
        if !self.ended {
            self.queue();
        }
    }
}

/// What a caller is told of a removal that was put into the queue.
fn queued(cause: StoreError) -> StoreError {
    StoreError::new(
        StoreErrorKind::Queued,
        format!("carried out when the store is back; now: {cause}"),
    )
}

impl<S: Store> Store for RecoveryStore<S> {
    fn kind(&self) -> &'static str {
        self.store.kind()
    }

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
        Box::pin(async move { removal.end(self.store.set(record).await) })
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

    fn set_leased<'a>(
        &'a self,
        record: Record<'a>,
        token: &'a LeaseToken,
    ) -> StoreFuture<'a, bool> {
        self.store.set_leased(record, token)
    }

    fn release<'a>(&'a self, key: &'a str, token: &'a LeaseToken) -> StoreFuture<'a, ()> {
        self.store.release(key, token)
    }

    fn delete<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, u64> {
        let removal = self.remove(What::Keys(keys));
        Box::pin(async move { removal.end(self.store.delete(keys).await).map_err(queued) })
    }

    fn delete_if<'a>(&'a self, key: &'a str, value: &'a [u8]) -> StoreFuture<'a, bool> {
        self.store.delete_if(key, value)
    }

    fn delete_matching<'a>(
        &'a self,
        patterns: &'a [Pattern],
        tags: &'a [Tag],
    ) -> StoreFuture<'a, u64> {
        let removal = self.remove(What::Patterns(patterns));
        Box::pin(async move {
            removal.end(self.store.delete_matching(patterns, tags).await).map_err(queued)
        })
    }

    fn changes(&self, prefixes: &[&str]) -> Option<UnboundedReceiver<Change>> {
        self.store.changes(prefixes)
    }

    fn scan<'a>(&'a self, pattern: Option<&'a Pattern>, cursor: u64) -> StoreFuture<'a, ScanPage> {
        self.store.scan(pattern, cursor)
    }

    fn inspect<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, Vec<KeyInfo>> {
        self.store.inspect(keys)
    }

    fn tidy(&self) -> StoreFuture<'_, u64> {
        self.store.tidy()
    }

    fn backplane(&self) -> Option<Arc<dyn Backplane>> {
        self.store.backplane()
    }

    fn stats(&self) -> StoreFuture<'_, StoreStats> {
        self.store.stats()
    }

    fn ping(&self) -> StoreFuture<'_, ()> {
        self.store.ping()
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
