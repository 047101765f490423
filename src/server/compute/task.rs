//! The task that computes: the lease, the compute, the store, the answer to all who wait.
//!
//! The order is the whole safety of it. The lease is taken *before* the compute reads its source, and the answer is
//! stored only while the lease is still ours; an invalidation voids leases before it deletes data. So what was read
//! before an invalidation is not stored after it, in whichever process it was computed.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, sleep};

use super::ask::Question;
use super::backoff::Backoff;
use super::context::computing;
use super::single_flight::{Pilot, Seats};
use super::{Compute, Found, Landing, Source};
use crate::server::error::CacheError;
use crate::server::l1::{Held, State};
use crate::server::service::{Inner, Opened, Sealed, count};
use crate::server::store::{LeaseFor, LeaseToken, Leased, Record, StoreErrorKind};
use crate::server::ttl::Ttl;

/// A refresh that another process is at is not tried again for so long: its value comes meanwhile.
const OTHERS_ARE_AT_IT: Duration = Duration::from_millis(250);

/// A value in the store counts as newer than ours when it lives longer by more than what the clock and the way there
/// can explain.
const NEWER_BY: Duration = Duration::from_millis(200);

/// What a compute is for.
#[derive(Clone)]
pub(crate) enum Purpose {
    /// There is nothing, or something unreadable that must be replaced.
    Fill { replace: bool },
    /// There is a value, near its end or past it.
    Refresh(Arc<Held>),
    /// Somebody wants it computed, whatever there is.
    Anew,
    /// The same, and it is not stored.
    Unstored,
    /// The store does not answer.
    StoreDown,
}

/// A compute on its way, in a task of its own.
pub(crate) struct Task {
    inner: Arc<Inner>,
    question: Question,
    purpose: Purpose,
    pilot: Pilot<Landing>,
    /// Whether it is one of many that share a compute. Then it has no turn of its own, and waits for no other process:
    /// two batches that each hold what the other waits for would wait until the leases run out.
    in_batch: bool,
    /// The lease while it is ours.
    lease: Mutex<Option<LeaseToken>>,
}

/// How a flight ends.
pub(super) struct Flown {
    landing: Option<Landing>,
    good_for: Seats,
}

/// What the wish for a lease ended with.
pub(super) enum Clearance {
    /// The lease is ours.
    Leased(Turn, LeaseToken),
    /// There is none to be had; what is computed is not stored. The seats that the answer is good for if they are
    /// other than those who boarded before it began.
    Unleased(Turn, Option<Seats>),
    /// No compute is needed.
    Done(Flown),
}

/// One of the computes that may run at once; none for a compute that another compute waits for.
pub(super) type Turn = Option<OwnedSemaphorePermit>;

impl Task {
    pub(crate) fn new(
        inner: Arc<Inner>,
        question: Question,
        purpose: Purpose,
        pilot: Pilot<Landing>,
    ) -> Self {
        Self { inner, question, purpose, pilot, in_batch: false, lease: Mutex::new(None) }
    }

    /// One of a batch.
    pub(super) fn in_batch(self) -> Self {
        Self { in_batch: true, ..self }
    }

    pub(super) fn question(&self) -> &Question {
        &self.question
    }

    /// Runs to the end, whatever happens on the way: a panic is an answer, and a lease is given back.
    pub(crate) async fn run(self, compute: Compute) {
        let key = &self.question.key;
        let flying = AssertUnwindSafe(self.fly(compute)).catch_unwind();
        let flown = match self.inner.stop.run_until_cancelled(flying).await {
            Some(Ok(flown)) => flown,
            Some(Err(_panic)) => {
                count(&self.question.family.counters.compute_errors);
                Flown::failed(CacheError::ComputePanicked { key: key.clone() })
            }
            None => Flown::failed(CacheError::ShutDown { key: key.clone() }),
        };
        self.finish(flown).await;
    }

    /// Gives the lease back, if it is still ours, and tells those who wait.
    pub(super) async fn finish(self, flown: Flown) {
        if let Some(token) = self.take_lease() {
            let key = &self.question.key;
            // Counted and logged where it happens. If it fails, the lease ends by itself.
            let _ = self.inner.watch(self.inner.store.release(key, &token).await);
        }
        self.pilot.land(flown.landing, flown.good_for);
    }

    async fn fly(&self, compute: Compute) -> Flown {
        let (turn, token, good_for) = match self.clear().await {
            Clearance::Leased(turn, token) => (turn, Some(token), None),
            Clearance::Unleased(turn, good_for) => (turn, None, good_for),
            Clearance::Done(flown) => return flown,
        };
        let asked_before = self.pilot.begin();
        let good_for = good_for.unwrap_or(asked_before);
        let computed = self.compute(compute).await;
        drop(turn);
        match computed {
            Ok((json, ttl)) => self.keep(json, ttl, token, good_for).await,
            Err(error) => Flown::failed(error),
        }
    }

    /// The seats of those who asked before the compute, which begins now.
    pub(super) fn begin(&self) -> Seats {
        self.pilot.begin()
    }

    /// Whether to compute, and whether what is computed may be stored.
    pub(super) async fn clear(&self) -> Clearance {
        match &self.purpose {
            Purpose::Fill { replace: false } => self.clearance(LeaseFor::Missing).await,
            Purpose::Fill { replace: true } | Purpose::Refresh(_) => {
                self.clearance(LeaseFor::Refresh).await
            }
            Purpose::Anew => self.clearance(LeaseFor::Overtake).await,
            Purpose::Unstored => Clearance::Unleased(self.turn().await, None),
            // Nobody can invalidate anything in it either.
            Purpose::StoreDown => Clearance::Unleased(self.turn().await, Some(Seats::ALL)),
        }
    }

    /// A turn to compute, then the lease. In this order, so that no lease runs out in the queue.
    async fn clearance(&self, mut what: LeaseFor) -> Clearance {
        let (inner, Question { key, family, .. }) = (&self.inner, &self.question);
        let time = family.lease_time();
        let deadline = Instant::now() + time.duration();
        let mut backoff = Backoff::new();
        loop {
            let turn = self.turn().await;
            let (seats, asked) = (self.pilot.seats(), Instant::now());
            let sample = inner.l1.fence.sample(key);
            let token = LeaseToken::random();
            match inner.store.lease(key, &token, time, what).await {
                Ok(Leased::Granted) => {
                    self.hold_lease(token);
                    if let Purpose::Refresh(old) = &self.purpose
                        && let Some(newer) = self.newer_than(old).await
                    {
                        return Clearance::Done(Flown::found(newer, seats));
                    }
                    return Clearance::Leased(turn, token);
                }
                Ok(Leased::Found(entry)) => {
                    let usable = |held: &Held| {
                        held.state(asked) != State::Stale && (self.question.readable)(held)
                    };
                    match inner.open(key, family, entry, asked) {
                        Opened::Value(held) if usable(&held) => {
                            inner.l1.insert(key, &held, sample);
                            return Clearance::Done(Flown::found(held, seats));
                        }
                        // Unreadable, or past its time.
                        _ => what = LeaseFor::Refresh,
                    }
                }
                Ok(Leased::Held) => {
                    if self.in_batch {
                        return Clearance::Unleased(turn, None);
                    }
                    drop(turn);
                    if let Purpose::Refresh(_) = self.purpose {
                        inner.failures.note(key, None, OTHERS_ARE_AT_IT);
                        return Clearance::Done(Flown::GIVEN_UP);
                    }
                    if Instant::now() >= deadline {
                        return Clearance::Unleased(self.turn().await, None);
                    }
                    tokio::select! {
                        () = sleep(backoff.next(fastrand::f64())) => {}
                        () = self.pilot.flight().changed.notified() => {}
                    }
                }
                // Something that is no value stands there; the lease to replace it does not look at it.
                Err(error)
                    if error.kind() == StoreErrorKind::WrongType && what == LeaseFor::Missing =>
                {
                    what = LeaseFor::Refresh;
                }
                Err(error) => {
                    let _ = inner.watch::<()>(Err(error));
                    return Clearance::Unleased(turn, Some(Seats::ALL));
                }
            }
        }
    }

    /// The store's value, if another process has refreshed it since ours was read.
    async fn newer_than(&self, old: &Held) -> Option<Arc<Held>> {
        let Question { key, family, readable, .. } = &self.question;
        let held = self.inner.read(key, family).await.ok()??;
        let now = Instant::now();
        let newer = held.fresh_for(now) > old.fresh_for(now) + NEWER_BY;
        (newer && readable(&held)).then_some(held)
    }

    async fn turn(&self) -> Turn {
        if self.in_batch {
            return None;
        }
        tokio::select! {
            permit = self.question.family.permits.clone().acquire_owned() => permit.ok(),
            () = self.pilot.flight().urgent.notified() => None,
        }
    }

    /// The JSON of what the caller's compute returns, and what it said of its life.
    async fn compute(&self, compute: Compute) -> Result<(Bytes, Option<Duration>), CacheError> {
        self.count_compute();
        let began = Instant::now();
        let (computed, said) = computing(async { compute().await }).await;
        self.question.family.computed_in(began.elapsed());
        match computed {
            Ok(json) => {
                self.inner.failures.forget_key(&self.question.key);
                Ok((json, said.lives))
            }
            Err(error) => {
                self.note_failure(&error, said.fails);
                Err(error)
            }
        }
    }

    pub(super) fn count_compute(&self) {
        let counters = &self.question.family.counters;
        count(&counters.computes);
        if let Purpose::Refresh(old) = &self.purpose
            && !old.fresh_for(Instant::now()).is_zero()
        {
            count(&counters.early_refreshes);
        }
    }

    /// A compute that failed is not tried again at once; that of a value that has changed since is. `said`: for how long its
    /// error answers, if the compute said so.
    pub(super) fn note_failure(&self, error: &CacheError, said: Option<Duration>) {
        let Question { key, family, .. } = &self.question;
        count(&family.counters.compute_errors);
        if !self.pilot.is_voided() {
            let answers = said.or(family.policy.cache_errors).map(|time| (time, error));
            // Only a key that has an old value can rest on it. The others are not remembered: during an outage of
            // the source, every key that anybody asks for fails.
            let rest = match self.purpose {
                Purpose::Refresh(_) | Purpose::Anew => family.policy.throttle,
                _ => Duration::ZERO,
            };
            if !rest.is_zero() || answers.is_some() {
                self.inner.failures.note(key, answers, rest);
            }
        }
    }

    /// Stores the answer, unless there is a reason not to; a failure to store is none to fail.
    pub(super) async fn keep(
        &self,
        json: Bytes,
        said: Option<Duration>,
        token: Option<LeaseToken>,
        good_for: Seats,
    ) -> Flown {
        let (inner, Question { key, family, .. }) = (&self.inner, &self.question);
        let ttl = self.time_to_live(&json, said);
        let sealed = match (token, ttl) {
            (Some(token), Some(ttl)) => match inner.seal(key, family, &json) {
                Sealed::Fits(value) => Some((token, ttl, value)),
                Sealed::TooLarge(_) | Sealed::Refused(_) => None,
            },
            (Some(_), None) => None,
            (None, ttl) => {
                let fresh = ttl.map_or(Duration::ZERO, Ttl::duration);
                return self.computed(json, fresh, good_for);
            }
        };
        let Some((token, ttl, value)) = sealed else {
            self.leave_nothing().await;
            let fresh = ttl.map_or(Duration::ZERO, Ttl::duration);
            return self.computed(json, fresh, good_for);
        };
        let (bytes, tags) = (value.len() as u64, family.tags(key));
        let kept = ttl.longer_by(family.policy.stale);
        let record = Record::new(key, value, kept).tagged(&tags);
        let (writing, since) = (inner.l1.fence.sample(key), Instant::now());
        let seats = self.pilot.seats();
        match inner.watch(inner.store.set_leased(record, &token).await) {
            Ok(true) => {
                self.take_lease();
                inner.expiries.note(key, kept.duration());
                count(&family.counters.sets);
                family.counters.bytes_stored.fetch_add(bytes, Relaxed);
                let flown = self.computed_since(since, json, ttl.duration(), seats);
                let kept = match (&flown.landing, inner.l1.fence.end_write(key, writing)) {
                    (Some(Ok(found)), Some(sample)) => inner.l1.insert(key, &found.held, sample),
                    _ => false,
                };
                if !kept {
                    // What was written over must not stay here.
                    inner.l1.drop_key(key);
                }
                flown
            }
            // An invalidation overtook it, or it took longer than its lease.
            Ok(false) => {
                self.take_lease();
                count(&family.counters.voided);
                self.computed(json, Duration::ZERO, good_for)
            }
            Err(_) => self.computed(json, ttl.duration(), Seats::ALL),
        }
    }

    /// How long the answer lives: what the compute said, else what the policy says of nothing, else the family's
    /// time; cut by the jitter. `None` when it is not to be stored.
    fn time_to_live(&self, json: &[u8], said: Option<Duration>) -> Option<Ttl> {
        let policy = &self.question.family.policy;
        let ttl = match said {
            Some(said) => said,
            None if json == b"null" => policy.cache_none?,
            None => self.question.ttl,
        };
        let cut = ttl.mul_f64(policy.jitter * fastrand::f64());
        Ttl::new(ttl.saturating_sub(cut)).ok()
    }

    /// The answer is not to be stored, so what it replaces must not stay either.
    async fn leave_nothing(&self) {
        if !matches!(self.purpose, Purpose::Fill { replace: false }) {
            // Counted and logged where it happens. This voids our lease too.
            let _ = self.inner.remove_key(&self.question.key).await;
            self.take_lease();
        }
    }

    fn computed(&self, json: Bytes, fresh: Duration, good_for: Seats) -> Flown {
        self.computed_since(Instant::now(), json, fresh, good_for)
    }

    fn computed_since(
        &self,
        since: Instant,
        json: Bytes,
        fresh: Duration,
        good_for: Seats,
    ) -> Flown {
        let family = &self.question.family;
        let fresh = if self.pilot.is_voided() { Duration::ZERO } else { fresh };
        let held = Held::new(json, family.clone(), since, fresh, family.policy.stale);
        Flown {
            landing: Some(Ok(Found {
                held: Arc::new(held),
                source: Source::Miss,
                in_process: false,
            })),
            good_for,
        }
    }

    fn hold_lease(&self, token: LeaseToken) {
        *self.lease.lock().unwrap_or_else(PoisonError::into_inner) = Some(token);
    }

    fn take_lease(&self) -> Option<LeaseToken> {
        self.lease.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Flown {
    /// Without an answer: its passengers ask again.
    pub(super) const GIVEN_UP: Self = Self { landing: None, good_for: Seats::ALL };

    fn found(held: Arc<Held>, good_for: Seats) -> Self {
        Self { landing: Some(Ok(Found { held, source: Source::Hit, in_process: false })), good_for }
    }

    pub(super) fn failed(error: CacheError) -> Self {
        Self { landing: Some(Err(error)), good_for: Seats::ALL }
    }
}
