//! The in-process store: a byte budget, least useful entries out first.

use std::fmt;
use std::future::ready;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use bytes::Bytes;
use quick_cache::sync::Cache;
use quick_cache::{DefaultHashBuilder, Lifecycle, OptionsBuilder, Weighter};
// Tokio's clock and not the standard one: a test can turn it by hand.
use tokio::time::Instant;

use super::{Entry, Store, StoreError, StoreErrorKind, StoreFuture, StoreStats};
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

    fn insert(&self, key: &str, value: Bytes, ttl: Ttl) -> Result<(), StoreError> {
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
        let entry = self.live(key).map(|(slot, ttl_left)| Entry { value: slot.value, ttl_left });
        if entry.is_some() { &self.hits } else { &self.misses }.fetch_add(1, Relaxed);
        Box::pin(ready(Ok(entry)))
    }

    fn set<'a>(&'a self, key: &'a str, value: Bytes, ttl: Ttl) -> StoreFuture<'a, ()> {
        Box::pin(async move { self.insert(key, value, ttl) })
    }

    fn delete<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, u64> {
        Box::pin(async move { Ok(self.remove_all(keys)) })
    }

    fn exists<'a>(&'a self, key: &'a str) -> StoreFuture<'a, bool> {
        Box::pin(ready(Ok(self.live(key).is_some())))
    }

    fn ttl<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Duration>> {
        Box::pin(ready(Ok(self.live(key).map(|(_, left)| left))))
    }

    fn delete_matching<'a>(&'a self, patterns: &'a [Pattern]) -> StoreFuture<'a, u64> {
        Box::pin(async move {
            let now = Instant::now();
            let removed = AtomicU64::new(0);
            self.slots.retain(|key, slot| {
                let hit = patterns.iter().any(|pattern| pattern.matches(key));
                if hit && slot.expires_at > now {
                    removed.fetch_add(1, Relaxed);
                }
                !hit
            });
            Ok(removed.into_inner())
        })
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
