//! How often a principal may change something.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::{Arc, Once, Weak};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use super::Principal;

/// How long a principal who has asked for nothing is remembered at most, once his allowance is whole again.
const SWEEP_EVERY: Duration = Duration::from_secs(60);

/// How often a principal may change something: so many requests at once, of which each comes back after a
/// while. Each principal has an allowance of his own.
///
/// ```
/// use samekey::server::access::RateLimit;
///
/// let limit = RateLimit::per_minute(60);           // 60 at once, one more each second
/// let strict = RateLimit::per_minute(60).burst(5); // 5 at once, one more each second
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    quota: Quota,
}

impl RateLimit {
    /// So many a second, and as many at once. Of zero, one.
    #[must_use]
    pub fn per_second(requests: u32) -> Self {
        Self { quota: Quota::per_second(at_least_one(requests)) }
    }

    /// So many a minute, and as many at once. Of zero, one.
    #[must_use]
    pub fn per_minute(requests: u32) -> Self {
        Self { quota: Quota::per_minute(at_least_one(requests)) }
    }

    /// So many an hour, and as many at once. Of zero, one.
    #[must_use]
    pub fn per_hour(requests: u32) -> Self {
        Self { quota: Quota::per_hour(at_least_one(requests)) }
    }

    /// The same with so many at once. Of zero, one.
    #[must_use]
    pub fn burst(mut self, requests: u32) -> Self {
        self.quota = self.quota.allow_burst(at_least_one(requests));
        self
    }
}

fn at_least_one(requests: u32) -> NonZeroU32 {
    NonZeroU32::new(requests).unwrap_or(NonZeroU32::MIN)
}

type Cells<C> =
    RateLimiter<Principal, DashMapStateStore<Principal>, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// The allowances of all principals.
pub(crate) struct Limiter<C: Clock = DefaultClock> {
    cells: Cells<C>,
    clock: C,
    /// What an allowance has at most.
    burst: NonZeroU32,
    sweeping: Once,
}

impl Limiter {
    pub(crate) fn new(limit: RateLimit) -> Arc<Self> {
        Self::with_clock(limit, DefaultClock::default())
    }
}

impl<C: Clock + Clone + Send + Sync + 'static> Limiter<C>
where
    C::Instant: Send + Sync,
{
    fn with_clock(limit: RateLimit, clock: C) -> Arc<Self> {
        let cells = RateLimiter::dashmap_with_clock(limit.quota, clock.clone());
        Arc::new(Self { cells, clock, burst: limit.quota.burst_size(), sweeping: Once::new() })
    }

    /// Takes one from the allowance of `principal`.
    ///
    /// # Errors
    /// It is used up; how long until there is one again.
    pub(crate) fn take(self: &Arc<Self>, principal: &Principal) -> Result<(), Duration> {
        // At the first request and not when it is built: only here there is a runtime for certain.
        self.sweeping.call_once(|| drop(tokio::spawn(sweep(Arc::downgrade(self)))));
        let taken = self.cells.check_key(principal);
        taken.map_err(|refused| refused.wait_time_from(self.clock.now()))
    }

    /// Takes so many more than the one that a request itself cost: all or none. Of more than an allowance ever has, it
    /// takes all that such a request can still have.
    ///
    /// # Errors
    /// There are not so many left; how long until there are.
    pub(crate) fn take_more(
        self: &Arc<Self>,
        principal: &Principal,
        wanted: u32,
    ) -> Result<(), Duration> {
        let Some(wanted) = NonZeroU32::new(wanted.min(self.burst.get() - 1)) else { return Ok(()) };
        match self.cells.check_key_n(principal, wanted) {
            Ok(taken) => taken.map_err(|refused| refused.wait_time_from(self.clock.now())),
            // More than there ever is: not after the line above.
            Err(_) => Ok(()),
        }
    }
}

/// Forgets whose allowance is whole again; the limiter itself never would, and every address that ever came by
/// would stay. Ends with the limiter.
async fn sweep<C: Clock + Clone + Send + Sync + 'static>(limiter: Weak<Limiter<C>>)
where
    C::Instant: Send + Sync,
{
    loop {
        tokio::time::sleep(SWEEP_EVERY).await;
        let Some(limiter) = limiter.upgrade() else { return };
        limiter.cells.retain_recent();
        limiter.cells.shrink_to_fit();
    }
}

impl<C: Clock> fmt::Debug for Limiter<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limiter").field("principals", &self.cells.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    fn limiter(limit: RateLimit) -> (Arc<Limiter<FakeRelativeClock>>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        (Limiter::with_clock(limit, clock.clone()), clock)
    }

    #[tokio::test(start_paused = true)]
    async fn an_allowance_is_used_up_and_comes_back_one_by_one() {
        let (limiter, clock) = limiter(RateLimit::per_minute(60).burst(3));
        let alice = Principal::named("alice");
        for _ in 0..3 {
            assert_eq!(limiter.take(&alice), Ok(()));
        }
        assert_eq!(limiter.take(&alice), Err(Duration::from_secs(1)));
        assert_eq!(limiter.take(&Principal::named("bob")), Ok(()), "another's is his own");

        clock.advance(Duration::from_millis(400));
        assert_eq!(limiter.take(&alice), Err(Duration::from_millis(600)));
        clock.advance(Duration::from_millis(600));
        assert_eq!(limiter.take(&alice), Ok(()));
        assert!(limiter.take(&alice).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn many_more_are_taken_all_or_none_and_never_more_than_there_can_be() {
        let (limiter, clock) = limiter(RateLimit::per_minute(60).burst(10));
        let alice = Principal::named("alice");
        let more = |wanted| limiter.take_more(&alice, wanted);
        assert_eq!((limiter.take(&alice), more(5)), (Ok(()), Ok(())));
        assert_eq!(more(6), Err(Duration::from_secs(2)));
        assert_eq!(more(4), Ok(()), "those that were refused were not taken");
        clock.advance(Duration::from_secs(10));
        assert_eq!((limiter.take(&alice), more(1_000_000)), (Ok(()), Ok(())));
        assert_eq!(limiter.take(&alice), Err(Duration::from_secs(1)), "that was a whole allowance");
        let (single, _) = self::limiter(RateLimit::per_minute(1));
        assert_eq!((single.take(&alice), single.take_more(&alice, 9)), (Ok(()), Ok(())));
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_has_been_quiet_is_forgotten() {
        let (limiter, clock) = limiter(RateLimit::per_minute(60).burst(1));
        for n in 0..100_000 {
            limiter.take(&Principal::named(n.to_string())).unwrap();
        }
        assert_eq!(limiter.cells.len(), 100_000);
        clock.advance(SWEEP_EVERY);
        let late = Principal::named("late");
        limiter.take(&late).unwrap();
        tokio::time::sleep(SWEEP_EVERY + Duration::from_millis(1)).await;
        assert_eq!(limiter.cells.len(), 1);
        assert!(limiter.take(&late).is_err(), "whoever has used his up is not forgotten");
    }

    #[tokio::test(start_paused = true)]
    async fn the_sweep_ends_with_the_limiter() {
        let (limiter, _) = limiter(RateLimit::per_second(1));
        limiter.take(&Principal::Unknown).unwrap();
        let alive = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
        tokio::task::yield_now().await;
        assert_eq!(alive(), 1);
        drop(limiter);
        tokio::time::sleep(SWEEP_EVERY + Duration::from_millis(1)).await;
        assert_eq!(alive(), 0);
    }

    #[test]
    fn no_limit_is_of_nothing() {
        assert_eq!(RateLimit::per_minute(0), RateLimit::per_minute(1));
        assert_eq!(RateLimit::per_hour(9).burst(0), RateLimit::per_hour(9).burst(1));
    }
}
