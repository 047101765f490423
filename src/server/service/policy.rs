//! What a service, or one family of it, does when a value is old, slow, missing or broken.

use std::time::Duration;

use crate::server::ttl::Ttl;

/// How values are refreshed, waited for and kept. One for the service; a family may have its own. No time in it is longer
/// than [`Ttl::MAX`]: longer ones, such as `Duration::MAX`, are cut to it.
///
/// ```
/// use samekey::server::Policy;
/// use std::time::Duration;
///
/// // An old number at once is better than a new one in three seconds; and better than none at all.
/// let patient = Policy::default().stale(Duration::from_secs(600)).hard_timeout(Duration::from_secs(20));
/// # let _ = patient;
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    pub(crate) stale: Duration,
    pub(crate) soft_timeout: Duration,
    pub(crate) hard_timeout: Duration,
    pub(crate) throttle: Duration,
    pub(crate) early: f64,
    pub(crate) jitter: f64,
    pub(crate) cache_none: Option<Duration>,
    pub(crate) cache_errors: Option<Duration>,
    pub(crate) lease: Duration,
    pub(crate) max_computes: usize,
    pub(crate) when_down: WhenDown,
}

/// What to do when the store fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum WhenDown {
    /// Answer from what this process still holds, though others may have changed it; compute what it does not hold.
    Stale,
    /// Compute. Callers in this process share a compute; nothing is stored.
    #[default]
    Compute,
    /// Return the store's error: the source must not get the load that the cache was to keep off it.
    Fail,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            stale: Duration::ZERO,
            soft_timeout: Duration::ZERO,
            hard_timeout: Duration::from_secs(120),
            throttle: Duration::from_secs(30),
            early: 1.0,
            jitter: 0.0,
            cache_none: None,
            cache_errors: None,
            lease: Duration::from_secs(10),
            max_computes: 256,
            when_down: WhenDown::Compute,
        }
    }
}

impl Policy {
    /// For how long past its time a value may still be served: while it is computed anew (stale-while-revalidate),
    /// and when that fails (stale-on-error). None by default. Each key lives so much longer in the store.
    #[must_use]
    pub fn stale(self, stale: Duration) -> Self {
        Self { stale: Ttl::cut(stale), ..self }
    }

    /// How long a caller who could have a stale value waits for the fresh one. Zero by default: the stale value at
    /// once.
    #[must_use]
    pub fn soft_timeout(self, soft_timeout: Duration) -> Self {
        Self { soft_timeout: Ttl::cut(soft_timeout), ..self }
    }

    /// How long a caller waits at most before [`CacheError::ComputeTimeout`](super::super::CacheError). The compute
    /// goes on, and is stored. Two minutes by default: nobody hangs for ever.
    #[must_use]
    pub fn hard_timeout(self, hard_timeout: Duration) -> Self {
        Self { hard_timeout: Ttl::cut(hard_timeout), ..self }
    }

    /// How long a compute that failed is not tried again while there is a stale value to serve. 30 s by default.
    #[must_use]
    pub fn throttle(self, throttle: Duration) -> Self {
        Self { throttle: Ttl::cut(throttle), ..self }
    }

    /// How eagerly a value is refreshed before it expires: XFetch's beta. 1.0, the default, is what its authors
    /// proved best; more refreshes earlier, 0 never early.
    #[must_use]
    pub fn early_refresh(self, beta: f64) -> Self {
        Self { early: if beta.is_finite() { beta.max(0.0) } else { 0.0 }, ..self }
    }

    /// By what part of it a lifetime is shortened at random, so that values which were stored together do not expire
    /// together: 0.1 takes up to a tenth off. 0 by default, since early refresh spreads them already and a lifetime
    /// is then exactly the schema's. Never longer: the schema says how old a value may get.
    #[must_use]
    pub fn jitter(self, part: f64) -> Self {
        Self { jitter: if part.is_finite() { part.clamp(0.0, 1.0) } else { 0.0 }, ..self }
    }

    /// Keeps a computed `None` (JSON's `null`) for so long. Off by default: there was nothing, and the next caller
    /// looks again.
    #[must_use]
    pub fn cache_none(self, ttl: Duration) -> Self {
        Self { cache_none: Some(ttl), ..self }
    }

    /// Gives a compute's error to everybody who asks within so long, instead of computing again. Off by default. In
    /// this process only: an error is a Rust value, and another process may have better luck.
    #[must_use]
    pub fn cache_errors(self, ttl: Duration) -> Self {
        Self { cache_errors: Some(Ttl::cut(ttl)), ..self }
    }

    /// How long the lease of a compute lasts at least: how long others wait for a process that died. A compute that
    /// outlives its lease is not stored, so a family whose computes were seen to take longer gets three times what
    /// they took. 10 s by default.
    #[must_use]
    pub fn lease(self, lease: Duration) -> Self {
        Self { lease, ..self }
    }

    /// How many computes run at once in this process; more wait their turn. 256 by default, for all families
    /// together; a family with a policy of its own counts its own. A compute that itself asks the cache does not
    /// wait for a turn again.
    #[must_use]
    pub fn max_computes(self, max_computes: usize) -> Self {
        Self { max_computes: max_computes.clamp(1, tokio::sync::Semaphore::MAX_PERMITS), ..self }
    }

    /// What to do when the store fails. [`WhenDown::Compute`] by default.
    #[must_use]
    pub fn when_down(self, when_down: WhenDown) -> Self {
        Self { when_down, ..self }
    }
}
