//! Which reads and writes an invalidation has overtaken.
//!
//! A reader asks the store, and puts the answer into L1. If the key was invalidated in between, the answer is
//! from before, and L1 would keep it. So a reader *samples* the generation of its key before it asks, and what
//! it brings is taken only while the generation is still that one; an invalidation *bumps* it.
//!
//! Generations are kept per slot of a fixed table and not per key, for memory must not grow with the keys that
//! were ever invalidated. Two keys that share a slot cost each other an insert now and then, never a wrong one.
//!
//! Everything here is `SeqCst`: the arguments compare what two threads did to two places (the generation and the
//! map), and nothing weaker orders that.

use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use quick_cache::DefaultHashBuilder;

/// A power of two. 32 KiB of counters.
const SLOTS: usize = 4096;

/// The generations of all keys.
pub(crate) struct Fence {
    everything: AtomicU64,
    slots: Box<[AtomicU64]>,
    hasher: DefaultHashBuilder,
}

/// The generation of a key at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sample {
    everything: u64,
    slot: u64,
}

impl Fence {
    pub(crate) fn new() -> Self {
        let slots = (0..SLOTS).map(|_| AtomicU64::new(0)).collect();
        Self { everything: AtomicU64::new(0), slots, hasher: DefaultHashBuilder::default() }
    }

    /// To be taken before the store is asked.
    pub(crate) fn sample(&self, key: &str) -> Sample {
        Sample { everything: self.everything.load(SeqCst), slot: self.slot(key).load(SeqCst) }
    }

    /// Whether nothing overtook what was begun with `sample`.
    pub(crate) fn holds(&self, key: &str, sample: Sample) -> bool {
        self.sample(key) == sample
    }

    /// Overtakes what was begun for `key`.
    pub(crate) fn bump(&self, key: &str) {
        self.slot(key).fetch_add(1, SeqCst);
    }

    /// Overtakes what was begun for any key: which ones a pattern means is not known here.
    pub(crate) fn bump_everything(&self) {
        self.everything.fetch_add(1, SeqCst);
    }

    /// Ends a write of this process into the store that was begun with a sample: the one with which the written value may
    /// go into L1, unless somebody overtook the write. The readers who asked before it or meanwhile are overtaken: they
    /// may have been answered with the value before. Of two writes at once, the second to end gets none.
    pub(crate) fn end_write(&self, key: &str, begun: Sample) -> Option<Sample> {
        let next = begun.slot + 1;
        self.slot(key).compare_exchange(begun.slot, next, SeqCst, SeqCst).ok()?;
        let ended = Sample { slot: next, ..begun };
        self.holds(key, ended).then_some(ended)
    }

    fn slot(&self, key: &str) -> &AtomicU64 {
        let hash = self.hasher.hash_one(key);
        &self.slots[hash as usize & (SLOTS - 1)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_that_a_bump_overtook_does_not_hold() {
        let fence = Fence::new();
        let read = fence.sample("exec:kpis:ws1");
        assert!(fence.holds("exec:kpis:ws1", read));
        fence.bump("exec:kpis:ws1");
        assert!(!fence.holds("exec:kpis:ws1", read));
        let read = fence.sample("exec:kpis:ws1");
        fence.bump_everything();
        assert!(!fence.holds("exec:kpis:ws1", read));
    }

    #[test]
    fn a_write_overtakes_the_reads_before_it_and_during_it() {
        let fence = Fence::new();
        let before = fence.sample("k");
        let write = fence.sample("k");
        let during = fence.sample("k");
        let ended = fence.end_write("k", write).unwrap();
        assert!(fence.holds("k", ended));
        assert!(!fence.holds("k", before) && !fence.holds("k", during));
    }

    #[test]
    fn a_write_that_an_invalidation_overtook_may_not_be_kept() {
        for overtake in [|fence: &Fence| fence.bump("k"), Fence::bump_everything] {
            let fence = Fence::new();
            let write = fence.sample("k");
            overtake(&fence);
            assert_eq!(fence.end_write("k", write), None);
        }
    }

    #[test]
    fn of_two_writes_at_once_the_second_to_end_is_not_kept() {
        let fence = Fence::new();
        let (first, second) = (fence.sample("k"), fence.sample("k"));
        assert!(fence.end_write("k", second).is_some());
        assert_eq!(fence.end_write("k", first), None);
    }
}
