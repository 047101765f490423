//! A store that fails on command, for tests: of those who use samekey, and our own.

mod faults;
mod servers;

use std::fmt;
use std::time::Duration;

use super::{
    Entry, Inspection, LeaseFor, LeaseToken, Leased, Operation, Record, ScanPage, Sharded, Store,
    StoreError, StoreFuture, StoreStats, Tag, Tidied, pass_on,
};
use crate::schema::Pattern;
use crate::server::ttl::Ttl;

pub use faults::{Chaos, Faults};

use faults::Fate;

/// Stands before a store and does to it what its [`Chaos`] says. Feature `testing`.
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// use samekey::schema::{Key, Schema, TypedKey};
/// use samekey::server::{CacheError, CacheService, ChaosStore, MemoryStore, Operation, StoreErrorKind};
/// use std::time::Duration;
///
/// # let schema = Schema { name: "doc".into(), ttl_classes: vec![], entities: vec![], families: vec![], events: vec![] };
/// let (store, chaos) = ChaosStore::new(MemoryStore::default());
/// let cache = CacheService::new(&schema, store);
/// let key: TypedKey<u64> =
///     TypedKey::new(Key::new(["exec", "runs", "ws123"])?, "runs", Duration::from_secs(60));
///
/// // A dashboard must show numbers while its cache is away.
/// chaos.on(Operation::ALL).fail(StoreErrorKind::Unavailable);
/// let shown = cache.get_or_compute(&key, || async { Ok::<_, CacheError>(42) }).await?;
/// assert_eq!(shown.to_string(), "42");
///
/// // Slow one time in ten thousand, and the same times in every run.
/// chaos.calm();
/// chaos.on(Operation::READS).delay_between(Duration::ZERO, Duration::from_millis(5));
/// chaos.on([Operation::Set]).fail_sometimes(0.0001, StoreErrorKind::Timeout);
/// # Ok::<(), CacheError>(())
/// # }).unwrap();
/// ```
pub struct ChaosStore<S> {
    store: S,
    chaos: Chaos,
}

impl<S: Store> ChaosStore<S> {
    /// `store` as it is, and the handle that changes that.
    #[must_use]
    pub fn new(store: S) -> (Self, Chaos) {
        Self::with_seed(store, 0)
    }

    /// The same with a seed for what happens by chance. Two runs with one seed and the same calls in the
    /// same order fail alike.
    #[must_use]
    pub fn with_seed(store: S, seed: u64) -> (Self, Chaos) {
        let chaos = Chaos::new(seed);
        (Self { store, chaos: chaos.clone() }, chaos)
    }

    /// A call that reads.
    fn read<'a, T: Send + 'a>(
        &'a self,
        operation: Operation,
        call: impl FnOnce(&'a S) -> StoreFuture<'a, T> + Send + 'a,
        deliver: impl FnOnce(&mut T) + Send + 'a,
    ) -> StoreFuture<'a, T> {
        Box::pin(async move {
            let fate = self.chaos.meet(operation).await?;
            let mut answer = call(&self.store).await?;
            deliver(&mut answer);
            self.chaos.part(operation).await;
            fate.hand_over(answer)
        })
    }

    /// A call that changes something; `dropped` is what it answers when it is only said to be done.
    fn write<'a, T: Send + 'a>(
        &'a self,
        operation: Operation,
        dropped: T,
        call: impl FnOnce(&'a S) -> StoreFuture<'a, T> + Send + 'a,
    ) -> StoreFuture<'a, T> {
        Box::pin(async move {
            let fate = self.chaos.meet(operation).await?;
            let answer = if fate.dropped { dropped } else { call(&self.store).await? };
            self.chaos.part(operation).await;
            fate.hand_over(answer)
        })
    }
}

impl Fate {
    fn hand_over<T>(self, answer: T) -> Result<T, StoreError> {
        match self.lost {
            Some(kind) => Err(StoreError::new(kind, "chaos: done, but the answer was lost")),
            None => Ok(answer),
        }
    }
}

#[deny(clippy::missing_trait_methods)]
impl<S: Store> Store for ChaosStore<S> {
    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Entry>> {
        self.read(
            Operation::Get,
            |store| store.get(key),
            |entry| {
                if let Some(entry) = entry {
                    self.chaos.deliver(Operation::Get, entry);
                }
            },
        )
    }

    fn get_many<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, Vec<Option<Entry>>> {
        self.read(
            Operation::GetMany,
            |store| store.get_many(keys),
            |entries| {
                entries
                    .iter_mut()
                    .flatten()
                    .for_each(|entry| self.chaos.deliver(Operation::GetMany, entry));
            },
        )
    }

    fn lease<'a>(
        &'a self,
        key: &'a str,
        token: &'a LeaseToken,
        time: Ttl,
        what: LeaseFor,
    ) -> StoreFuture<'a, Leased> {
        self.read(
            Operation::Lease,
            move |store| store.lease(key, token, time, what),
            |leased| {
                if let Leased::Found(entry) = leased {
                    self.chaos.deliver(Operation::Lease, entry);
                }
            },
        )
    }

    fn set<'a>(&'a self, record: Record<'a>) -> StoreFuture<'a, ()> {
        self.write(Operation::Set, (), |store| store.set(record))
    }

    fn set_leased<'a>(
        &'a self,
        record: Record<'a>,
        token: &'a LeaseToken,
    ) -> StoreFuture<'a, bool> {
        self.write(Operation::SetLeased, true, |store| store.set_leased(record, token))
    }

    fn release<'a>(&'a self, key: &'a str, token: &'a LeaseToken) -> StoreFuture<'a, ()> {
        self.write(Operation::Release, (), |store| store.release(key, token))
    }

    fn delete<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, u64> {
        self.write(Operation::Delete, 0, |store| store.delete(keys))
    }

    fn delete_if<'a>(&'a self, key: &'a str, value: &'a [u8]) -> StoreFuture<'a, bool> {
        self.write(Operation::DeleteIf, false, |store| store.delete_if(key, value))
    }

    fn delete_matching<'a>(
        &'a self,
        patterns: &'a [Pattern],
        tags: &'a [Tag],
    ) -> StoreFuture<'a, u64> {
        self.write(Operation::DeleteMatching, 0, |store| store.delete_matching(patterns, tags))
    }

    fn exists<'a>(&'a self, key: &'a str) -> StoreFuture<'a, bool> {
        self.read(Operation::Exists, |store| store.exists(key), |_| {})
    }

    fn ttl<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Duration>> {
        self.read(Operation::Ttl, |store| store.ttl(key), |_| {})
    }

    fn scan<'a>(&'a self, pattern: Option<&'a Pattern>, cursor: u64) -> StoreFuture<'a, ScanPage> {
        self.read(Operation::Scan, move |store| store.scan(pattern, cursor), |_| {})
    }

    fn inspect<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, Inspection> {
        self.read(Operation::Inspect, |store| store.inspect(keys), |_| {})
    }

    fn tidy(&self) -> StoreFuture<'_, Tidied> {
        self.write(Operation::Tidy, Tidied::default(), |store| store.tidy())
    }

    fn sharded(&self) -> Option<&dyn Sharded> {
        self.store.sharded().is_some().then_some(self as &dyn Sharded)
    }

    fn stats(&self) -> StoreFuture<'_, StoreStats> {
        self.read(Operation::Stats, |store| store.stats(), |_| {})
    }

    fn ping(&self) -> StoreFuture<'_, ()> {
        self.read(Operation::Ping, |store| store.ping(), |()| {})
    }

    // What others change passes untouched.
    pass_on! { self.store: kind namespace changes know_tags backplane sharers }
}

impl<S: fmt::Debug> fmt::Debug for ChaosStore<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChaosStore").field("store", &self.store).finish_non_exhaustive()
    }
}
