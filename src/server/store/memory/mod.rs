//! The in-process store: a byte budget, least useful entries out first.

mod index;
mod leases;

use std::fmt;
use std::future::ready;
use std::num::NonZeroU64;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use index::{Index, Listed};
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
    slots: Cache<String, Slot, ByBytes, DefaultHashBuilder, Dropped>,
    index: Index,
    leases: Leases,
    writes: AtomicU64,
    hits: AtomicU64,
    misses: AtomicU64,
    evicted: AtomicU64,
}

#[derive(Clone)]
struct Slot {
    value: Bytes,
    expires_at: Instant,
    /// `None` without tags.
    listed: Option<Listed>,
}

impl MemoryStore {
    /// 256 MiB.
    pub const DEFAULT_BUDGET: NonZeroU64 = NonZeroU64::new(256 * 1024 * 1024).unwrap();

    /// A store of at most `budget_bytes`, keys and values counted.
    #[must_use]
    pub fn with_budget(budget_bytes: NonZeroU64) -> Self {
        let budget = budget_bytes.get();
        let shards = (budget / SMALLEST_SHARD).clamp(1, 16);
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
            slots: Cache::with_options(options, ByBytes, DefaultHashBuilder::default(), Dropped),
            index: Index::default(),
            leases: Leases::default(),
            writes: AtomicU64::new(0),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            evicted: AtomicU64::new(0),
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
        self.remove_if(key, |slot| slot.expires_at <= now);
        None
    }

    /// Removes the slot of `key` if it is as meant; whether it was.
    fn remove_if(&self, key: &str, meant: impl FnOnce(&Slot) -> bool) -> bool {
        let removed = self.slots.remove_if(key, meant);
        if let Some(listed) = removed.as_ref().and_then(|(_, slot)| slot.listed.as_ref()) {
            self.index.forget(listed);
        }
        removed.is_some()
    }

    fn remove_all<K: AsRef<str>>(&self, keys: &[K]) -> u64 {
        let now = Instant::now();
        let mut live = false;
        let mut remove = |key: &str| {
            self.remove_if(key, |slot| {
                live = slot.expires_at > now;
                true
            }) && live
        };
        keys.iter().filter(|key| remove(key.as_ref())).count() as u64
    }

    /// Removes every slot that is as meant; how many of them were live.
    fn remove_where(&self, meant: impl Fn(&str, &Slot) -> bool) -> u64 {
        let now = Instant::now();
        let (live, gone) = (AtomicU64::new(0), Mutex::new(Vec::new()));
        self.slots.retain(|key, slot| {
            let meant = meant(key, slot);
            if meant {
                if slot.expires_at > now {
                    live.fetch_add(1, Relaxed);
                }
                // Forgotten when the walk is over: not under the lock of a shard.
                let mut gone = gone.lock().unwrap_or_else(PoisonError::into_inner);
                gone.extend(slot.listed.clone());
            }
            !meant
        });
        let gone = gone.into_inner().unwrap_or_else(PoisonError::into_inner);
        gone.iter().for_each(|listed| self.index.forget(listed));
        live.into_inner()
    }

    fn look_up(&self, key: &str) -> Option<Entry> {
        let entry = self.live(key).map(|(slot, ttl_left)| Entry { value: slot.value, ttl_left });
        if entry.is_some() { &self.hits } else { &self.misses }.fetch_add(1, Relaxed);
        entry
    }

    fn insert(&self, record: Record<'_>) -> Result<(), StoreError> {
        let Record { key, value, ttl, tags } = record;
        let write = self.writes.fetch_add(1, Relaxed);
        if write % WRITES_BETWEEN_SWEEPS == WRITES_BETWEEN_SWEEPS - 1 {
            self.sweep();
        }
        // Listed before it is there, so that none is there unlisted. Insertions come one at a time, by the
        // leases' lock; so what is listed last is what is there last.
        let listed = self.index.list(key, tags, write);
        let slot = Slot { value, expires_at: Instant::now() + ttl.duration(), listed };
        if weight(key, &slot) > self.slots.shard_capacity() {
            // quick_cache drops such an entry silently; the old value must not outlive the attempt.
            slot.listed.iter().for_each(|listed| self.index.forget(listed));
            self.remove_if(key, |_| true);
            return Err(StoreError::new(
                StoreErrorKind::Full,
                "the value is larger than the budget of a shard",
            ));
        }
        let mut dropped = Vec::new();
        self.slots.insert_with_lifecycle(key.to_owned(), slot, &mut dropped);
        for (dropped, slot) in dropped {
            slot.listed.iter().for_each(|listed| self.index.forget(listed));
            // The value that is replaced is among them. And an expired one was dead already: making room
            // with it costs nobody anything.
            if dropped != key && slot.expires_at > Instant::now() {
                self.evicted.fetch_add(1, Relaxed);
            }
        }
        Ok(())
    }

    fn sweep(&self) {
        let now = Instant::now();
        self.remove_where(|_, slot| slot.expires_at <= now);
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
            Ok(self.remove_if(key, same))
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
        tags: &'a [Tag],
    ) -> StoreFuture<'a, u64> {
        Box::pin(async move {
            let meant = |key: &str| patterns.iter().any(|pattern| pattern.matches(key));
            self.leases.open().void_where(meant);
            if tags.is_empty() {
                return Ok(self.remove_where(|key, _| meant(key)));
            }
            // Nobody else writes here, so the lists are whole.
            let mut listed = self.index.keys(tags);
            listed.retain(|key| meant(key));
            Ok(self.remove_all(&listed))
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
    let listed = slot.listed.as_ref().map_or(0, Listed::weight);
    key.len() as u64 + slot.value.len() as u64 + listed + ENTRY_OVERHEAD
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<String, Slot> for ByBytes {
    fn weight(&self, key: &String, slot: &Slot) -> u64 {
        weight(key, slot)
    }
}

/// Hands what an insertion drops to the one who inserts: it has lists to take it from, and must not under the
/// lock of a shard.
#[derive(Clone)]
struct Dropped;

impl Lifecycle<String, Slot> for Dropped {
    type RequestState = Vec<(String, Slot)>;

    fn on_evict(&self, dropped: &mut Self::RequestState, key: String, slot: Slot) {
        dropped.push((key, slot));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(store: &MemoryStore, key: &str, life: Duration, bytes: usize) {
        let tags = [Tag::new("workspace", "ws1").unwrap()];
        let record = Record::new(key, vec![0; bytes].into(), Ttl::new(life).unwrap());
        store.insert(record.tagged(&tags)).unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn no_listing_outlives_its_value_however_it_goes() {
        const MINUTE: Duration = Duration::from_secs(60);
        let store = MemoryStore::with_budget(NonZeroU64::new(1024 * 1024).unwrap());
        put(&store, "deleted", MINUTE, 1);
        put(&store, "expired", Duration::from_secs(1), 1);
        put(&store, "swept", Duration::from_secs(1), 1);
        put(&store, "replaced", MINUTE, 1);
        assert_eq!(store.index.listings(), 4);
        store.remove_all(&["deleted"]);
        put(&store, "replaced", MINUTE, 1);
        assert_eq!(store.index.listings(), 3);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(store.live("expired").is_none());
        store.sweep();
        assert_eq!(store.index.listings(), 1);
        assert_eq!(store.evicted.load(Relaxed), 0, "replacing is no eviction");
        for id in 0..100 {
            put(&store, &format!("k{id}"), MINUTE, 100_000);
        }
        assert!(store.evicted.load(Relaxed) > 80);
        assert_eq!(store.index.listings(), store.slots.len());
    }
}
