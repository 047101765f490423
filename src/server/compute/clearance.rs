//! Before a compute: a turn, and the lease.
//!
//! In this order, so that no lease runs out in the queue.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, sleep};

use super::ask::Question;
use super::backoff::Backoff;
use super::task::{Flown, Purpose, Task};
use crate::server::l1::{Held, State};
use crate::server::service::Opened;
use crate::server::store::{LeaseFor, LeaseToken, Leased, StoreErrorKind};

/// A refresh that another process is at is not tried again for so long: its value comes meanwhile.
const OTHERS_ARE_AT_IT: Duration = Duration::from_millis(250);

/// A value in the store counts as newer than ours when it lives longer by more than what the clock and the way there
/// can explain.
const NEWER_BY: Duration = Duration::from_millis(200);

/// What the wish for a lease ended with.
pub(super) enum Clearance {
    /// The lease is ours.
    Leased(Turn, LeaseToken),
    /// There is none to be had; what is computed is not stored.
    Unleased(Turn),
    /// The same because the store does not answer.
    Unanswered(Turn),
    /// No compute is needed.
    Done(Flown),
}

impl Clearance {
    /// Whether the store had a part in it.
    pub(super) const fn is_answered(&self) -> bool {
        !matches!(self, Self::Unanswered(_))
    }
}

/// One of the computes that may run at once; none for a compute that another compute waits for.
pub(super) type Turn = Option<OwnedSemaphorePermit>;

impl Task {
    /// Whether to compute, and whether what is computed may be stored.
    pub(super) async fn clear(&self) -> Clearance {
        match &self.purpose {
            Purpose::Fill { replace: false } => self.clearance(LeaseFor::Missing).await,
            Purpose::Fill { replace: true } | Purpose::Refresh(_) => {
                self.clearance(LeaseFor::Refresh).await
            }
            Purpose::Anew => self.clearance(LeaseFor::Overtake).await,
            Purpose::Unstored => Clearance::Unleased(self.turn().await),
            Purpose::StoreDown => Clearance::Unanswered(self.turn().await),
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
                            inner.l1.insert(&held, sample);
                            return Clearance::Done(Flown::found(held, seats));
                        }
                        // Unreadable, or past its time.
                        _ => what = LeaseFor::Refresh,
                    }
                }
                Ok(Leased::Held) => {
                    if self.in_batch {
                        return Clearance::Unleased(turn);
                    }
                    drop(turn);
                    if let Purpose::Refresh(_) = self.purpose {
                        inner.failures.note(key, None, OTHERS_ARE_AT_IT);
                        return Clearance::Done(Flown::GIVEN_UP);
                    }
                    if Instant::now() >= deadline {
                        return Clearance::Unleased(self.turn().await);
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
                    return Clearance::Unanswered(turn);
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
}
