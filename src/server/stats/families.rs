//! What is counted family by family.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use serde::Serialize;

use crate::server::families::Family;

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
    pub(super) fn read(family: &Family) -> Self {
        let counts = family.counters.read();
        Self {
            family: family.name.clone(),
            hit_rate_percent: counts.hit_rate_percent(),
            compute_ms: family.compute_time().as_secs_f64() * 1000.0,
            counts,
        }
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
