//! What is counted of a node's jobs. The history is the store's and all nodes'; this is for who watches one node.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use super::journal::{JobOutcome, JobRun};
use crate::server::telemetry::histogram::Histogram;
use crate::server::telemetry::times;

/// What a node has done of one job since it started.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct JobStats {
    /// The job's name.
    pub job: String,
    /// Runs that came to their end.
    pub done: u64,
    /// Runs that failed or panicked.
    pub failed: u64,
    /// Runs that took longer than they may.
    pub timed_out: u64,
    /// Runs that a shutdown ended.
    pub stopped: u64,
    /// Ticks that no node had run when the next one was due: all that were missed cost one run. Counted by the node that
    /// makes it.
    pub missed: u64,
    /// When a run on any node last came to its end, as far as this node knows, in seconds since 1970.
    pub last_done: Option<f64>,
}

/// Counts one job.
#[derive(Debug)]
pub(in crate::server) struct JobCounts {
    job: String,
    done: AtomicU64,
    failed: AtomicU64,
    timed_out: AtomicU64,
    stopped: AtomicU64,
    missed: AtomicU64,
    /// In milliseconds since 1970; 0 while it is not known.
    last_done: AtomicU64,
    pub(in crate::server) seconds: Histogram,
}

/// All jobs of a service.
#[derive(Debug, Default)]
pub(in crate::server) struct JobsCounts {
    jobs: Mutex<Vec<Arc<JobCounts>>>,
}

impl JobsCounts {
    /// The counts of the job of this name. Jobs that are put together anew go on with them.
    pub(super) fn of(&self, job: &str) -> Arc<JobCounts> {
        let mut jobs = self.lock();
        if let Some(known) = jobs.iter().find(|known| known.job == job) {
            return known.clone();
        }
        let counts = Arc::new(JobCounts::new(job));
        jobs.push(counts.clone());
        counts
    }

    pub(in crate::server) fn all(&self) -> Vec<Arc<JobCounts>> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<JobCounts>>> {
        // Nothing panics under the lock.
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl JobCounts {
    fn new(job: &str) -> Self {
        Self {
            job: job.to_owned(),
            done: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            timed_out: AtomicU64::new(0),
            stopped: AtomicU64::new(0),
            missed: AtomicU64::new(0),
            last_done: AtomicU64::new(0),
            seconds: times::of_jobs(job),
        }
    }

    pub(in crate::server) fn job(&self) -> &str {
        &self.job
    }

    /// A run has ended on this node, `now`.
    pub(super) fn ran(&self, outcome: &JobOutcome, took: Duration, now: Timestamp) {
        let counter = match outcome {
            JobOutcome::Done => &self.done,
            JobOutcome::Failed { .. } => &self.failed,
            JobOutcome::TimedOut => &self.timed_out,
            JobOutcome::Stopped => &self.stopped,
        };
        counter.fetch_add(1, Relaxed);
        self.seconds.record(took);
        if *outcome == JobOutcome::Done {
            self.done_at(now.as_millisecond());
        }
    }

    /// What a journal says of other nodes, and of this one before it was started.
    pub(super) fn read(&self, runs: &[JobRun]) {
        let done = runs.iter().filter(|run| run.outcome == JobOutcome::Done);
        let ends = done.map(|run| {
            let took = i64::try_from(run.took_ms).unwrap_or(i64::MAX);
            run.started.as_millisecond().saturating_add(took)
        });
        if let Some(last) = ends.max() {
            self.done_at(last);
        }
    }

    pub(super) fn missed(&self, ticks: u64) {
        self.missed.fetch_add(ticks, Relaxed);
    }

    fn done_at(&self, millis: i64) {
        self.last_done.fetch_max(u64::try_from(millis).unwrap_or(0), Relaxed);
    }

    pub(in crate::server) fn stats(&self) -> JobStats {
        let last_done = self.last_done.load(Relaxed);
        JobStats {
            job: self.job.clone(),
            done: self.done.load(Relaxed),
            failed: self.failed.load(Relaxed),
            timed_out: self.timed_out.load(Relaxed),
            stopped: self.stopped.load(Relaxed),
            missed: self.missed.load(Relaxed),
            last_done: (last_done > 0).then(|| last_done as f64 / 1e3),
        }
    }
}
