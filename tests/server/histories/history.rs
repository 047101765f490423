//! What happened, in an order that all agree on: a counter is drawn before each operation and after it, so what ended
//! before something else began has the smaller number.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::database::Snapshot;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) order: u64,
    /// Since the story began.
    pub(super) at: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct During {
    pub(super) began: Moment,
    pub(super) ended: Moment,
}

impl During {
    pub(super) fn is_before(&self, other: &Self) -> bool {
        self.ended.order < other.began.order
    }

    pub(super) fn overlaps(&self, other: &Self) -> bool {
        !self.is_before(other) && !other.is_before(self)
    }

    pub(super) fn took(&self) -> Duration {
        self.ended.at - self.began.at
    }
}

/// What an answer says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Hit,
    /// Read from the database for this question, or for one that was asked at the same time.
    Computed,
    /// Asked to be computed anew, and stored.
    Refreshed,
    Stale,
    /// It had no way to say.
    None,
}

#[derive(Clone, Debug)]
pub(super) struct Read {
    pub(super) node: usize,
    pub(super) way: &'static str,
    pub(super) row: usize,
    pub(super) during: During,
    pub(super) found: Snapshot,
    pub(super) mark: Mark,
    /// Whether Redis may have given its node no answer.
    pub(super) alone: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Done,
    /// The store could not; the node will, and believes nothing of it until then.
    Owed,
}

/// An invalidation, or a write.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) node: usize,
    #[expect(dead_code, reason = "told when a promise is broken")]
    pub(super) way: &'static str,
    /// Each row that it means, with its version in the database when it began.
    pub(super) of: Vec<(usize, u64)>,
    pub(super) during: During,
    pub(super) outcome: Outcome,
    /// The number of a write; see [`Snapshot::by`].
    pub(super) write: Option<u64>,
}

impl Change {
    pub(super) fn version_of(&self, row: usize) -> Option<u64> {
        self.of.iter().find(|(of, _)| *of == row).map(|(_, version)| *version)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Of a value that is missing, old or about to be.
    Needed,
    /// Of several at once, or whatever there is.
    Other,
}

#[derive(Clone, Debug)]
pub(super) struct Compute {
    #[expect(dead_code, reason = "told when a promise is broken")]
    pub(super) node: usize,
    pub(super) row: usize,
    pub(super) kind: Kind,
    /// When the question was asked that began it.
    pub(super) asked: Moment,
    pub(super) during: During,
}

/// A node that was seen to owe nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settled {
    pub(super) node: usize,
    pub(super) during: During,
}

/// A node that has read the log as far as it reached when this began, with all that had been told by then.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heard {
    pub(super) node: usize,
    pub(super) during: During,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Record {
    pub(super) reads: Vec<Read>,
    pub(super) changes: Vec<Change>,
    pub(super) computes: Vec<Compute>,
    pub(super) settled: Vec<Settled>,
    pub(super) heard: Vec<Heard>,
    /// Deletions and writes by another program.
    pub(super) foreign: Vec<(usize, During)>,
    /// Errors, by code.
    pub(super) errors: Vec<&'static str>,
}

pub(super) struct History {
    began: Instant,
    next: AtomicU64,
    record: Mutex<Record>,
}

impl History {
    pub(super) fn new() -> Self {
        Self { began: Instant::now(), next: AtomicU64::new(1), record: Mutex::default() }
    }

    pub(super) fn now(&self) -> Moment {
        Moment { order: self.next.fetch_add(1, SeqCst), at: self.began.elapsed() }
    }

    pub(super) fn since(&self, began: Moment) -> During {
        During { began, ended: self.now() }
    }

    /// A number that no other write has.
    pub(super) fn number(&self) -> u64 {
        self.now().order
    }

    pub(super) fn note(&self, note: impl FnOnce(&mut Record)) {
        note(&mut self.record.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(super) fn record(&self) -> Record {
        self.record.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
