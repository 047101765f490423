//! Every deadline of the cache in one heap, so that one timer serves them all.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use rustc_hash::FxHashMap;

/// What a deadline is for, and whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Deadline {
    /// An unobserved query may be collected.
    QueryGc(u32),
    /// An observer of the query sees its data become stale.
    QueryStale(u32),
    /// The query is polled.
    QueryPoll(u32),
    /// The query's fetch is attempted again.
    QueryRetry(u32),
    /// An unobserved mutation may be collected.
    MutationGc(u32),
    /// The mutation is attempted again.
    MutationRetry(u32),
}

/// The deadlines set, at most one of each kind and owner.
///
/// Moving a deadline *later*, which is what polls and fresh data do all the time, leaves the heap alone: the
/// early entry is moved when it comes to the top. So the heap stays near one entry per deadline.
#[derive(Debug, Default)]
pub(super) struct Deadlines {
    /// The truth: when each deadline is due, and in which order equal ones were set.
    set: FxHashMap<Deadline, Due>,
    /// Candidates; an entry that disagrees with `set` is moved or dropped when it is met.
    heap: BinaryHeap<Entry>,
    sequence: u64,
}

#[derive(Debug, Clone, Copy)]
struct Due {
    at: f64,
    sequence: u64,
    /// When the earliest entry of this deadline in the heap is due.
    queued_at: f64,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    at: f64,
    sequence: u64,
    deadline: Deadline,
}

impl Deadlines {
    /// Sets or moves a deadline. One that is not finite is cancelled: nobody waits for ever.
    pub(super) fn set(&mut self, deadline: Deadline, at: f64) {
        if !at.is_finite() {
            self.cancel(deadline);
            return;
        }
        self.sequence += 1;
        let sequence = self.sequence;
        match self.set.get_mut(&deadline) {
            Some(due) if due.queued_at <= at => {
                due.at = at;
                due.sequence = sequence;
            }
            _ => {
                self.set.insert(deadline, Due { at, sequence, queued_at: at });
                self.heap.push(Entry { at, sequence, deadline });
            }
        }
        self.compact();
    }

    pub(super) fn cancel(&mut self, deadline: Deadline) {
        self.set.remove(&deadline);
    }

    /// Whether the deadline is set, and due at `at` or earlier.
    pub(super) fn is_set_before(&self, deadline: Deadline, at: f64) -> bool {
        self.set.get(&deadline).is_some_and(|due| due.at <= at)
    }

    /// When the earliest deadline is due, exactly.
    pub(super) fn next(&mut self) -> Option<f64> {
        self.settle_top().map(|entry| entry.at)
    }

    /// A mark for [`Deadlines::take_due`]: deadlines set from now on are not due before the next mark.
    pub(super) fn mark(&self) -> u64 {
        self.sequence
    }

    /// Takes the earliest deadline that is due at `now` and was set before `mark`.
    pub(super) fn take_due(&mut self, now: f64, mark: u64) -> Option<Deadline> {
        let entry = self.settle_top()?;
        // Nothing is due at a time that is not a number.
        let due = entry.at <= now && entry.sequence <= mark;
        if !due {
            return None;
        }
        self.heap.pop();
        self.set.remove(&entry.deadline);
        Some(entry.deadline)
    }

    /// Moves and drops entries until the top one tells the truth.
    fn settle_top(&mut self) -> Option<Entry> {
        loop {
            let entry = *self.heap.peek()?;
            match self.set.get_mut(&entry.deadline) {
                Some(due) if due.sequence == entry.sequence => return Some(entry),
                Some(due) if due.queued_at == entry.at => {
                    let moved = Entry { at: due.at, sequence: due.sequence, ..entry };
                    due.queued_at = due.at;
                    self.heap.pop();
                    self.heap.push(moved);
                }
                _ => {
                    self.heap.pop();
                }
            }
        }
    }

    /// Rebuilds the heap when most of it is dead (deadlines cancelled or moved earlier).
    fn compact(&mut self) {
        if self.heap.len() > 64 && self.heap.len() > 3 * self.set.len() {
            self.heap = self
                .set
                .iter_mut()
                .map(|(&deadline, due)| {
                    due.queued_at = due.at;
                    Entry { at: due.at, sequence: due.sequence, deadline }
                })
                .collect();
        }
    }
}

impl Ord for Entry {
    /// Earliest first (the heap keeps its greatest on top); of equal ones, the one set first.
    fn cmp(&self, other: &Self) -> Ordering {
        other.at.total_cmp(&self.at).then(other.sequence.cmp(&self.sequence))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Entry {}
