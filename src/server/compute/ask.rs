//! A question's way to its answer: what is at hand (`look`), or a compute of it.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout};
use tracing::Instrument;

use super::context::is_computing;
use super::flight::{Arrival, Ticket};
use super::look::{Here, Look, Sought};
use super::single_flight::Pilot;
use super::task::{Purpose, Task};
use super::unasked::is_unasked;
use super::{Compute, Found, Landing, Lookup, Source};
use crate::server::error::CacheError;
use crate::server::families::Family;
use crate::server::l1::Held;
use crate::server::service::{Inner, WhenDown, count};

/// What is asked, without its type.
#[derive(Clone)]
pub(crate) struct Question {
    pub(crate) key: String,
    pub(crate) family: Arc<Family>,
    /// How long a computed value lives.
    pub(crate) ttl: Duration,
    pub(crate) lookup: Lookup,
    /// Whether a value that was found reads as what is asked for.
    pub(crate) readable: fn(&Held) -> bool,
    /// See [`Sought::is_behind`].
    pub(crate) is_behind: bool,
}

impl Question {
    pub(super) fn sought(&self) -> Sought<'_> {
        let Self { key, family, readable, is_behind, .. } = self;
        Sought { key, family, readable: *readable, is_behind: *is_behind }
    }
}

/// How often a question is asked again at most, when those who were to answer it gave up.
const ATTEMPTS: usize = 8;

impl Inner {
    /// The answer to a question that was asked at `began`, and that the first `look`, if there was one, did not settle.
    pub(super) async fn answer(
        self: &Arc<Self>,
        question: Question,
        began: Instant,
        look: Option<Look>,
        compute: Compute,
    ) -> Landing {
        let compute = match self.answer_within(&question, compute).await {
            Ok(landing) => return landing,
            Err(compute) => compute,
        };
        let (pilot, ticket, purpose) = match (question.lookup, look) {
            (Lookup::Use, look) => return self.find(&question, began, look, compute).await,
            // Its answer must be newer than the question, so it joins nothing that has begun.
            (Lookup::Refresh, _) => {
                let (pilot, ticket) = self.flights.overtake(&question.key);
                (pilot, ticket, Purpose::Anew)
            }
            (Lookup::Skip, _) => {
                let (pilot, ticket) = self.flights.apart(&question.key);
                (pilot, ticket, Purpose::Unstored)
            }
        };
        let landing = self.compute_for(&question, pilot, ticket, purpose, compute).await;
        landing.map(|found| Found { source: Source::Bypass, ..found })
    }

    pub(super) fn count_found(&self, family: &Family, lookup: Lookup, found: Option<&Found>) {
        if is_unasked() {
            return;
        }
        let counters = &family.counters;
        count(match (lookup, found.map(|found| (found.source, found.in_process))) {
            (Lookup::Use, Some((Source::Hit, true))) => &counters.l1_hits,
            (Lookup::Use, Some((Source::Hit, false))) => &counters.l2_hits,
            (Lookup::Use, Some((Source::Stale, _))) => &counters.stale,
            (Lookup::Use, _) => &counters.misses,
            _ => &counters.bypasses,
        });
    }

    async fn find(
        self: &Arc<Self>,
        question: &Question,
        began: Instant,
        mut first: Option<Look>,
        compute: Compute,
    ) -> Landing {
        let Question { key, family, .. } = question;
        let policy = &family.policy;
        let deadline = began + policy.hard_timeout;
        let mut compute = Some(compute);
        for attempt in 0..ATTEMPTS {
            let look = match first.take() {
                Some(look) => look,
                None if question.is_behind => self.look(question.sought(), Here::Behind).await,
                None => self.look(question.sought(), self.here(key, Lookup::Use)).await,
            };
            let (pilot, ticket, purpose) = match look {
                Look::Fresh(found) => return Ok(found),
                Look::Due(found) => {
                    if let Some(compute) = compute {
                        self.refresh_early(question, &found.held, compute);
                    }
                    return Ok(found);
                }
                Look::Old(held) => {
                    return Ok(self.fresh_or_stale(question, held, compute, deadline).await);
                }
                Look::Missing { replace } => {
                    if let Some(error) = self.failures.answer(key) {
                        return Err(error);
                    }
                    let (pilot, ticket) = self.flights.board(key);
                    (pilot, ticket, Purpose::Fill { replace })
                }
                Look::Down(error) => match (policy.when_down, self.l1.get_unarmed(key)) {
                    (WhenDown::Fail, _) => return Err(error),
                    (WhenDown::Stale, Some(held)) if held.may_be_kept(Instant::now()) => {
                        return Ok(Found::stale(held));
                    }
                    _ => {
                        let (pilot, ticket) = self.flights.board(key);
                        // What has begun here may be older than what the caller has heard.
                        let ticket = if question.is_behind { ticket } else { ticket.unanswered() };
                        (pilot, ticket, Purpose::StoreDown)
                    }
                },
            };
            if let Some(pilot) = pilot
                && let Some(compute) = compute.take()
            {
                self.launch(question, pilot, purpose, compute);
            }
            if is_computing() {
                // A compute that waits for this one holds a turn that this one may be waiting for.
                ticket.hurry();
            }
            let Ok(_waiting) = ticket.wait() else {
                return self.answer_in_a_circle(question, compute).await;
            };
            let shared = ticket.is_shared();
            match tokio::time::timeout_at(deadline, ticket.arrival(attempt > 0)).await {
                Ok(Arrival::Answer(landing)) => {
                    return landing.map(|found| found.waited(shared));
                }
                Ok(Arrival::AskAgain) => {}
                Ok(Arrival::Lost) => return Err(CacheError::ComputePanicked { key: key.clone() }),
                Err(_) => return Err(self.too_slow(question)),
            }
            if compute.is_none() {
                // Our own flight gave up, which those that fill a gap never do.
                break;
            }
        }
        let compute = compute.ok_or_else(|| CacheError::ComputePanicked { key: key.clone() })?;
        let (pilot, ticket) = self.flights.apart(key);
        self.compute_for(question, pilot, ticket, Purpose::Unstored, compute).await
    }

    /// The answer of a flight that computes in any case.
    async fn compute_for(
        self: &Arc<Self>,
        question: &Question,
        pilot: Option<Pilot<Landing>>,
        ticket: Ticket<Landing>,
        purpose: Purpose,
        compute: Compute,
    ) -> Landing {
        let compute = match pilot {
            Some(pilot) => {
                self.launch(question, pilot, purpose, compute);
                None
            }
            None => Some(compute),
        };
        if is_computing() {
            ticket.hurry();
        }
        let Ok(_waiting) = ticket.wait() else {
            return self.answer_in_a_circle(question, compute).await;
        };
        let shared = ticket.is_shared();
        match timeout(question.family.policy.hard_timeout, ticket.arrival(true)).await {
            Ok(Arrival::Answer(landing)) => landing.map(|found| found.waited(shared)),
            Ok(Arrival::AskAgain | Arrival::Lost) => {
                Err(CacheError::ComputePanicked { key: question.key.clone() })
            }
            Err(_) => Err(self.too_slow(question)),
        }
    }

    pub(super) fn launch(
        self: &Arc<Self>,
        question: &Question,
        pilot: Pilot<Landing>,
        purpose: Purpose,
        compute: Compute,
    ) {
        let span = purpose.span(&question.family);
        pilot.travel_in(&span);
        let task = Task::new(self.clone(), question.clone(), purpose, pilot);
        self.tasks.spawn(task.run(compute).instrument(span));
    }

    pub(super) fn too_slow(&self, question: &Question) -> CacheError {
        let waited = question.family.policy.hard_timeout;
        CacheError::ComputeTimeout { key: question.key.clone(), waited }
    }
}
