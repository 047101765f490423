//! The in-process store: a byte budget, least useful entries out first.

mod leases;

use std::fmt;
use std::future::ready;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use bytes::Bytes;
use leases::Leases;
use quick_cache::sync::Cache;
use quick_cache::{DefaultHashBuilder, Lifecycle, OptionsBuilder, Weighter};
use tokio::sync::mpsc::UnboundedReceiver;
// Tokio's clock and not the standard one: a test can turn it by hand.
use tokio::time::Instant;

use super::{
    Change, Entry, KeyInfo, KeyTtl, LeaseFor, LeaseToken, Leased, Record, ScanPage, Store,
    StoreError, StoreErrorKind, StoreFuture, StoreStats, Tag,
};
use crate::schema::Pattern;
use crate::server::ttl::Ttl;

/// What an entry costs beside its key and value: map slots, the slot's own fields, allocator slack.
const ENTRY_OVERHEAD: u64 = 128;

/// Expired entries are also looked for every so many writes, so that dead ones do not push live ones
/// out. Reading an expired entry removes it at once.
const WRITES_BETWEEN_SWEEPS: u64 = 4096;

/// No shard is smaller, so that a value of the largest size that the service stores always fits.
const SMALLEST_SHARD: u64 = 8 * 1024 * 1024;

/// Keeps values in this process. Cheap to share behind an `Arc`; gone when the process ends.
pub struct MemoryStore {
    slots: Cache<String, Slot, ByBytes, DefaultHashBuilder, CountEvictions>,
    leases: Leases,
    writes: AtomicU64,
    hits: AtomicU64,
    misses: AtomicU64,
    evicted: Arc<AtomicU64>,
}

#[derive(Clone)]
struct Slot {
    value: Bytes,
    expires_at: Instant,
}

impl MemoryStore {
    /// 256 MiB.
    pub const DEFAULT_BUDGET: NonZeroU64 = NonZeroU64::new(256 * 1024 * 1024).unwrap();

    /// A store of at most `budget_bytes`, keys and values counted.
    #[must_use]
    pub fn with_budget(budget_bytes: NonZeroU64) -> Self {
        let budget = budget_bytes.get();
        let shards = (budget / SMALLEST_SHARD).clamp(1, 16);
        let evicted = Arc::new(AtomicU64::new(0));
        let options = OptionsBuilder::new()
            .shards(usize::try_from(shards).unwrap_or(1))
            // A guess at the mean size; only the first allocation depends on it.
            .estimated_items_capacity(
                usize::try_from(budget / 16_384).unwrap_or(1_024).clamp(16, 65_536),
            )
            .weight_capacity(budget)
            .build()
            .expect("every option that has no default is set above");
        Self {
            slots: Cache::with_options(
                options,
                ByBytes,
                DefaultHashBuilder::default(),
                CountEvictions(evicted.clone()),
            ),
            leases: Leases::default(),
            writes: AtomicU64::new(0),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            evicted,
        }
    }

    fn live(&self, key: &str) -> Option<(Slot, Duration)> {
        let now = Instant::now();
        let slot = self.slots.get(key)?;
        if slot.expires_at > now {
            let left = slot.expires_at - now;
            return Some((slot, left));
        }
        // Looked at again under the lock: another task may have just stored a fresh value.
        self.slots.remove_if(key, |slot| slot.expires_at <= now);
        None
    }

    fn remove_all(&self, keys: &[&str]) -> u64 {
        let now = Instant::now();
        let removed = keys.iter().filter_map(|key| self.slots.remove(*key));
        removed.filter(|(_, slot)| slot.expires_at > now).count() as u64
    }

    fn look_up(&self, key: &str) -> Option<Entry> {
        let entry = self.live(key).map(|(slot, ttl_left)| Entry { value: slot.value, ttl_left });
        if entry.is_some() { &self.hits } else { &self.misses }.fetch_add(1, Relaxed);
        entry
    }

    fn insert(&self, record: Record<'_>) -> Result<(), StoreError> {
        let Record { key, value, ttl, .. } = record;
        let slot = Slot { value, expires_at: Instant::now() + ttl.duration() };
        if weight(key, &slot) > self.slots.shard_capacity() {
            // quick_cache drops such an entry silently; the old value must not outlive the attempt.
            self.slots.remove(key);
            return Err(StoreError::new(
                StoreErrorKind::Full,
                "the value is larger than the budget of a shard",
            ));
        }
        if self.writes.fetch_add(1, Relaxed) % WRITES_BETWEEN_SWEEPS == WRITES_BETWEEN_SWEEPS - 1 {
            self.sweep();
        }
        self.slots.insert(key.to_owned(), slot);
        Ok(())
    }

    fn sweep(&self) {
        let now = Instant::now();
        self.slots.retain(|_, slot| slot.expires_at > now);
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::with_budget(Self::DEFAULT_BUDGET)
    }
}

impl Store for MemoryStore {
    fn kind(&self) -> &'static str {
        "memory"
    }

    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Entry>> {
        Box::pin(ready(Ok(self.look_up(key))))
    }

    fn get_many<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, Vec<Option<Entry>>> {
        Box::pin(ready(Ok(keys.iter().map(|key| self.look_up(key)).collect())))
    }

    fn set<'a>(&'a self, record: Record<'a>) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let mut leases = self.leases.open();
            leases.void(record.key);
            self.insert(record)
        })
    }

    fn lease<'a>(
        &'a self,
        key: &'a str,
        token: &'a LeaseToken,
        time: Ttl,
        what: LeaseFor,
    ) -> StoreFuture<'a, Leased> {
        Box::pin(async move {
            // Opened first: a value that comes in after the look would else be computed again.
            let mut leases = self.leases.open();
            let found = if what == LeaseFor::Missing { self.look_up(key) } else { None };
            Ok(match found {
                Some(entry) => Leased::Found(entry),
                None => {
                    if what == LeaseFor::Overtake {
                        leases.void(key);
                    }
                    leases.grant(key, *token, time)
                }
            })
        })
    }

    fn set_leased<'a>(
        &'a self,
        record: Record<'a>,
        token: &'a LeaseToken,
    ) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            // Held while the value goes in: an invalidation comes before, and the lease is gone, or
            // after, and the value is.
            let mut leases = self.leases.open();
            if !leases.end(record.key, token) {
                return Ok(false);
            }
            self.insert(record)?;
            Ok(true)
        })
    }

    fn release<'a>(&'a self, key: &'a str, token: &'a LeaseToken) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            self.leases.open().end(key, token);
            Ok(())
        })
    }

    fn delete<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, u64> {
        Box::pin(async move {
            let mut leases = self.leases.open();
            keys.iter().for_each(|key| leases.void(key));
            drop(leases);
            Ok(self.remove_all(keys))
        })
    }

    fn delete_if<'a>(&'a self, key: &'a str, value: &'a [u8]) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let now = Instant::now();
            let same = |slot: &Slot| slot.expires_at > now && slot.value == value;
            Ok(self.slots.remove_if(key, same).is_some())
        })
    }

    fn exists<'a>(&'a self, key: &'a str) -> StoreFuture<'a, bool> {
        Box::pin(ready(Ok(self.live(key).is_some())))
    }

    fn ttl<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Duration>> {
        Box::pin(ready(Ok(self.live(key).map(|(_, left)| left))))
    }

    fn delete_matching<'a>(
        &'a self,
        patterns: &'a [Pattern],
        _tags: &'a [Tag],
    ) -> StoreFuture<'a, u64> {
        Box::pin(async move {
            let meant = |key: &str| patterns.iter().any(|pattern| pattern.matches(key));
            self.leases.open().void_where(meant);
            let now = Instant::now();
            let removed = AtomicU64::new(0);
            self.slots.retain(|key, slot| {
                let hit = meant(key);
                if hit && slot.expires_at > now {
                    removed.fetch_add(1, Relaxed);
                }
                !hit
            });
            Ok(removed.into_inner())
        })
    }

    fn changes(&self, _prefixes: &[&str]) -> Option<UnboundedReceiver<Change>> {
        None
    }

    /// Everything is one page.
    fn scan<'a>(&'a self, pattern: Option<&'a Pattern>, _cursor: u64) -> StoreFuture<'a, ScanPage> {
        Box::pin(async move {
            let now = Instant::now();
            let live = self.slots.iter().filter(|(_, slot)| slot.expires_at > now);
            let keys = live.map(|(key, _)| key);
            let keys = keys.filter(|key| pattern.is_none_or(|pattern| pattern.matches(key)));
            Ok(ScanPage { keys: keys.collect(), next: None })
        })
    }

    fn inspect<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, Vec<KeyInfo>> {
        let info = |key: &&str| match self.live(key) {
            Some((slot, left)) => KeyInfo { ttl: KeyTtl::Left(left), bytes: weight(key, &slot) },
            None => KeyInfo { ttl: KeyTtl::Missing, bytes: 0 },
        };
        Box::pin(ready(Ok(keys.iter().map(info).collect())))
    }

    fn stats(&self) -> StoreFuture<'_, StoreStats> {
        Box::pin(async move {
            self.sweep();
            Ok(StoreStats {
                keys: self.slots.len() as u64,
                used_memory: self.slots.weight(),
                evicted_keys: self.evicted.load(Relaxed),
                keyspace_hits: self.hits.load(Relaxed),
                keyspace_misses: self.misses.load(Relaxed),
                unindexed_keys: 0,
            })
        })
    }

    fn ping(&self) -> StoreFuture<'_, ()> {
        Box::pin(ready(Ok(())))
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore")
            .field("keys", &self.slots.len())
            .field("used_memory", &self.slots.weight())
            .field("budget", &self.slots.capacity())
            .finish_non_exhaustive()
    }
}

fn weight(key: &str, slot: &Slot) -> u64 {
    key.len() as u64 + slot.value.len() as u64 + ENTRY_OVERHEAD
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<String, Slot> for ByBytes {
    fn weight(&self, key: &String, slot: &Slot) -> u64 {
        weight(key, slot)
    }
}

#[derive(Clone)]
struct CountEvictions(Arc<AtomicU64>);

impl Lifecycle<String, Slot> for CountEvictions {
    type RequestState = ();

    fn on_evict(&self, (): &mut (), _key: String, slot: Slot) {
        // An expired entry was dead already; making room with it costs nobody anything.
        if slot.expires_at > Instant::now() {
            self.0.fetch_add(1, Relaxed);
        }
    }
}
