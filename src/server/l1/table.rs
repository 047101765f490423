//! The entries of this process, in shares that are locked each for itself.

use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use quick_cache::DefaultHashBuilder;

use super::config::weight;
use super::held::Held;
use super::shard::Shard;

/// No share is smaller, so that a value of the largest size that is stored always fits.
const SMALLEST_SHARD: u64 = 8 * 1024 * 1024;

/// More than there are threads that write at once.
const MOST_SHARDS: u64 = 16;

pub(super) struct Table {
    /// A power of two of them. Readers share a lock, so a hit waits for nobody but who writes there.
    shards: Box<[RwLock<Shard>]>,
    hasher: DefaultHashBuilder,
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
            evicted: AtomicU64::new(0),
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<Arc<Held>> {
        let hash = self.hasher.hash_one(key);
        read(self.shard(hash)).get(hash, key).cloned()
    }

    /// Puts `held` in, in place of what its key had. `false` when it is larger than a share: then its key has nothing.
    pub(super) fn insert(&self, held: &Arc<Held>) -> bool {
        let hash = self.hasher.hash_one(held.key());
        let mut shard = write(self.shard(hash));
        if weight(held) > shard.budget() {
            let before = shard.remove(hash, held.key(), |_| true);
            drop(shard);
            drop(before);
            return false;
        }
        let dropped = shard.insert(hash, held.clone());
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
