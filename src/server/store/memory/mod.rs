//! The in-process store: a byte budget, least useful entries out first.

mod index;
mod leases;
mod slots;

use std::fmt;
use std::future::ready;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use leases::Leases;
use slots::{Slot, Slots, weight};
use tokio::sync::mpsc::UnboundedReceiver;
// Tokio's clock and not the standard one: a test can turn it by hand.
use tokio::time::Instant;

use super::{
    Change, Entry, Inspection, KeyInfo, KeyTtl, LeaseFor, LeaseToken, Leased, Record, ScanPage,
    Sharers, Store, StoreFuture, StoreStats, Tag,
};
use crate::schema::Pattern;
use crate::server::backplane::{Backplane, MemoryLog};
use crate::server::ttl::Ttl;

/// Keeps values in this process. Cheap to share behind an `Arc`; gone when the process ends.
///
/// It tells nobody of changes, since nobody else can write; services that share one hear of each other's by
/// [`Store::sharers`].
pub struct MemoryStore {
    slots: Slots,
    leases: Leases,
    hits: AtomicU64,
    misses: AtomicU64,
    sharers: Sharers,
    log: Arc<MemoryLog>,
}

impl MemoryStore {
    /// 256 MiB.
    pub const DEFAULT_BUDGET: NonZeroU64 = NonZeroU64::new(256 * 1024 * 1024).unwrap();

    /// A store of at most `budget_bytes`, keys and values counted.
    #[must_use]
    pub fn with_budget(budget_bytes: NonZeroU64) -> Self {
        Self {
            slots: Slots::with_budget(budget_bytes),
            leases: Leases::default(),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            sharers: Sharers::new(),
            log: Arc::default(),
        }
    }

    fn look_up(&self, key: &str) -> Option<Entry> {
        let entry =
            self.slots.live(key).map(|(slot, ttl_left)| Entry { value: slot.value, ttl_left });
        if entry.is_some() { &self.hits } else { &self.misses }.fetch_add(1, Relaxed);
        entry
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
            self.slots.insert(record)
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
            self.slots.insert(record)?;
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
            Ok(self.slots.remove_all(keys))
        })
    }

    fn delete_if<'a>(&'a self, key: &'a str, value: &'a [u8]) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let now = Instant::now();
            let same = |slot: &Slot| slot.expires_at > now && slot.value == value;
            Ok(self.slots.remove_if(key, same))
        })
    }

    fn exists<'a>(&'a self, key: &'a str) -> StoreFuture<'a, bool> {
        Box::pin(ready(Ok(self.slots.live(key).is_some())))
    }

    fn ttl<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Duration>> {
        Box::pin(ready(Ok(self.slots.live(key).map(|(_, left)| left))))
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
                return Ok(self.slots.remove_where(|key, _| meant(key)));
            }
            // Nobody else writes here, so the lists are whole.
            let mut listed = self.slots.listed(tags);
            listed.retain(|key| meant(key));
            Ok(self.slots.remove_all(&listed))
        })
    }

    fn changes(&self, _prefixes: &[&str]) -> Option<UnboundedReceiver<Change>> {
        None
    }

    fn sharers(&self) -> &Sharers {
        &self.sharers
    }

    fn backplane(&self) -> Option<Arc<dyn Backplane>> {
        Some(self.log.clone())
    }

    /// Everything is one page.
    fn scan<'a>(&'a self, pattern: Option<&'a Pattern>, _cursor: u64) -> StoreFuture<'a, ScanPage> {
        Box::pin(async move {
            let keys = self.slots.live_keys();
            let keys = keys.filter(|key| pattern.is_none_or(|pattern| pattern.matches(key)));
            Ok(ScanPage { keys: keys.collect(), ..ScanPage::default() })
        })
    }

    fn inspect<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, Inspection> {
        let info = |key: &&str| match self.slots.live(key) {
            Some((slot, left)) => KeyInfo { ttl: KeyTtl::Left(left), bytes: weight(key, &slot) },
            None => KeyInfo { ttl: KeyTtl::Missing, bytes: 0 },
        };
        Box::pin(ready(Ok(keys.iter().map(info).collect::<Vec<_>>().into())))
    }

    fn stats(&self) -> StoreFuture<'_, StoreStats> {
        Box::pin(async move {
            self.slots.sweep();
            Ok(StoreStats {
                keys: self.slots.len() as u64,
                used_memory: self.slots.weight(),
                evicted_keys: self.slots.evicted(),
                keyspace_hits: self.hits.load(Relaxed),
                keyspace_misses: self.misses.load(Relaxed),
                unindexed_keys: 0,
                ..StoreStats::default()
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
