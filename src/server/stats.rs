//! What the cache counts.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use serde::Serialize;

use super::backplane::StreamStats;
use super::families::Family;
use super::jobs::JobStats;
use super::service::Inner;
use super::store::{CircuitState, CircuitStatus, StoreStats};

macro_rules! family_counters {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// A family's own counters. Each only grows.
        #[derive(Debug, Default)]
        pub(crate) struct FamilyCounters {
            $(pub(crate) $name: AtomicU64,)*
        }

        /// What the cache has done for one family, or for all, in this process since it started.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
        #[non_exhaustive]
        pub struct FamilyCounts {
            $($(#[$doc])* pub $name: u64,)*
        }

        impl FamilyCounters {
            fn read(&self) -> FamilyCounts {
                FamilyCounts { $($name: self.$name.load(Relaxed),)* }
            }
        }

        impl std::ops::AddAssign for FamilyCounts {
            fn add_assign(&mut self, other: Self) {
                $(self.$name += other.$name;)*
            }
        }
    };
}

family_counters! {
    /// Lookups answered by this process.
    l1_hits,
    /// Lookups answered by the store.
    l2_hits,
    /// Lookups answered by a value past its time: while it was computed anew, because that failed, or because
    /// the store was down.
    stale,
    /// Lookups that were not: computed, or waited for a compute.
    misses,
    /// Lookups that asked not to be answered from the cache (`skip_cache`).
    bypasses,
    /// Computes begun. Fewer than misses where callers waited for each other.
    computes,
    /// Those of them that were begun before the value had expired.
    early_refreshes,
    /// Computes that failed or panicked.
    compute_errors,
    /// Values stored.
    sets,
    /// Bytes stored, as the store holds them.
    bytes_stored,
    /// Values not stored because they are over the size limit.
    refused_too_large,
    /// Computed values not stored because an invalidation overtook them, or because their lease ran out.
    voided,
    /// Stored values that did not read as their type; each was then a miss.
    decode_errors,
}

impl FamilyCounts {
    /// Lookups answered without a compute: in this process, by the store, or by a stale value.
    #[must_use]
    pub const fn hits(&self) -> u64 {
        self.l1_hits + self.l2_hits + self.stale
    }

    /// Hits in a hundred lookups, to two decimals; 0 before the first. Bypasses are no lookups.
    #[must_use]
    pub fn hit_rate_percent(&self) -> f64 {
        let hits = self.hits();
        if hits == 0 {
            return 0.0;
        }
        let percent = 100.0 * hits as f64 / (hits + self.misses) as f64;
        (percent * 100.0).round() / 100.0
    }
}

/// A family and what was done for it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FamilyStats {
    /// Its name; empty for keys of no family of the schema.
    pub family: String,
    /// Hits in a hundred lookups.
    pub hit_rate_percent: f64,
    /// How long its computes take, in milliseconds: the slowest of late.
    pub compute_ms: f64,
    /// The counts.
    #[serde(flatten)]
    pub counts: FamilyCounts,
}

impl FamilyStats {
    fn read(family: &Family) -> Self {
        let counts = family.counters.read();
        Self {
            family: family.name.clone(),
            hit_rate_percent: counts.hit_rate_percent(),
            compute_ms: family.compute_time().as_secs_f64() * 1000.0,
            counts,
        }
    }
}

/// The service's counters that are no family's.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) store_errors: AtomicU64,
    pub(crate) invalidations: AtomicU64,
    pub(crate) deleted_keys: AtomicU64,
}

/// What [`CacheService::get_cache_stats`](super::CacheService::get_cache_stats) tells, and
/// `GET /api/v1/cache/stats` answers. Counts are this process's, since it started; what the store says of
/// itself is under the names that Redis uses.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CacheStats {
    /// Lookups answered without a compute: `l1_hits`, `l2_hits` and `stale` together.
    pub hits: u64,
    /// Hits in a hundred lookups, to two decimals; 0 before the first. Bypasses are no lookups.
    pub hit_rate_percent: f64,
    /// The counts of all families together.
    #[serde(flatten)]
    pub counts: FamilyCounts,
    /// Computes under way now.
    pub computes_in_flight: u64,
    /// Calls to the store that failed.
    pub store_errors: u64,
    /// Invalidations carried out.
    pub invalidations: u64,
    /// Keys that they removed.
    pub deleted_keys: u64,
    /// Values that this process holds.
    pub l1_entries: u64,
    /// What they are counted as, in bytes: keys, JSON, and what that decodes to.
    pub l1_bytes: u64,
    /// Values that this process dropped to make room.
    pub l1_evicted: u64,
    /// Whether this process holds values at all at present: not while it is not told of changes.
    pub l1_armed: bool,
    /// Whether the store is asked: `closed` when it is, `open` or `half_open` while it fails.
    pub circuit: CircuitState,
    /// The same for each server of a cluster, by address; else for the store as a whole.
    pub circuits: Vec<CircuitStatus>,
    /// How often the store has failed so that it was not asked for a while.
    pub circuit_opened: u64,
    /// Calls to the store that were not made because of that.
    pub circuit_skipped: u64,
    /// Removals that the store has yet to carry out; what they mean is not believed until then.
    pub removals_pending: u64,
    /// Those of them that are lost if this process dies now: all, unless there is a recovery file.
    pub removals_unsaved: u64,
    /// Removals that were carried out late.
    pub removals_late: u64,
    /// The log of invalidations and its streams.
    pub stream: StreamStats,
    /// Entries of the log that this node has yet to read, a thousand at most. `None` while the log is away.
    pub log_unread: Option<u64>,
    /// `memory` or `redis`.
    pub store: &'static str,
    /// Whether the store answered. When not, the fields below are 0.
    pub store_available: bool,
    /// Servers of the store that did not answer while others did, by address: what they hold is not counted.
    pub store_missing: Vec<String>,
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
    /// Family by family, in the schema's order. Keys of no family come last, if there were any.
    pub families: Vec<FamilyStats>,
    /// Job by job, if this node has any.
    pub jobs: Vec<JobStats>,
}

impl CacheStats {
    pub(super) fn read(inner: &Inner, store: Option<StoreStats>, log_unread: Option<u64>) -> Self {
        let Inner { counters, families, l1, .. } = inner;
        let (circuit, recovery) = (inner.breaker.status(), inner.recovery.status());
        let mut counts = FamilyCounts::default();
        let mut families: Vec<_> = families.all().map(|family| FamilyStats::read(family)).collect();
        families.iter().for_each(|family| counts += family.counts);
        families.retain(|of| !of.family.is_empty() || of.counts != FamilyCounts::default());
        let (store_available, store) = (store.is_some(), store.unwrap_or_default());
        Self {
            hits: counts.hits(),
            hit_rate_percent: counts.hit_rate_percent(),
            counts,
            computes_in_flight: inner.flights.in_flight(),
            store_errors: counters.store_errors.load(Relaxed),
            invalidations: counters.invalidations.load(Relaxed),
            deleted_keys: counters.deleted_keys.load(Relaxed),
            l1_entries: l1.entries(),
            l1_bytes: l1.bytes(),
            l1_evicted: l1.evicted(),
            l1_armed: l1.is_armed(),
            circuit: circuit.state,
            circuits: inner.breaker.circuits(),
            circuit_opened: circuit.opened,
            circuit_skipped: circuit.skipped,
            removals_pending: (recovery.pending_keys + recovery.pending_patterns) as u64,
            removals_unsaved: recovery.unsaved as u64,
            removals_late: recovery.carried_out,
            stream: inner.notices.stats(),
            log_unread,
            store: inner.store.kind(),
            store_available,
            store_missing: store.missing,
            keys: store.keys,
            used_memory: store.used_memory,
            evicted_keys: store.evicted_keys,
            keyspace_hits: store.keyspace_hits,
            keyspace_misses: store.keyspace_misses,
            families,
            jobs: inner.jobs.all().iter().map(|job| job.stats()).collect(),
        }
    }
}

/// The counts stand beside the totals: `stats.misses`.
impl std::ops::Deref for CacheStats {
    type Target = FamilyCounts;

    fn deref(&self) -> &FamilyCounts {
        &self.counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hit_rate_has_two_decimals_and_is_0_before_the_first_lookup() {
        let rate = |l1_hits, stale, misses| {
            FamilyCounts { l1_hits, stale, misses, ..FamilyCounts::default() }.hit_rate_percent()
        };
        assert_eq!(rate(0, 0, 0), 0.0);
        assert_eq!(rate(0, 0, 5), 0.0);
        assert_eq!(rate(1, 1, 1), 66.67);
        assert_eq!(rate(5, 0, 0), 100.0);
    }
}
