//! A run of a job: in its time, or told to stop.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tracing::{Instrument, Span};

use super::JobContext;
use super::journal::{JobOutcome, JobRun};
use super::progress::UnderWay;
use super::runner::Runner;
use crate::server::telemetry::spans;

/// What a job that is told to stop gets to end by itself.
pub(super) const GRACE: Duration = Duration::from_secs(5);

impl Runner {
    /// Runs the job; and whether it came to an end of its own, good or bad.
    pub(super) async fn execute(
        &self,
        tick: Option<Timestamp>,
        stop: &CancellationToken,
        seen: &UnderWay<'_>,
    ) -> (JobRun, bool) {
        let (started, clock) = (self.clock.now(), Instant::now());
        // No child of `stop`: a job that is told to stop and does would look as if it had come to its end.
        let own = CancellationToken::new();
        let context = JobContext::told(self.cache.clone(), own.clone(), seen.steps.clone());
        let job = self.job.clone();
        let span = spans::job(job.name());
        // A task of its own, so that a panic ends nothing else; it ends with us.
        let running = async move { job.run(&context).await }.instrument(span.clone());
        let mut task = AbortOnDropHandle::new(tokio::spawn(running));
        let mut ended = tokio::select! {
            ended = &mut task => Some(ended),
            () = sleep(self.job.max_time()) => None,
            () = stop.cancelled() => None,
        };
        let in_time = ended.is_some();
        if !in_time {
            own.cancel();
            ended = timeout(GRACE, &mut task).await.ok();
        }
        let (outcome, report) = match ended {
            Some(Ok(Ok(report))) if in_time => (JobOutcome::Done, report),
            Some(Ok(Err(error))) if in_time => failed(error.to_string()),
            Some(Err(_)) if in_time => failed("it panicked".to_owned()),
            // Told to stop, it may still have a report of what it has done.
            late => {
                let report = late.and_then(Result::ok).and_then(Result::ok).unwrap_or_default();
                let stopped = stop.is_cancelled();
                (if stopped { JobOutcome::Stopped } else { JobOutcome::TimedOut }, report)
            }
        };
        let took = clock.elapsed();
        trace(&span, &outcome);
        self.counts.ran(&outcome, took, self.clock.now());
        match &outcome {
            JobOutcome::Done => tracing::info!(job = self.job.name(), ?took, "a job was done"),
            other => {
                tracing::warn!(job = self.job.name(), ?took, outcome = ?other, "a job was not done")
            }
        }
        let finished = outcome != JobOutcome::Stopped;
        let run = JobRun {
            job: self.job.name().to_owned(),
            tick,
            started,
            took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            node: self.node.clone(),
            outcome,
            report,
        };
        (run, finished)
    }
}

fn trace(span: &Span, outcome: &JobOutcome) {
    match outcome {
        JobOutcome::Done => spans::ended(span, "done"),
        JobOutcome::Stopped => spans::ended(span, "stopped"),
        JobOutcome::Failed { .. } => spans::failed(span, "failed"),
        JobOutcome::TimedOut => spans::failed(span, "timed_out"),
    }
}

fn failed(error: String) -> (JobOutcome, Value) {
    (JobOutcome::Failed { error }, Value::Null)
}
