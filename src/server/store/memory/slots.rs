//! The slots: values by key within a budget of bytes, least useful out first, and their listings.

use std::num::NonZeroU64;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use quick_cache::sync::Cache;
use quick_cache::{DefaultHashBuilder, Lifecycle, OptionsBuilder, Weighter};
// Tokio's clock and not the standard one: a test can turn it by hand.
use tokio::time::Instant;

use super::index::{Index, Listed};
use crate::server::store::{Record, StoreError, StoreErrorKind, Tag};

/// What an entry costs beside its key and value: map slots, the slot's own fields, allocator slack.
const ENTRY_OVERHEAD: u64 = 128;

/// Expired entries are also looked for every so many writes, so that dead ones do not push live ones
/// out. Reading an expired entry removes it at once.
const WRITES_BETWEEN_SWEEPS: u64 = 4096;

/// No shard is smaller, so that a value of the largest size that the service stores always fits.
const SMALLEST_SHARD: u64 = 8 * 1024 * 1024;

pub(super) struct Slots {
    cache: Cache<String, Slot, ByBytes, DefaultHashBuilder, Dropped>,
    index: Index,
    writes: AtomicU64,
    evicted: AtomicU64,
}

#[derive(Clone)]
pub(super) struct Slot {
    pub(super) value: Bytes,
    pub(super) expires_at: Instant,
    /// `None` without tags.
    listed: Option<Listed>,
}

impl Slots {
    pub(super) fn with_budget(budget_bytes: NonZeroU64) -> Self {
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
            cache: Cache::with_options(options, ByBytes, DefaultHashBuilder::default(), Dropped),
            index: Index::default(),
            writes: AtomicU64::new(0),
            evicted: AtomicU64::new(0),
        }
    }

    pub(super) fn live(&self, key: &str) -> Option<(Slot, Duration)> {
        let now = Instant::now();
        let slot = self.cache.get(key)?;
        if slot.expires_at > now {
            let left = slot.expires_at - now;
            return Some((slot, left));
        }
        // Looked at again under the lock: another task may have just stored a fresh value.
        self.remove_if(key, |slot| slot.expires_at <= now);
        None
    }

    /// Removes the slot of `key` if it is as meant; whether it was.
    pub(super) fn remove_if(&self, key: &str, meant: impl FnOnce(&Slot) -> bool) -> bool {
        let removed = self.cache.remove_if(key, meant);
        if let Some(listed) = removed.as_ref().and_then(|(_, slot)| slot.listed.as_ref()) {
            self.index.forget(listed);
        }
        removed.is_some()
    }

    pub(super) fn remove_all<K: AsRef<str>>(&self, keys: &[K]) -> u64 {
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
    pub(super) fn remove_where(&self, meant: impl Fn(&str, &Slot) -> bool) -> u64 {
        let now = Instant::now();
        let (live, gone) = (AtomicU64::new(0), Mutex::new(Vec::new()));
        self.cache.retain(|key, slot| {
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

    pub(super) fn insert(&self, record: Record<'_>) -> Result<(), StoreError> {
        let Record { key, value, ttl, tags } = record;
        let write = self.writes.fetch_add(1, Relaxed);
        if write % WRITES_BETWEEN_SWEEPS == WRITES_BETWEEN_SWEEPS - 1 {
            self.sweep();
        }
        // Listed before it is there, so that none is there unlisted. Insertions come one at a time, by the
        // leases' lock; so what is listed last is what is there last.
        let listed = self.index.list(key, tags, write);
        let slot = Slot { value, expires_at: Instant::now() + ttl.duration(), listed };
        if weight(key, &slot) > self.cache.shard_capacity() {
            // quick_cache drops such an entry silently; the old value must not outlive the attempt.
            slot.listed.iter().for_each(|listed| self.index.forget(listed));
            self.remove_if(key, |_| true);
            return Err(StoreError::new(
                StoreErrorKind::Full,
                "the value is larger than the budget of a shard",
            ));
        }
        let mut dropped = Vec::new();
        self.cache.insert_with_lifecycle(key.to_owned(), slot, &mut dropped);
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

    pub(super) fn sweep(&self) {
        let now = Instant::now();
        self.remove_where(|_, slot| slot.expires_at <= now);
    }

    /// The keys that were stored with any of `tags`.
    pub(super) fn listed(&self, tags: &[Tag]) -> Vec<Arc<str>> {
        self.index.keys(tags)
    }

    pub(super) fn live_keys(&self) -> impl Iterator<Item = String> {
        let now = Instant::now();
        let live = self.cache.iter().filter(move |(_, slot)| slot.expires_at > now);
        live.map(|(key, _)| key)
    }

    pub(super) fn len(&self) -> usize {
        self.cache.len()
    }

    /// The bytes that the slots take, of a budget of [`Slots::capacity`].
    pub(super) fn weight(&self) -> u64 {
        self.cache.weight()
    }

    pub(super) fn capacity(&self) -> u64 {
        self.cache.capacity()
    }

    /// How many live values were dropped to make room.
    pub(super) fn evicted(&self) -> u64 {
        self.evicted.load(Relaxed)
    }
}

pub(super) fn weight(key: &str, slot: &Slot) -> u64 {
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
    use crate::server::ttl::Ttl;

    fn put(slots: &Slots, key: &str, life: Duration, bytes: usize) {
        let tags = [Tag::new("workspace", "ws1").unwrap()];
        let record = Record::new(key, vec![0; bytes].into(), Ttl::new(life).unwrap());
        slots.insert(record.tagged(&tags)).unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn no_listing_outlives_its_value_however_it_goes() {
        const MINUTE: Duration = Duration::from_secs(60);
        let slots = Slots::with_budget(NonZeroU64::new(1024 * 1024).unwrap());
        put(&slots, "deleted", MINUTE, 1);
        put(&slots, "expired", Duration::from_secs(1), 1);
        put(&slots, "swept", Duration::from_secs(1), 1);
        put(&slots, "replaced", MINUTE, 1);
        assert_eq!(slots.index.listings(), 4);
        slots.remove_all(&["deleted"]);
        put(&slots, "replaced", MINUTE, 1);
        assert_eq!(slots.index.listings(), 3);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(slots.live("expired").is_none());
        slots.sweep();
        assert_eq!(slots.index.listings(), 1);
        assert_eq!(slots.evicted.load(Relaxed), 0, "replacing is no eviction");
        for id in 0..100 {
            put(&slots, &format!("k{id}"), MINUTE, 100_000);
        }
        assert!(slots.evicted.load(Relaxed) > 80);
        assert_eq!(slots.index.listings(), slots.cache.len());
    }
}
