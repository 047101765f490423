//! How much a queue of removals holds.

use std::time::Duration;

use crate::server::ttl::Ttl;

/// How much is remembered, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecoveryConfig {
    /// The most keys that are remembered one by one. Of a key beyond that, everything that begins with the
    /// same segment is removed instead.
    pub most_keys: usize,
    /// The same of patterns.
    pub most_patterns: usize,
    /// How long a removal is tried: the longest life of any value. After that, what was there when it was
    /// asked for has expired by itself.
    pub horizon: Duration,
}

impl Default for RecoveryConfig {
    /// 10,000 keys, 1,000 patterns, and [`Ttl::MAX`].
    fn default() -> Self {
        Self { most_keys: 10_000, most_patterns: 1_000, horizon: Ttl::MAX.duration() }
    }
}
