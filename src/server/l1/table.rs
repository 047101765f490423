//! The entries of this process, in shares that are locked each for itself.

use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use quick_cache::DefaultHashBuilder;
use tokio::time::Instant;

use super::config::weight;
use super::held::Held;
use super::shard::Shard;
use crate::server::families::Family;

/// No share is smaller, so that a value of the largest size that is stored always fits.
const SMALLEST_SHARD: u64 = 8 * 1024 * 1024;

/// More than there are threads that write at once.
const MOST_SHARDS: u64 = 16;

pub(super) struct Table {
    /// A power of two of them. Readers share a lock, so a hit waits for nobody but who writes there.
    shards: Box<[RwLock<Shard>]>,
    hasher: DefaultHashBuilder,
    /// When its clock began.
    epoch: Instant,
    evicted: AtomicU64,
}

impl Table {
    /// At most so many bytes.
    pub(super) fn new(budget: u64) -> Self {
        let shards = 1 << (budget / SMALLEST_SHARD).clamp(1, MOST_SHARDS).ilog2();
        let shard = |_| RwLock::new(Shard::new(budget / shards));
        Self {
            shards: (0..shards).map(shard).collect(),
            hasher: DefaultHashBuilder::default(),
            epoch: Instant::now(),
            evicted: AtomicU64::new(0),
        }
    }

    /// The entry of `key`, if it may be served.
    pub(super) fn get(&self, key: &str) -> Option<Arc<Held>> {
        let hash = self.hasher.hash_one(key);
        let shard = read(self.shard(hash));
        let place = shard.place(hash, key).filter(|place| place.is_confirmed())?;
        place.visit();
        Some(place.held.clone())
    }

    /// [`Place::hit`] of `key`.
    pub(super) fn hit<T: Send + Sync + 'static>(
        &self,
        key: &str,
        settled: impl FnOnce(&Family, Duration, Duration) -> bool,
    ) -> Option<Arc<T>> {
        let (hash, now) = (self.hasher.hash_one(key), self.clock(Instant::now()));
        read(self.shard(hash)).place(hash, key)?.hit(now, settled)
    }

    /// Lets `held` be served, if it still has its place.
    pub(super) fn confirm(&self, held: &Arc<Held>) {
        let hash = self.hasher.hash_one(held.key());
        let shard = read(self.shard(hash));
        if let Some(place) = shard.place(hash, held.key())
            && Arc::ptr_eq(&place.held, held)
        {
            place.confirm();
        }
    }

    /// Puts `held` in, in place of what its key had, not yet to be served. `false` when it is larger than a share: then its
    /// key has nothing.
    pub(super) fn insert(&self, held: &Arc<Held>) -> bool {
        let hash = self.hasher.hash_one(held.key());
        let mut shard = write(self.shard(hash));
        if weight(held) > shard.budget() {
            let before = shard.remove(hash, held.key(), |_| true);
            drop(shard);
            drop(before);
            return false;
        }
        let fresh_until = held.fresh_until().map_or(0, |at| self.clock(at));
        let dropped = shard.insert(hash, held.clone(), fresh_until);
        drop(shard);
        self.evicted.fetch_add(dropped.evicted.len() as u64, Relaxed);
        true
    }

    pub(super) fn remove(&self, key: &str) {
        self.remove_if(key, |_| true);
    }

    pub(super) fn remove_if(&self, key: &str, meant: impl FnOnce(&Arc<Held>) -> bool) {
        let hash = self.hasher.hash_one(key);
        let removed = write(self.shard(hash)).remove(hash, key, meant);
        // Outside of the lock, as everywhere here: a value may take its time to drop.
        drop(removed);
    }

    pub(super) fn remove_all(&self, meant: impl Fn(&str) -> bool) {
        for shard in &self.shards {
            let removed = write(shard).remove_all(&meant);
            drop(removed);
        }
    }

    pub(super) fn len(&self) -> u64 {
        self.shards.iter().map(|shard| read(shard).len() as u64).sum()
    }

    pub(super) fn weight(&self) -> u64 {
        self.shards.iter().map(|shard| read(shard).weight()).sum()
    }

    pub(super) fn evicted(&self) -> u64 {
        self.evicted.load(Relaxed)
    }

    /// A time in eight bytes.
    fn clock(&self, at: Instant) -> u64 {
        u64::try_from(at.saturating_duration_since(self.epoch).as_nanos()).unwrap_or(u64::MAX)
    }

    fn shard(&self, hash: u64) -> &RwLock<Shard> {
        // The map in a shard goes by the lowest bits and the highest.
        &self.shards[(hash >> 32) as usize & (self.shards.len() - 1)]
    }
}

/// Nothing panics under the locks but, perhaps, a caller's `meant`; the shard is whole anyway.
fn read(shard: &RwLock<Shard>) -> RwLockReadGuard<'_, Shard> {
    shard.read().unwrap_or_else(PoisonError::into_inner)
}

fn write(shard: &RwLock<Shard>) -> RwLockWriteGuard<'_, Shard> {
    shard.write().unwrap_or_else(PoisonError::into_inner)
}
