//! Computes many keys, a few computes at a time, and none in vain: while the store is down it waits.
//!
//! - `task`: keys and their compute; `outage`: one task from beginning to end; `report`: what came of all of them.

mod outage;
mod report;
mod task;

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use self::outage::Outage;
use super::{JobContext, JobProgress};
use crate::server::Lookup;
use crate::server::ttl::Ttl;

pub use report::{FillReport, KeyFailure};
pub(super) use task::Task;

/// Told after each compute.
pub(super) type OnProgress = Arc<dyn Fn(&JobProgress) + Send + Sync>;

/// How keys are filled.
#[derive(Clone)]
pub(super) struct Filler {
    pub(super) concurrency: usize,
    pub(super) budget: Duration,
    pub(super) lookup: Lookup,
    pub(super) on_progress: Option<OnProgress>,
}

impl Filler {
    pub(super) const fn new(lookup: Lookup) -> Self {
        Self { concurrency: 4, budget: Duration::from_secs(30), lookup, on_progress: None }
    }

    /// What a job that fills may take: its budget, and a moment to count what came of it.
    pub(super) fn max_time(&self) -> Duration {
        self.budget.saturating_add(Duration::from_secs(1))
    }

    /// Fills `tasks` in their order. When the budget is used up or it is time to stop, nothing more is begun; a compute
    /// that has been begun ends in its own time, and is stored.
    pub(super) async fn fill(&self, context: &JobContext, tasks: Vec<Task>) -> FillReport {
        let started = Instant::now();
        let end = started + Ttl::cut(self.budget);
        let total = tasks.iter().map(Task::len).sum();
        let mut report = FillReport { total, ..FillReport::default() };
        let outage = Arc::new(Outage::default());
        let mut waiting = VecDeque::from(tasks);
        let mut running = JoinSet::new();
        self.tell(context, &report);
        loop {
            while running.len() < self.concurrency.max(1)
                && let Some(task) = waiting.pop_front()
            {
                let (cache, lookup, outage) =
                    (context.cache().clone(), self.lookup, outage.clone());
                running.spawn(async move {
                    let filled = outage.outlast(&cache, lookup, &task).await;
                    (task, filled)
                });
            }
            let ended = tokio::select! {
                ended = running.join_next() => ended,
                () = sleep_until(end) => break,
                () = context.stopped() => break,
            };
            match ended {
                Some(Ok((task, filled))) => {
                    for (place, filled) in filled.into_iter().enumerate() {
                        report.count(task.name(place), filled);
                    }
                }
                // A compute that panics is the cache's to catch; nothing of ours does.
                Some(Err(_)) => report.failed += 1,
                None => break,
            }
            self.tell(context, &report);
        }
        report.unreached = total.saturating_sub(report.done());
        report.pauses = outage.pauses.load(Relaxed);
        report.paused_ms = outage.paused_ms.load(Relaxed);
        report.took_ms = millis(started.elapsed());
        report
    }

    fn tell(&self, context: &JobContext, report: &FillReport) {
        let progress =
            JobProgress { done: report.done(), total: report.total, failed: report.wrong() };
        context.progress(progress);
        if let Some(on_progress) = &self.on_progress {
            on_progress(&progress);
        }
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

impl fmt::Debug for Filler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Filler")
            .field("concurrency", &self.concurrency)
            .field("budget", &self.budget)
            .field("lookup", &self.lookup)
            .finish_non_exhaustive()
    }
}
