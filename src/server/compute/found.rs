//! What a question brings back.

use std::sync::Arc;

use super::Source;
use crate::server::l1::Held;

/// A value, and where it was found.
#[derive(Clone)]
pub(crate) struct Found {
    pub(crate) held: Arc<Held>,
    pub(crate) source: Source,
    /// Whether a hit needed no question to the store.
    pub(crate) in_process: bool,
    /// Whether somebody else's compute was waited for.
    pub(crate) waited: bool,
}

impl Found {
    /// A value past its time.
    pub(crate) fn stale(held: Arc<Held>) -> Self {
        Self { held, source: Source::Stale, in_process: true, waited: false }
    }

    /// A value that is fresh.
    pub(crate) fn hit(held: Arc<Held>, in_process: bool) -> Self {
        Self { held, source: Source::Hit, in_process, waited: false }
    }

    /// The same for one who may have waited for somebody else's compute.
    pub(crate) fn waited(self, waited: bool) -> Self {
        Self { waited, ..self }
    }

    /// In one word.
    pub(super) const fn outcome(&self) -> &'static str {
        match (self.source, self.in_process) {
            (Source::Stale, _) => "stale",
            _ if self.waited => "waited",
            (Source::Hit, true) => "l1",
            (Source::Hit, false) => "l2",
            (Source::Miss | Source::Bypass, _) => "computed",
        }
    }
}
