//! What the cache counts about itself.

/// Counters since the engine was made, with the names that the server's statistics use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    /// Times that fresh data was there when an observer mounted or a fetch was asked for.
    pub hits: u64,
    /// Times that it was not.
    pub misses: u64,
    /// Fetches started.
    pub fetches: u64,
    /// Queries collected after their `gc_time`.
    pub evicted_keys: u64,
    /// Queries in the cache.
    pub keys: u32,
    /// Observers of them.
    pub observers: u32,
}

impl Stats {
    /// Hits as a share of hits and misses, 0 to 100; 0 before the first.
    pub fn hit_rate_percent(&self) -> f64 {
        let total = self.hits + self.misses;
        if total == 0 { 0.0 } else { self.hits as f64 * 100.0 / total as f64 }
    }

    pub(super) fn count_lookup(&mut self, hit: bool) {
        if hit { self.hits += 1 } else { self.misses += 1 }
    }
}
