//! One job on one node: is it due, may we ([`claim`](super::claim)), run it ([`execute`](super::execute)), write it down.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::counts::JobCounts;
use super::journal::{JobRun, Journal, Shelf};
use super::progress::Progress;
use super::{Job, JobError, Schedule, WallClock};
use crate::server::CacheService;
use crate::server::store::StoreError;

/// The longest sleep: after it the wall clock is looked at again. It may have been set, or the machine suspended.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// After another node was found at work, and after the store failed.
const TRY_AGAIN: Duration = Duration::from_secs(5);

/// A journal further ahead than this was written by a node whose clock is wrong, and is not waited for.
const FAR_AHEAD: SignedDuration = SignedDuration::from_hours(24);

pub(super) struct Runner {
    pub(super) job: Arc<dyn Job>,
    pub(super) schedule: Schedule,
    pub(super) shelf: Shelf,
    pub(super) cache: CacheService,
    pub(super) clock: Arc<dyn WallClock>,
    pub(super) node: String,
    pub(super) memory: Mutex<Memory>,
    /// Held for the first look, which takes the right to run and runs nothing: who wants to run waits for it.
    pub(super) looking: tokio::sync::Mutex<()>,
    pub(super) progress: Progress,
    pub(super) counts: Arc<JobCounts>,
}

/// What this node knows without asking the store.
#[derive(Default)]
pub(super) struct Memory {
    /// Ticks up to here are done with; unknown until the journal was read for the first time.
    pub(super) done: Option<Timestamp>,
    /// Runs that the store could not be told of yet.
    pub(super) untold: Vec<JobRun>,
}

/// What came of looking whether there is something to do.
#[derive(Debug, PartialEq)]
pub(super) enum Turn {
    /// Nothing was due.
    Idle,
    /// It was run here.
    Ran(Box<JobRun>),
    /// Another node is at it.
    Busy,
}

impl Runner {
    /// Runs every tick that comes, until `stop`.
    pub(super) async fn live(&self, stop: &CancellationToken) {
        if self.job.at_start() {
            self.start(stop).await;
        }
        while !stop.is_cancelled() {
            let wait = match self.turn(stop).await {
                Ok(Turn::Ran(_)) => Duration::ZERO,
                Ok(Turn::Idle) => self.until_next(),
                Ok(Turn::Busy) => TRY_AGAIN,
                Err(error) => {
                    tracing::warn!(job = self.job.name(), %error, "a job waits for the store");
                    TRY_AGAIN
                }
            };
            stop.run_until_cancelled(sleep(wait)).await;
        }
    }

    /// The run that a node starts with. None when another node is at it: what that does is done for all. A store that is
    /// away is waited for.
    async fn start(&self, stop: &CancellationToken) {
        while let Err(JobError::Store(error)) = self.by_hand(stop, || {}).await {
            tracing::warn!(job = self.job.name(), %error, "a job waits for the store");
            if stop.run_until_cancelled(sleep(TRY_AGAIN)).await.is_none() {
                return;
            }
        }
    }

    fn until_next(&self) -> Duration {
        let now = self.clock.now();
        let next = self.schedule.next_after(now).map(|next| next.duration_since(now));
        next.and_then(|wait| wait.try_into().ok()).map_or(LOOK_AGAIN, |wait| LOOK_AGAIN.min(wait))
    }

    /// Runs the job if a tick is due that nobody has run. However many were missed, it is run once.
    pub(super) async fn turn(&self, stop: &CancellationToken) -> Result<Turn, StoreError> {
        let now = self.clock.now();
        let Some(tick) = self.schedule.last_until(now) else { return Ok(Turn::Idle) };
        let turn = self.turn_with_store(tick, now, stop).await;
        match turn {
            Err(error) if self.job.runs_without_store() => {
                let job = self.job.name();
                // What was due before our time, another node may have run.
                let Some(done) = self.memory().done.replace(tick) else {
                    return Ok(Turn::Idle);
                };
                self.counts.missed(self.schedule.between(done, tick));
                tracing::warn!(job, %error, "the store does not answer; this node runs the job alone");
                let seen = self.progress.begin();
                let (run, _) = self.execute(Some(tick), stop, &seen).await;
                let mut memory = self.memory();
                memory.untold.push(run.clone());
                Journal::shorten(&mut memory.untold);
                Ok(Turn::Ran(Box::new(run)))
            }
            turn => turn,
        }
    }

    async fn turn_with_store(
        &self,
        tick: Timestamp,
        now: Timestamp,
        stop: &CancellationToken,
    ) -> Result<Turn, StoreError> {
        // What it did when its own clock was far ahead, it does not believe either.
        let known = believed(self.memory().done, now);
        let done = match known {
            Some(done) => done,
            None => match self.first_look(tick, now).await? {
                Some(done) => *self.memory().done.insert(done),
                None => return Ok(Turn::Busy),
            },
        };
        if tick <= done {
            return Ok(Turn::Idle);
        }
        let Some((claim, mut journal)) = self.claim().await? else { return Ok(Turn::Busy) };
        if believed(journal.last_tick, now) >= Some(tick) {
            claim.give_back().await;
            self.memory().done = Some(tick);
            return Ok(Turn::Idle);
        }
        let seen = self.progress.begin();
        let (run, finished) = self.execute(Some(tick), stop, &seen).await;
        if finished {
            if let Some(last) = believed(journal.last_tick, now) {
                self.counts.missed(self.schedule.between(last, tick));
            }
            journal.last_tick = Some(tick);
            self.memory().done = Some(tick);
        }
        self.close(claim, journal, Some(&run)).await;
        Ok(Turn::Ran(Box::new(run)))
    }

    /// The last tick that was run, by the journal. Where there is none nobody can tell what was missed: one is begun, and
    /// from here on it is known, by all nodes.
    async fn first_look(
        &self,
        tick: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let _looking = self.looking.lock().await;
        let journal = self.shelf.read(self.cache.store()).await?;
        self.counts.read(&journal.runs);
        if let Some(last) = believed(journal.last_tick, now) {
            return Ok(Some(last));
        }
        let Some((claim, mut journal)) = self.claim().await? else { return Ok(None) };
        let last = believed(journal.last_tick, now).unwrap_or(tick);
        journal.last_tick = Some(last);
        self.close(claim, journal, None).await;
        Ok(Some(last))
    }

    /// Runs the job now, whatever its schedule says. Its ticks are not touched. `begun` is called when nothing stands
    /// in its way any more.
    pub(super) async fn by_hand(
        &self,
        stop: &CancellationToken,
        begun: impl FnOnce(),
    ) -> Result<JobRun, JobError> {
        let looking = self.looking.lock().await;
        let claimed = self.claim().await?;
        drop(looking);
        let (claim, journal) = claimed.ok_or_else(|| JobError::Busy(self.job.name().to_owned()))?;
        // Before anybody is told that it has begun, and until it stands in the history: who sees no run finds its end there.
        let seen = self.progress.begin();
        begun();
        let (run, _) = self.execute(None, stop, &seen).await;
        self.close(claim, journal, Some(&run)).await;
        Ok(run)
    }

    /// The last runs on any node, the newest last.
    pub(super) async fn history(&self) -> Result<Vec<JobRun>, StoreError> {
        let mut journal = self.shelf.read(self.cache.store()).await?;
        journal.add_untold(self.memory().untold.iter().cloned());
        Ok(journal.runs)
    }

    pub(super) fn memory(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The last tick that was run, unless it is so far ahead that it cannot have been.
fn believed(last: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    last.filter(|last| last.duration_since(now) <= FAR_AHEAD)
}

#[cfg(test)]
mod tests;
