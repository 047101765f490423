//! After a compute: its answer goes into the store, if it may.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::ask::Question;
use super::flight::Seats;
use super::task::{Flown, Purpose, Task};
use super::{Found, Source};
use crate::server::l1::Held;
use crate::server::service::{Sealed, count};
use crate::server::store::{LeaseToken, Record};
use crate::server::ttl::Ttl;

impl Task {
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
                // An invalidation that could not void the lease waits to be carried out, and drops nothing here then.
                let is_overtaken = self.is_overtaken();
                let kept = match (&flown.landing, inner.l1.fence.end_write(key, writing)) {
                    (Some(Ok(found)), Some(sample)) if !is_overtaken => {
                        inner.l1.insert(&found.held, sample)
                    }
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
            Err(_) => {
                let flown = self.computed(json, ttl.duration(), good_for.and_unanswered());
                // It may be there all the same, and is newer than what is here.
                inner.l1.drop_key(key);
                flown
            }
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

    /// An answer that is not in the store, so that nobody could void it there.
    fn computed(&self, json: Bytes, fresh: Duration, good_for: Seats) -> Flown {
        let fresh = if self.is_overtaken() { Duration::ZERO } else { fresh };
        self.computed_since(Instant::now(), json, fresh, good_for)
    }

    fn computed_since(
        &self,
        since: Instant,
        json: Bytes,
        fresh: Duration,
        good_for: Seats,
    ) -> Flown {
        let Question { key, family, .. } = &self.question;
        let fresh = if self.pilot.is_voided() { Duration::ZERO } else { fresh };
        let held = Held::new(key, json, family.clone(), since, fresh, family.policy.stale);
        Flown {
            landing: Some(Ok(Found {
                held: Arc::new(held),
                source: Source::Miss,
                in_process: false,
                waited: false,
            })),
            good_for,
        }
    }
}
