//! What has to be done now and then: on a schedule, by one node.
//!
//! [`Jobs`] takes jobs and starts them. A tick of a job is run by one node of all that share the store: whoever gets
//! the lease of the job's journal, which says when it was run last. So a tick that was missed, because no node was up
//! or the store was away, is run once when that is over; and a job never runs twice at a time.
//!
//! | Job | When (UTC) | What |
//! |---|---|---|
//! | [`Cleanup`] | daily at 04:00 | removes keys of the schema's families that live for ever |
//! | [`HealthCheck`] | every 15 minutes | ping, hit rate, memory, evictions against thresholds |
//! | [`Refresh`] | hourly at :30 | computes the registered hot keys anew |
//! | [`Warmup`] | every 6 hours; at the start too if it is told | computes what is missing, the most important first |
//!
//! # Layout
//!
//! - `job`: what a job is; `schedule`: when; `clock`: the wall clock, which tests turn by hand.
//! - `journal`: what the store keeps of a job; `runner`: one job on one node, with `claim` (the right to run it) and
//!   `execute` (a run), and `progress` and `counts` for who watches; `scheduler`, `running`: all of them, before and after they are started.
//! - `fill`: computing many keys, few at a time, pausing while the store is down: what [`Refresh`] and [`Warmup`] share.

mod claim;
mod cleanup;
mod clock;
mod counts;
mod error;
mod execute;
mod fill;
mod health;
mod job;
mod journal;
mod progress;
mod refresh;
mod runner;
mod running;
mod schedule;
mod scheduler;
mod warmup;

pub use cleanup::{Cleanup, CleanupReport};
pub use clock::{SystemClock, WallClock};
pub use counts::JobStats;
pub use error::JobError;
pub use fill::{FillReport, KeyFailure};
pub use health::{Finding, HealthCheck, HealthReport, Thresholds};
pub use job::{Job, JobContext, JobFuture, JobReport};
pub use journal::{JobOutcome, JobRun};
pub use progress::JobProgress;
pub use refresh::{HotKeys, Refresh};
pub use running::{JobsHandle, RunningJobs};
pub use schedule::Schedule;
pub use scheduler::Jobs;
pub use warmup::{Priority, Warmup};

pub(super) use counts::JobsCounts;

use super::CacheService;
use super::store::Store;

impl CacheService {
    /// Where the journals are, and what the jobs look at.
    pub(in crate::server) fn store(&self) -> &dyn Store {
        &*self.inner.store
    }
}
