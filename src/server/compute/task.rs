//! The task that computes: the lease, the compute, the store, the answer to all who wait.
//!
//! The order is the whole safety of it. The lease is taken *before* the compute reads its source, and the answer is
//! stored only while the lease is still ours; an invalidation voids leases before it deletes data. So what was read
//! before an invalidation is not stored after it, in whichever process it was computed.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use tokio::time::Instant;
use tracing::{Instrument, Span};

use super::ask::Question;
use super::clearance::Clearance;
use super::context::{Line, Subject, computing, line};
use super::flight::Seats;
use super::single_flight::Pilot;
use super::waits::Course;
use super::{Compute, Found, Landing};
use crate::server::error::CacheError;
use crate::server::l1::{Held, Sample};
use crate::server::service::{Inner, count};
use crate::server::store::LeaseToken;
use crate::server::telemetry::spans;

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
    pub(super) inner: Arc<Inner>,
    pub(super) question: Question,
    pub(super) purpose: Purpose,
    pub(super) pilot: Pilot<Landing>,
    /// Whether it is one of many that share a compute. Then it has no turn of its own, and waits for no other process:
    /// two batches that each hold what the other waits for would wait until the leases run out.
    pub(super) in_batch: bool,
    /// What the one who asked computes, if it was a compute.
    pub(super) asked_by: Option<Arc<Line>>,
    /// How its key stood when its compute began.
    begun: OnceLock<Sample>,
    /// The lease while it is ours.
    lease: Mutex<Option<LeaseToken>>,
}

/// How a flight ends.
pub(super) struct Flown {
    pub(super) landing: Option<Landing>,
    pub(super) good_for: Seats,
}

impl Task {
    pub(crate) fn new(
        inner: Arc<Inner>,
        question: Question,
        purpose: Purpose,
        pilot: Pilot<Landing>,
    ) -> Self {
        let (asked_by, begun, lease) = (line(), OnceLock::new(), Mutex::new(None));
        Self { inner, question, purpose, pilot, in_batch: false, asked_by, begun, lease }
    }

    /// One of a batch.
    pub(super) fn in_batch(self) -> Self {
        Self { in_batch: true, ..self }
    }

    pub(super) fn travel_in(&self, span: &Span) {
        self.pilot.travel_in(span);
    }

    pub(super) fn course(&self) -> &Arc<Course> {
        self.pilot.flight().course()
    }

    pub(super) fn is_of(&self, key: &str) -> bool {
        self.question.key == key
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
        if let (false, Some(span)) = (self.in_batch, self.pilot.span()) {
            flown.tell(span);
        }
        self.pilot.land(flown.landing, flown.good_for);
    }

    async fn fly(&self, compute: Compute) -> Flown {
        let cleared = self.clear().await;
        let is_answered = cleared.is_answered();
        let (turn, token) = match cleared {
            Clearance::Leased(turn, token) => (turn, Some(token)),
            Clearance::Unleased(turn) | Clearance::Unanswered(turn) => (turn, None),
            Clearance::Done(flown) => return flown,
        };
        let good_for = self.begin(is_answered);
        let computed = self.compute(compute).await;
        drop(turn);
        match computed {
            Ok((json, ttl)) => self.keep(json, ttl, token, good_for).await,
            Err(error) => Flown::failed(error),
        }
    }

    /// The compute begins now. The seats that it is good for, unless it is stored: of those who asked before.
    pub(super) fn begin(&self, is_answered: bool) -> Seats {
        // Begun once, and before anything is read that an invalidation could overtake.
        let _ = self.begun.set(self.inner.l1.fence.sample(&self.question.key));
        let asked_before = self.pilot.begin();
        if is_answered { asked_before } else { asked_before.and_unanswered() }
    }

    /// Whether this process knows of an invalidation since its compute began.
    pub(super) fn is_overtaken(&self) -> bool {
        let held = |begun: &Sample| self.inner.l1.fence.holds(&self.question.key, *begun);
        self.pilot.is_voided() || !self.begun.get().is_none_or(held)
    }

    /// The JSON of what the caller's compute returns, and what it said of its life.
    async fn compute(&self, compute: Compute) -> Result<(Bytes, Option<Duration>), CacheError> {
        self.count_compute();
        let (family, began) = (&self.question.family, Instant::now());
        let span = spans::compute(family, 1);
        let (place, keys) = (self.inner.place.clone(), vec![self.question.key.clone()]);
        let (subject, asked_by) = (Subject { place, keys }, self.asked_by.clone());
        let flight = [self.course()];
        let computing = computing(subject, asked_by, flight, async { compute().await });
        let (computed, said) = computing.instrument(span.clone()).await;
        let took = began.elapsed();
        family.computed_in(took);
        family.compute_seconds.record(took);
        if let Err(error) = &computed {
            spans::failed(&span, error.code());
        }
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

    pub(super) fn hold_lease(&self, token: LeaseToken) {
        *self.lease.lock().unwrap_or_else(PoisonError::into_inner) = Some(token);
    }

    pub(super) fn take_lease(&self) -> Option<LeaseToken> {
        self.lease.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Flown {
    /// Without an answer: its passengers ask again.
    pub(super) const GIVEN_UP: Self = Self { landing: None, good_for: Seats::ALL };

    pub(super) fn found(held: Arc<Held>, good_for: Seats) -> Self {
        Self { landing: Some(Ok(Found::hit(held, false))), good_for }
    }

    pub(super) fn failed(error: CacheError) -> Self {
        Self { landing: Some(Err(error)), good_for: Seats::ALL }
    }
}
