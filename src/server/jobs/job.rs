//! What a job is.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::server::{BoxError, CacheService};

/// What a job's run returns: what it has to report, as JSON.
pub type JobReport = Result<Value, BoxError>;

/// What [`Job::run`] returns.
pub type JobFuture<'a> = Pin<Box<dyn Future<Output = JobReport> + Send + 'a>>;

/// Something to be done now and then by one node.
pub trait Job: Send + Sync + 'static {
    /// Its name, unique among the jobs: what its journal is filed under, on every node.
    fn name(&self) -> &str;

    /// When it is run unless somebody says otherwise: a cron expression of five fields, in UTC.
    fn schedule(&self) -> &str;

    /// How long a run may take. Then it is told to stop, and soon after it is stopped.
    fn max_time(&self) -> Duration {
        Duration::from_secs(300)
    }

    /// Whether it is run by each node for itself while the store does not answer. Nobody can know then whether
    /// another node runs it too, so only what does no harm twice.
    fn runs_without_store(&self) -> bool {
        false
    }

    /// Whether it is also run once when a node starts, unless another node is at it just then.
    fn at_start(&self) -> bool {
        false
    }

    /// Does it.
    ///
    /// # Errors
    /// Whatever went wrong. It is written down, and the next tick tries again.
    fn run<'a>(&'a self, context: &'a JobContext) -> JobFuture<'a>;
}

/// How far a job has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct JobProgress {
    /// The steps that are done with, in whatever way.
    pub done: usize,
    /// All steps; 0 while they are not counted yet, and for a job that has no steps.
    pub total: usize,
    /// Those that went wrong.
    pub failed: usize,
}

/// What a job has to work with.
#[derive(Clone, Debug)]
pub struct JobContext {
    cache: CacheService,
    stop: CancellationToken,
    progress: Progress,
}

/// How far a job has come, while it is being run.
pub(super) type Progress = Arc<Mutex<Option<JobProgress>>>;

impl JobContext {
    /// For running a job by hand, outside of [`Jobs`](super::Jobs): it stops when `stop` is cancelled.
    #[must_use]
    pub fn new(cache: CacheService, stop: CancellationToken) -> Self {
        Self::told(cache, stop, Progress::default())
    }

    pub(super) const fn told(
        cache: CacheService,
        stop: CancellationToken,
        progress: Progress,
    ) -> Self {
        Self { cache, stop, progress }
    }

    /// Says how far the job has come, to who looks at it meanwhile.
    pub fn progress(&self, progress: JobProgress) {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner) = Some(progress);
    }

    /// The cache.
    #[must_use]
    pub const fn cache(&self) -> &CacheService {
        &self.cache
    }

    /// Whether it is time to stop: its time is over, or the server shuts down. A job looks here between two steps,
    /// and returns what it has.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Comes when it is time to stop.
    pub async fn stopped(&self) {
        self.stop.cancelled().await;
    }
}
