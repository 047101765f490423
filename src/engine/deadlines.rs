//! Every deadline of the cache in one heap, so that one timer serves them all.

/// What a deadline is for, and whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
/// A binary heap that knows where each of its entries stands, so that moving or cancelling one leaves nothing
/// dead behind. Owners' ids are small (they come from slabs), so the places are a plain list.
#[derive(Debug, Default)]
pub(super) struct Deadlines {
    /// Each entry is due no later than the two below it, `2n + 1` and `2n + 2`.
    heap: Vec<Entry>,
    /// Where each deadline stands in the heap, by [`Deadline::number`]; `ABSENT` if it is not set.
    places: Vec<u32>,
    sequence: u64,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    at: f64,
    /// Of equal deadlines, the one set first is due first.
    sequence: u64,
    deadline: Deadline,
}

const ABSENT: u32 = u32::MAX;

impl Deadlines {
    /// Sets or moves a deadline. One that is not finite is cancelled: nobody waits for ever.
    pub(super) fn set(&mut self, deadline: Deadline, at: f64) {
        if !at.is_finite() {
            self.cancel(deadline);
            return;
        }
        self.sequence += 1;
        let entry = Entry { at, sequence: self.sequence, deadline };
        let place = self.place(deadline).unwrap_or_else(|| {
            let number = deadline.number();
            if number >= self.places.len() {
                self.places.resize(number + 1, ABSENT);
            }
            self.heap.push(entry);
            self.heap.len() - 1
        });
        self.settle(place, entry);
    }

    /// Makes all of them due so many milliseconds earlier.
    pub(super) fn bring_forward(&mut self, millis: f64) {
        for entry in &mut self.heap {
            entry.at -= millis;
        }
    }

    pub(super) fn cancel(&mut self, deadline: Deadline) {
        let Some(hole) = self.place(deadline) else { return };
        self.places[deadline.number()] = ABSENT;
        let Some(last) = self.heap.pop() else { return };
        if hole < self.heap.len() {
            self.settle(hole, last);
        }
    }

    /// Whether the deadline is set, and due at `at` or earlier.
    pub(super) fn is_set_before(&self, deadline: Deadline, at: f64) -> bool {
        self.place(deadline).is_some_and(|place| self.heap[place].at <= at)
    }

    /// When the earliest deadline is due.
    pub(super) fn next(&self) -> Option<f64> {
        self.heap.first().map(|entry| entry.at)
    }

    /// A mark for [`Deadlines::take_due`]: deadlines set from now on are not due before the next mark.
    pub(super) fn mark(&self) -> u64 {
        self.sequence
    }

    /// Takes the earliest deadline that is due at `now` and was set before `mark`.
    pub(super) fn take_due(&mut self, now: f64, mark: u64) -> Option<Deadline> {
        let first = *self.heap.first()?;
        // Asked this way round, nothing is due at a time that is not a number.
        let due = first.at <= now && first.sequence <= mark;
        if !due {
            return None;
        }
        self.cancel(first.deadline);
        Some(first.deadline)
    }

    fn place(&self, deadline: Deadline) -> Option<usize> {
        let place = *self.places.get(deadline.number())?;
        (place != ABSENT).then_some(place as usize)
    }

    /// Writes `entry` to where it belongs, from the free `place` upwards or downwards.
    fn settle(&mut self, mut place: usize, entry: Entry) {
        while place > 0 {
            let above = (place - 1) / 2;
            if !entry.is_before(&self.heap[above]) {
                break;
            }
            self.write(place, self.heap[above]);
            place = above;
        }
        loop {
            let left = 2 * place + 1;
            let Some(mut below) = self.heap.get(left) else { break };
            let mut next = left;
            if let Some(right) = self.heap.get(left + 1)
                && right.is_before(below)
            {
                below = right;
                next = left + 1;
            }
            if !below.is_before(&entry) {
                break;
            }
            self.write(place, *below);
            place = next;
        }
        self.write(place, entry);
    }

    fn write(&mut self, place: usize, entry: Entry) {
        self.heap[place] = entry;
        self.places[entry.deadline.number()] = place as u32;
    }
}

impl Deadline {
    /// A small number of its own for each deadline.
    fn number(self) -> usize {
        let (kind, owner) = match self {
            Self::QueryGc(id) => (0, id),
            Self::QueryStale(id) => (1, id),
            Self::QueryPoll(id) => (2, id),
            Self::QueryRetry(id) => (3, id),
            Self::MutationGc(id) => (4, id),
            Self::MutationRetry(id) => (5, id),
        };
        owner as usize * 6 + kind
    }
}

impl Entry {
    fn is_before(&self, other: &Self) -> bool {
        self.at < other.at || (self.at == other.at && self.sequence < other.sequence)
    }
}
