//! What a job is.

use std::pin::Pin;
use std::time::Duration;

use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::progress::{JobProgress, Steps};
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

/// What a job has to work with.
#[derive(Clone, Debug)]
pub struct JobContext {
    cache: CacheService,
    stop: CancellationToken,
    steps: Steps,
}

impl JobContext {
    /// For running a job by hand, outside of [`Jobs`](super::Jobs): it stops when `stop` is cancelled.
    #[must_use]
    pub fn new(cache: CacheService, stop: CancellationToken) -> Self {
        Self::told(cache, stop, Steps::default())
    }

    pub(super) const fn told(cache: CacheService, stop: CancellationToken, steps: Steps) -> Self {
        Self { cache, stop, steps }
    }

    /// Says how far the job has come, to who looks at it meanwhile.
    pub fn progress(&self, progress: JobProgress) {
        self.steps.say(progress);
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
