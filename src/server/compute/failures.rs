//! Computes that failed of late, and when to try them again.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::server::error::CacheError;

/// Past so many, those whose time is over are taken out.
const SWEEP_AT: usize = 1024;

/// What may be remembered, in bytes. Who asks decides how many keys fail and how long they are; past this all is
/// forgotten, which costs a compute for each that is asked for again.
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// What one takes beside its key.
const OVERHEAD: usize = 256;

/// What failed, by key.
#[derive(Default)]
pub(crate) struct Failures {
    /// A standard mutex: never held across an await, and only asked where a value is old or missing.
    by_key: Mutex<ByKey>,
}

#[derive(Default)]
struct ByKey {
    failures: HashMap<String, Failure>,
    /// What they take.
    bytes: usize,
    sweep_at: usize,
}

struct Failure {
    /// Until then a value that is old is not computed anew.
    rests_until: Instant,
    /// The error, and until when it is everybody's answer.
    answers: Option<(Instant, CacheError)>,
}

impl Failures {
    /// Lets `key` rest, and `error` answer for it, for so long each.
    pub(crate) fn note(&self, key: &str, error: Option<(Duration, &CacheError)>, rest: Duration) {
        let now = Instant::now();
        let answers = error.map(|(time, error)| (now + time, error.clone()));
        let mut by_key = self.by_key.lock().unwrap_or_else(PoisonError::into_inner);
        by_key.insert(key, Failure { rests_until: now + rest, answers });
        if by_key.failures.len() > by_key.sweep_at.max(SWEEP_AT) || by_key.bytes > MOST_BYTES {
            by_key.retain(|_, failure| !failure.is_over(now));
            // Twice what is left, so that each sweep is paid for by as many notes.
            by_key.sweep_at = 2 * by_key.failures.len();
            if by_key.bytes > MOST_BYTES / 2 {
                by_key.retain(|_, _| false);
            }
        }
    }

    /// Whether a compute of `key` was tried a moment ago, and it is too early to try again.
    pub(crate) fn rests(&self, key: &str) -> bool {
        let now = Instant::now();
        let by_key = self.by_key.lock().unwrap_or_else(PoisonError::into_inner);
        by_key.failures.get(key).is_some_and(|failure| now < failure.rests_until)
    }

    /// The error that answers for `key` at present.
    pub(crate) fn answer(&self, key: &str) -> Option<CacheError> {
        let now = Instant::now();
        let by_key = self.by_key.lock().unwrap_or_else(PoisonError::into_inner);
        let (until, error) = by_key.failures.get(key)?.answers.as_ref()?;
        (now < *until).then(|| error.clone())
    }

    /// Forgets the keys that `meant` means: what they stand for has changed, or a compute has succeeded.
    pub(crate) fn forget(&self, meant: impl Fn(&str) -> bool) {
        let mut by_key = self.by_key.lock().unwrap_or_else(PoisonError::into_inner);
        if !by_key.failures.is_empty() {
            by_key.retain(|key, _| !meant(key));
        }
    }

    /// Forgets one key.
    pub(crate) fn forget_key(&self, key: &str) {
        self.by_key.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

impl ByKey {
    fn insert(&mut self, key: &str, failure: Failure) {
        self.remove(key);
        self.bytes += weight(key, &failure);
        self.failures.insert(key.to_owned(), failure);
    }

    fn remove(&mut self, key: &str) {
        if let Some(failure) = self.failures.remove(key) {
            self.bytes -= weight(key, &failure);
        }
    }

    fn retain(&mut self, stays: impl Fn(&str, &Failure) -> bool) {
        let bytes = &mut self.bytes;
        self.failures.retain(|key, failure| {
            let stays = stays(key, failure);
            if !stays {
                *bytes -= weight(key, failure);
            }
            stays
        });
    }
}

/// An error has the key once more.
fn weight(key: &str, failure: &Failure) -> usize {
    OVERHEAD + key.len() * if failure.answers.is_some() { 2 } else { 1 }
}

impl Failure {
    fn is_over(&self, now: Instant) -> bool {
        now >= self.rests_until && self.answers.as_ref().is_none_or(|(until, _)| now >= *until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_failures_do_not_stay() {
        let failures = Failures::default();
        for key in 0..100_000 {
            failures.note(&key.to_string(), None, Duration::ZERO);
        }
        assert!(failures.by_key.lock().unwrap().failures.len() <= SWEEP_AT);
    }

    #[test]
    fn those_of_long_names_that_last_do_not_fill_the_memory() {
        let (failures, day) = (Failures::default(), Duration::from_secs(86_400));
        let error = CacheError::PatternOutsideSchema(String::new());
        let name = |key: usize| format!("{key}-{}", "x".repeat(4_000));
        for key in 0..10_000 {
            failures.note(&name(key), Some((day, &error)), day);
            let by_key = failures.by_key.lock().unwrap();
            let bytes: usize = by_key.failures.keys().map(String::len).sum();
            assert!(2 * bytes <= by_key.bytes && by_key.bytes <= MOST_BYTES);
        }
        assert!(failures.rests(&name(9_999)));
        failures.forget_key(&name(9_999));
        failures.forget(|_| true);
        assert_eq!(failures.by_key.lock().unwrap().bytes, 0);
    }
}
