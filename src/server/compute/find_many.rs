//! The way of many questions: one look into the store for all, one compute for what is missing.

use std::sync::Arc;

use futures_util::future::join_all;
use tokio::time::{Instant, timeout_at};
use tracing::Instrument;

use super::ask::Question;
use super::batch::{Batch, ManyCompute};
use super::context::{Standing, is_computing, standing};
use super::flight::Arrival;
use super::look::{Here, Look};
use super::task::{Purpose, Task};
use super::{Found, Lookup};
use crate::server::error::CacheError;
use crate::server::l1::Held;
use crate::server::service::{Inner, WhenDown};

/// How often what others were to compute is asked for again.
const ROUNDS: usize = 4;

/// One key of many, and how far it has come.
struct Wanted {
    question: Question,
    /// What may be served if nothing better comes.
    stale: Option<Arc<Held>>,
    purpose: Option<Purpose>,
    answer: Option<Found>,
}

impl Inner {
    pub(super) async fn find_many(
        self: &Arc<Self>,
        questions: Vec<Question>,
        lookup: Lookup,
        compute: impl Fn() -> ManyCompute,
    ) -> Result<Vec<Option<Found>>, CacheError> {
        let Some(first) = questions.first() else { return Ok(Vec::new()) };
        let deadline = Instant::now() + first.family.policy.hard_timeout;
        let unasked = |question| Wanted { question, stale: None, purpose: None, answer: None };
        let mut all: Vec<_> = questions.into_iter().map(unasked).collect();
        let mut open: Vec<usize> = (0..all.len()).collect();
        for round in 0..ROUNDS {
            self.look_many(&mut all, &open, lookup).await?;
            open.retain(|place| all[*place].answer.is_none());
            open = self.compute_many(&mut all, open, lookup, &compute, round > 0, deadline).await?;
            if open.is_empty() {
                break;
            }
        }
        // What others gave up again and again is not there; or stale, which is better.
        for wanted in &mut all {
            if let (None, Some(held)) = (&wanted.answer, wanted.stale.take()) {
                wanted.answer = Some(Found::stale(held));
            }
            let Question { family, lookup, .. } = &wanted.question;
            self.count_found(family, *lookup, wanted.answer.as_ref());
        }
        Ok(all.into_iter().map(|wanted| wanted.answer).collect())
    }

    /// Looks for the open ones here and, in one round trip, in the store; says of the rest what their compute is for.
    async fn look_many(
        &self,
        all: &mut [Wanted],
        open: &[usize],
        lookup: Lookup,
    ) -> Result<(), CacheError> {
        let purpose = match lookup {
            Lookup::Use => None,
            Lookup::Refresh => Some(Purpose::Anew),
            Lookup::Skip => Some(Purpose::Unstored),
        };
        if let Some(purpose) = purpose {
            for place in open {
                all[*place].purpose = Some(purpose.clone());
            }
            return Ok(());
        }
        let mut absent = Vec::new();
        for &place in open {
            let wanted = &mut all[place];
            match self.here(&wanted.question.key, lookup) {
                Here::Fresh(held) | Here::Due(held) if (wanted.question.readable)(&held) => {
                    wanted.answer = Some(Found::hit(held, true));
                }
                _ => absent.push(place),
            }
        }
        if absent.is_empty() {
            return Ok(());
        }
        let asked: Vec<_> = absent.iter().map(|place| &all[*place].question).collect();
        let asked: Vec<_> = asked.iter().map(|of| (of.key.as_str(), &of.family)).collect();
        match self.read_many(&asked).await {
            Ok(read) => {
                for (&place, held) in absent.iter().zip(read) {
                    let wanted = &mut all[place];
                    match self.judge(wanted.question.sought(), held) {
                        Look::Fresh(found) | Look::Due(found) => wanted.answer = Some(found),
                        Look::Old(held) if self.failures.rests(&wanted.question.key) => {
                            wanted.answer = Some(Found::stale(held));
                        }
                        Look::Old(held) => {
                            wanted.stale = Some(held.clone());
                            wanted.purpose = Some(Purpose::Refresh(held));
                        }
                        Look::Missing { replace } => {
                            if let Some(error) = self.failures.answer(&wanted.question.key) {
                                return Err(error);
                            }
                            wanted.purpose = Some(Purpose::Fill { replace });
                        }
                        Look::Down(error) => return Err(error),
                    }
                }
            }
            Err(error) => {
                for place in absent {
                    let wanted = &mut all[place];
                    let held = self.l1.get_unarmed(&wanted.question.key);
                    let held = held.filter(|held| held.may_be_kept(Instant::now()));
                    match (wanted.question.family.policy.when_down, held) {
                        (WhenDown::Fail, _) => return Err(error),
                        (WhenDown::Stale, Some(held)) => {
                            wanted.answer = Some(Found::stale(held));
                        }
                        _ => wanted.purpose = Some(Purpose::StoreDown),
                    }
                }
            }
        }
        Ok(())
    }

    /// Has the open ones computed, here or by whoever is at it; those that are still open after it.
    async fn compute_many(
        self: &Arc<Self>,
        all: &mut [Wanted],
        open: Vec<usize>,
        lookup: Lookup,
        compute: impl Fn() -> ManyCompute,
        again: bool,
        deadline: Instant,
    ) -> Result<Vec<usize>, CacheError> {
        if is_computing()
            && let Some(own) = open
                .iter()
                .map(|place| &all[*place].question.key)
                .find(|key| standing(&self.place, key) != Standing::Free)
        {
            // A compute that wants what it computes itself would wait for its own end.
            return Err(CacheError::ComputeCircle { key: own.clone() });
        }
        let mut waits = Vec::with_capacity(open.len());
        let mut tasks = Vec::new();
        for place in open {
            let wanted = &mut all[place];
            let Question { key, .. } = &wanted.question;
            let Some(mut purpose) = wanted.purpose.take() else { continue };
            let (mut pilot, mut ticket) = match lookup {
                Lookup::Use => self.flights.board(key),
                Lookup::Refresh => self.flights.overtake(key),
                // Nobody finds it, so who names the key twice is told.
                Lookup::Skip => match tasks.iter().find(|(_, task): &&(_, Task)| task.is_of(key)) {
                    Some((_, twin)) => (None, twin.pilot.board()),
                    None => self.flights.apart(key),
                },
            };
            let mut waiting = ticket.wait();
            if waiting.is_err() {
                // Its compute, another's, waits for this one: it is computed here too, for whoever asks here.
                (pilot, ticket) = self.flights.apart(key);
                purpose = Purpose::Unstored;
                waiting = ticket.wait();
            }
            let Ok(waiting) = waiting else {
                return Err(CacheError::ComputeCircle { key: key.clone() });
            };
            let is_answered = !matches!(purpose, Purpose::StoreDown);
            if let Some(pilot) = pilot {
                let task = Task::new(self.clone(), wanted.question.clone(), purpose, pilot);
                tasks.push((place, task.in_batch()));
            }
            if is_computing() {
                ticket.hurry();
            }
            waits.push((place, if is_answered { ticket } else { ticket.unanswered() }, waiting));
        }
        let mut absent = Vec::new();
        let computing = (!tasks.is_empty()).then(|| {
            let batch = Batch { inner: self.clone(), tasks };
            let span = batch.span();
            self.tasks.spawn(batch.run(compute()).instrument(span))
        });
        let arrivals = waits.into_iter().map(|(place, ticket, waiting)| async move {
            let _waiting = waiting;
            let shared = ticket.is_shared();
            (place, shared, timeout_at(deadline, ticket.arrival(again)).await)
        });
        let arrivals = join_all(arrivals).await;
        let mut open = Vec::new();
        for (place, shared, arrival) in arrivals {
            let Wanted { question, stale, answer, .. } = &mut all[place];
            let error = match arrival {
                Ok(Arrival::Answer(Ok(found))) => {
                    *answer = Some(found.waited(shared));
                    continue;
                }
                Ok(Arrival::AskAgain) => {
                    open.push(place);
                    continue;
                }
                Ok(Arrival::Answer(Err(error))) => error,
                Ok(Arrival::Lost) => CacheError::ComputePanicked { key: question.key.clone() },
                Err(_) => self.too_slow(question),
            };
            match stale.take() {
                Some(held) => *answer = Some(Found::stale(held)),
                None => return Err(error),
            }
        }
        if let Some(computing) = computing
            && !open.is_empty()
        {
            // It has landed every flight, so this is over in a moment; or it takes longer than anybody waits.
            let ended = timeout_at(deadline, computing).await;
            absent = ended.ok().and_then(Result::ok).unwrap_or_default();
        }
        // There is no value for these, whoever else wants them.
        open.retain(|place| !absent.contains(place));
        for place in absent {
            all[place].stale = None;
        }
        Ok(open)
    }
}
