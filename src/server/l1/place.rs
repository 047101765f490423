//! An entry's place in the table: what a hit reads, all of it.
//!
//! With the hash before it a place has 128 bytes, and stands among others of its kind. What is behind a pointer is
//! anywhere in memory, and there the processor does not even know where to look: with ten thousand entries, each pointer
//! that a hit follows costs as much as all the rest. So it follows one, to the value that it returns.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering::Relaxed, Ordering::SeqCst};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::held::{Decoded, Held};
use super::key_text::KeyText;
use crate::server::families::Family;
use crate::server::service::count;

/// Hits that are remembered of an entry. A few tell what is read often; more would keep it after that has ended.
const MOST_VISITS: u8 = 3;

pub(super) struct Place {
    key: KeyText,
    /// On the table's clock: nanoseconds.
    fresh_until: u64,
    /// What `held` was decoded to, as soon as it was.
    decoded: OnceLock<Decoded>,
    family: Arc<Family>,
    pub(super) held: Arc<Held>,
    /// Its turn in a queue. A turn of another number is that of an entry which has gone.
    pub(super) ticket: u32,
    compute_micros: u32,
    /// Whether it may be served; see [`L1::insert`](super::L1::insert).
    confirmed: AtomicBool,
    pub(super) visits: AtomicU8,
    pub(super) in_main: bool,
}

impl Place {
    pub(super) fn new(held: Arc<Held>, fresh_until: u64, ticket: u32, in_main: bool) -> Self {
        Self {
            key: KeyText::new(held.key()),
            fresh_until,
            decoded: OnceLock::new(),
            family: held.family.clone(),
            ticket,
            compute_micros: u32::try_from(held.compute_time.as_micros()).unwrap_or(u32::MAX),
            confirmed: AtomicBool::new(false),
            visits: AtomicU8::new(0),
            in_main,
            held,
        }
    }

    pub(super) fn is_of(&self, key: &str) -> bool {
        self.key.as_bytes() == key.as_bytes()
    }

    pub(super) fn key(&self) -> &str {
        self.key.as_str()
    }

    /// Lets it be served.
    pub(super) fn confirm(&self) {
        self.confirmed.store(true, SeqCst);
    }

    pub(super) fn is_confirmed(&self) -> bool {
        self.confirmed.load(SeqCst)
    }

    /// Takes note that it was asked for.
    pub(super) fn visit(&self) {
        let visits = self.visits.load(Relaxed);
        if visits < MOST_VISITS {
            // Two at once may count one, which is as good.
            self.visits.store(visits + 1, Relaxed);
        }
    }

    /// The value, if it is fresh at `now`, was decoded to a `T` before, and `settled` says that there is nothing more to
    /// decide: it is told for how long the value is true, and how long its compute takes. A hit is counted.
    pub(super) fn hit<T: Send + Sync + 'static>(
        &self,
        now: u64,
        settled: impl FnOnce(&Family, Duration, Duration) -> bool,
    ) -> Option<Arc<T>> {
        let left = self.fresh_until.checked_sub(now).filter(|left| *left > 0)?;
        let (left, compute) = (Duration::from_nanos(left), self.compute_micros.into());
        if !self.is_confirmed() || !settled(&self.family, left, Duration::from_micros(compute)) {
            return None;
        }
        let value = match self.decoded.get() {
            Some(value) => value,
            None => self.held.decoded().map(|value| self.decoded.get_or_init(|| value.clone()))?,
        };
        if !value.is::<T>() {
            return None;
        }
        let value = Arc::downcast(value.clone()).ok()?;
        self.visit();
        count(&self.family.counters.l1_hits);
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_its_hash_it_has_128_bytes() {
        assert_eq!(size_of::<(u64, Place)>(), 128);
    }
}
