//! What became of the keys.

use serde::Serialize;

use super::outage::Filled;
use crate::server::CacheError;

/// Failures that a report names; all are counted.
const NAMED_FAILURES: usize = 10;

/// What was computed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FillReport {
    /// All keys.
    pub total: usize,
    /// Computed and stored.
    pub warmed: usize,
    /// Not computed, because they were there.
    pub present: usize,
    /// Computed and not stored: too large, or invalidated meanwhile.
    pub not_stored: usize,
    /// Those whose compute failed.
    pub failed: usize,
    /// Not come to: the time was over, or the server shut down. The least important ones.
    pub unreached: usize,
    /// How often the store went away meanwhile.
    pub pauses: usize,
    /// How long it waited for the store, in milliseconds.
    pub paused_ms: u64,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// The first failures.
    pub failures: Vec<KeyFailure>,
}

/// A key that could not be computed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyFailure {
    /// The key.
    pub key: String,
    /// Why.
    pub error: String,
}

impl FillReport {
    /// The keys that are done with, in whatever way.
    pub(super) const fn done(&self) -> usize {
        self.present + self.warmed + self.wrong()
    }

    /// Those of them that went wrong.
    pub(super) const fn wrong(&self) -> usize {
        self.failed + self.not_stored
    }

    pub(super) fn count(&mut self, key: &str, filled: Filled) {
        match filled {
            Filled::Present => self.present += 1,
            Filled::Warmed => self.warmed += 1,
            Filled::NotStored => self.not_stored += 1,
            Filled::Failed(error) => self.failed(key, &error),
        }
    }

    fn failed(&mut self, key: &str, error: &CacheError) {
        self.failed += 1;
        if self.failures.len() < NAMED_FAILURES {
            self.failures.push(KeyFailure { key: key.to_owned(), error: error.to_string() });
        }
    }
}
