//! What the cache counts.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use serde::Serialize;

use super::store::StoreStats;

/// The service's own counters. Each only grows.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) hits: AtomicU64,
    pub(super) misses: AtomicU64,
    pub(super) bypasses: AtomicU64,
    pub(super) computes: AtomicU64,
    pub(super) compute_errors: AtomicU64,
    pub(super) sets: AtomicU64,
    pub(super) refused_too_large: AtomicU64,
    pub(super) voided: AtomicU64,
    pub(super) decode_errors: AtomicU64,
    pub(super) store_errors: AtomicU64,
    pub(super) invalidations: AtomicU64,
    pub(super) deleted_keys: AtomicU64,
}

/// What [`CacheService::get_cache_stats`](super::CacheService::get_cache_stats) tells, and
/// `GET /api/v1/cache/stats` answers. Counts are this process's, since it started; what the store says of
/// itself is under the names that Redis uses.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CacheStats {
    /// Lookups answered from the store.
    pub hits: u64,
    /// Lookups that were not: computed, or waited for a compute.
    pub misses: u64,
    /// Hits in a hundred lookups, to two decimals; 0 before the first. Bypasses are no lookups.
    pub hit_rate_percent: f64,
    /// Lookups that asked not to be answered from the store (`skip_cache`).
    pub bypasses: u64,
    /// Computes begun. Fewer than misses where callers waited for each other.
    pub computes: u64,
    /// Computes that failed or panicked.
    pub compute_errors: u64,
    /// Computes under way now.
    pub computes_in_flight: u64,
    /// Values stored.
    pub sets: u64,
    /// Values not stored because they are over the size limit.
    pub refused_too_large: u64,
    /// Computed values not stored because an invalidation overtook them.
    pub voided: u64,
    /// Stored values that did not read as their type; each was then a miss.
    pub decode_errors: u64,
    /// Calls to the store that failed.
    pub store_errors: u64,
    /// Invalidations carried out.
    pub invalidations: u64,
    /// Keys that they removed.
    pub deleted_keys: u64,
    /// `memory` or `redis`.
    pub store: &'static str,
    /// Whether the store answered. When not, the fields below are 0.
    pub store_available: bool,
    /// Keys in the store. Redis counts every key of the database.
    pub keys: u64,
    /// Bytes the store uses.
    pub used_memory: u64,
    /// Keys the store dropped to make room.
    pub evicted_keys: u64,
    /// Lookups that the store found, by all its clients.
    pub keyspace_hits: u64,
    /// Lookups that the store did not find, by all its clients.
    pub keyspace_misses: u64,
}

impl CacheStats {
    pub(super) fn read(
        counters: &Counters,
        in_flight: usize,
        kind: &'static str,
        store: Option<StoreStats>,
    ) -> Self {
        let (hits, misses) = (counters.hits.load(Relaxed), counters.misses.load(Relaxed));
        let (store_available, store) = (store.is_some(), store.unwrap_or_default());
        Self {
            hits,
            misses,
            hit_rate_percent: hit_rate_percent(hits, misses),
            bypasses: counters.bypasses.load(Relaxed),
            computes: counters.computes.load(Relaxed),
            compute_errors: counters.compute_errors.load(Relaxed),
            computes_in_flight: in_flight as u64,
            sets: counters.sets.load(Relaxed),
            refused_too_large: counters.refused_too_large.load(Relaxed),
            voided: counters.voided.load(Relaxed),
            decode_errors: counters.decode_errors.load(Relaxed),
            store_errors: counters.store_errors.load(Relaxed),
            invalidations: counters.invalidations.load(Relaxed),
            deleted_keys: counters.deleted_keys.load(Relaxed),
            store: kind,
            store_available,
            keys: store.keys,
            used_memory: store.used_memory,
            evicted_keys: store.evicted_keys,
            keyspace_hits: store.keyspace_hits,
            keyspace_misses: store.keyspace_misses,
        }
    }
}

fn hit_rate_percent(hits: u64, misses: u64) -> f64 {
    if hits == 0 {
        return 0.0;
    }
    let percent = 100.0 * hits as f64 / (hits + misses) as f64;
    (percent * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hit_rate_has_two_decimals_and_is_0_before_the_first_lookup() {
        assert_eq!(hit_rate_percent(0, 0), 0.0);
        assert_eq!(hit_rate_percent(0, 5), 0.0);
        assert_eq!(hit_rate_percent(2, 1), 66.67);
        assert_eq!(hit_rate_percent(5, 0), 100.0);
    }
}
