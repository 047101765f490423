//! Keys that are gone because the store made room, and not because somebody deleted them.

use std::time::Duration;

use tokio::time::Instant;

/// How much later a key may be heard of than it was counted. The store counts at once, and tells in its turn: what it says it
/// has dropped is in part what we hear of next.
const LATE: Duration = Duration::from_millis(500);

/// The store's own count of what it dropped, and how much of that is explained by what we found missing.
#[derive(Debug)]
pub(super) struct Evictions {
    counted: u64,
    /// Counted, and not found missing.
    unheard: u64,
    counted_at: Instant,
}

impl Evictions {
    /// The store had dropped so many before.
    pub(super) fn since(counted: u64) -> Self {
        Self { counted, unheard: 0, counted_at: Instant::now() }
    }

    /// Whether so many missing keys, the first of which was heard of at `begun`, may have been dropped to make room. By now
    /// `counted` were in all.
    pub(super) fn explain(&mut self, missing: u64, begun: Instant, counted: u64) -> bool {
        let is_late = begun.saturating_duration_since(self.counted_at) <= LATE;
        let before = if is_late { self.unheard } else { 0 };
        let known = before + counted.saturating_sub(self.counted);
        *self = Self { unheard: known.saturating_sub(missing), ..Self::since(counted) };
        known >= missing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_was_counted_before_it_was_heard_of_explains_what_is_heard_of_next() {
        let now = Instant::now();
        let mut evictions = Evictions::since(7);
        assert!(!evictions.explain(1, now, 7), "none was dropped since");
        assert!(evictions.explain(3, now, 12), "of five");
        assert!(evictions.explain(2, now + LATE, 12), "those are the others");
        assert!(!evictions.explain(1, now, 12), "and there are no more");
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_deleted_later_is_not_explained_by_it() {
        let mut evictions = Evictions::since(0);
        assert!(evictions.explain(3, Instant::now(), 5));
        assert!(!evictions.explain(1, Instant::now() + 2 * LATE, 5));
        // Nor by a server that has counted anew.
        assert!(!evictions.explain(1, Instant::now(), 0));
    }
}
