//! One compute for many keys: each has its own flight and its own lease, and they share the work.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::join_all;
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::time::Instant;
use tracing::{Instrument, Span};

use super::clearance::{Clearance, Turn};
use super::context::{Subject, computing};
use super::flight::Seats;
use super::task::{Flown, Task};
use crate::server::error::CacheError;
use crate::server::service::Inner;
use crate::server::store::LeaseToken;
use crate::server::telemetry::spans;

/// A caller's compute for many keys: of their places in its list, the JSON of each that there is.
pub(super) type ManyCompute = Box<dyn FnOnce(Vec<usize>) -> ManyFuture + Send>;
pub(super) type ManyFuture = Pin<Box<dyn Future<Output = Result<Computed, CacheError>> + Send>>;

/// By key.
pub(super) type Computed = HashMap<String, Result<Bytes, CacheError>>;

/// The computes of some keys on their way, in one task.
pub(super) struct Batch {
    pub(super) inner: Arc<Inner>,
    /// Each with its place in the caller's list.
    pub(super) tasks: Vec<(usize, Task)>,
}

impl Batch {
    /// What its keys' flights are traced as, all in one.
    pub(super) fn span(&self) -> Span {
        let Some((_, first)) = self.tasks.first() else { return Span::none() };
        let span = spans::flight(&first.question().family, "batch", true).or_current();
        self.tasks.iter().for_each(|(_, task)| task.travel_in(&span));
        span
    }

    /// Runs to the end; the places of the keys that have no value.
    pub(super) async fn run(self, compute: ManyCompute) -> Vec<usize> {
        let Self { inner, tasks } = self;
        let flying = AssertUnwindSafe(fly(&tasks, compute)).catch_unwind();
        let flown = match inner.stop.run_until_cancelled(flying).await {
            Some(Ok(flown)) => flown,
            ended => {
                let failed = |task: &Task| match ended {
                    Some(_) => CacheError::ComputePanicked { key: task.question().key.clone() },
                    None => CacheError::ShutDown { key: task.question().key.clone() },
                };
                tasks.iter().map(|(_, task)| Some(Flown::failed(failed(task)))).collect()
            }
        };
        let mut missing = Vec::new();
        let finished = tasks.into_iter().zip(flown).map(|((place, task), flown)| {
            if flown.is_none() {
                missing.push(place);
            }
            task.finish(flown.unwrap_or(Flown::GIVEN_UP))
        });
        join_all(finished).await;
        missing
    }
}

/// The one turn of all of them; none when somebody must not wait for it.
async fn turn_of(tasks: &[(usize, Task)]) -> Turn {
    let (_, first) = tasks.first()?;
    let permits = &first.question().family.permits;
    if let Ok(turn) = permits.clone().try_acquire_owned() {
        return Some(turn);
    }
    let urgent = tasks.iter().map(|(_, task)| task.pilot.flight().urgent.notified());
    let mut urgent: FuturesUnordered<_> = urgent.collect();
    tokio::select! {
        turn = permits.clone().acquire_owned() => turn.ok(),
        _ = urgent.next() => None,
    }
}

/// How each task's flight ends; `None` for a key that has no value.
async fn fly(tasks: &[(usize, Task)], compute: ManyCompute) -> Vec<Option<Flown>> {
    let Some((_, first)) = tasks.first() else { return Vec::new() };
    let turn = turn_of(tasks).await;
    // All leases at once: on one connection that is little more than one round trip.
    let cleared = join_all(tasks.iter().map(|(_, task)| task.clear())).await;
    let mut flown: Vec<Option<Flown>> = Vec::with_capacity(tasks.len());
    let mut wanted: Vec<(usize, Option<LeaseToken>, Seats)> = Vec::new();
    for (index, clearance) in cleared.into_iter().enumerate() {
        let is_answered = clearance.is_answered();
        let token = match clearance {
            Clearance::Done(found) => {
                flown.push(Some(found));
                continue;
            }
            Clearance::Leased(_, token) => Some(token),
            Clearance::Unleased(_) | Clearance::Unanswered(_) => None,
        };
        flown.push(None);
        let (_, task) = &tasks[index];
        task.count_compute();
        wanted.push((index, token, task.begin(is_answered)));
    }
    if wanted.is_empty() {
        return flown;
    }
    let began = Instant::now();
    let places = wanted.iter().map(|(index, ..)| tasks[*index].0).collect();
    let family = &first.question().family;
    let span = spans::compute(family, wanted.len());
    let keys = wanted.iter().map(|(index, ..)| tasks[*index].1.question().key.clone()).collect();
    let flights = wanted.iter().map(|(index, ..)| tasks[*index].1.course());
    let subject = Subject { place: first.inner.place.clone(), keys };
    let asked_by = first.asked_by.clone();
    let computing = computing(subject, asked_by, flights, async { compute(places).await });
    let (computed, said) = computing.instrument(span.clone()).await;
    drop(turn);
    let took = began.elapsed();
    family.compute_seconds.record(took);
    if let Err(error) = &computed {
        spans::failed(&span, error.code());
    }
    match computed {
        Ok(mut computed) => {
            let kept = wanted.into_iter().map(|(index, token, good_for)| {
                let (_, task) = &tasks[index];
                task.question().family.computed_in(took);
                let answer = computed.remove(&task.question().key);
                async move {
                    let flown = match answer? {
                        Ok(json) => task.keep(json, said.lives, token, good_for).await,
                        Err(error) => {
                            task.note_failure(&error, said.fails);
                            Flown::failed(error)
                        }
                    };
                    Some((index, flown))
                }
            });
            for (index, landed) in join_all(kept).await.into_iter().flatten() {
                flown[index] = Some(landed);
            }
        }
        Err(error) => {
            for (index, ..) in wanted {
                tasks[index].1.note_failure(&error, said.fails);
                flown[index] = Some(Flown::failed(error.clone()));
            }
        }
    }
    flown
}
