//! What the cache counts.

mod families;

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use serde::Serialize;

use super::backplane::StreamStats;
use super::jobs::JobStats;
use super::service::Inner;
use super::store::{CircuitState, CircuitStatus, StoreStats};

pub(crate) use self::families::FamilyCounters;
pub use self::families::{FamilyCounts, FamilyStats};

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
