//! Jobs that run: what looks at them, runs one by hand, and ends them.

use std::fmt;
use std::sync::Arc;

use tokio::sync::oneshot;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use super::journal::JobRun;
use super::runner::Runner;
use super::{JobError, JobProgress};

/// Jobs that are run when they are due. They end when this is dropped; [`RunningJobs::stop`] waits for it.
pub struct RunningJobs {
    handle: JobsHandle,
    _ends: DropGuard,
}

impl RunningJobs {
    pub(super) fn new(handle: JobsHandle) -> Self {
        Self { _ends: handle.stop.clone().drop_guard(), handle }
    }

    /// What looks at them and runs them by hand: for [`Routes::jobs`](crate::server::http::Routes::jobs).
    #[must_use]
    pub fn handle(&self) -> JobsHandle {
        self.handle.clone()
    }

    /// Tells those that are being run to stop and waits for them, five seconds and what the store needs at most. Another
    /// node, or this one when it is up again, runs a tick that did not come to its end.
    pub async fn stop(self) {
        self.handle.stop.cancel();
        self.handle.tasks.wait().await;
    }
}

impl std::ops::Deref for RunningJobs {
    type Target = JobsHandle;

    fn deref(&self) -> &JobsHandle {
        &self.handle
    }
}

/// Looks at jobs and runs them by hand, as long as they run. Cheap to clone.
#[derive(Clone)]
pub struct JobsHandle {
    pub(super) runners: Arc<[Arc<Runner>]>,
    pub(super) tasks: TaskTracker,
    pub(super) stop: CancellationToken,
}

impl JobsHandle {
    /// Runs a job now, whatever its schedule says, and waits for it. Its next tick is run none the less.
    ///
    /// # Errors
    /// [`JobError::Unknown`]; [`JobError::Busy`] while it is being run, here or on another node;
    /// [`JobError::Store`]. A run that failed is no error but its outcome.
    pub async fn run(&self, name: &str) -> Result<JobRun, JobError> {
        self.runner(name)?.by_hand(&self.stop, || {}).await
    }

    /// [`JobsHandle::run`] without waiting for the end: [`JobsHandle::progress`] tells how far it has come, and
    /// [`JobsHandle::history`] what came of it.
    ///
    /// # Errors
    /// As there.
    pub async fn begin(&self, name: &str) -> Result<(), JobError> {
        let (runner, stop) = (self.runner(name)?.clone(), self.stop.clone());
        let (begun, has_begun) = oneshot::channel();
        let running = self.tasks.spawn(async move {
            let begun = || {
                // Fails when nobody waits for it any more; it is run all the same.
                let _ = begun.send(());
            };
            runner.by_hand(&stop, begun).await.map(drop)
        });
        match has_begun.await {
            Ok(()) => Ok(()),
            // It ended without having begun.
            Err(_) => running.await.unwrap_or_else(|_| Err(JobError::Busy(name.to_owned()))),
        }
    }

    /// How far the run has come that is under way on this node; `None` when there is none.
    ///
    /// # Errors
    /// [`JobError::Unknown`].
    pub fn progress(&self, name: &str) -> Result<Option<JobProgress>, JobError> {
        Ok(self.runner(name)?.progress.look())
    }

    /// The last twenty runs of a job on any node, the newest last.
    ///
    /// # Errors
    /// [`JobError::Unknown`]; [`JobError::Store`].
    pub async fn history(&self, name: &str) -> Result<Vec<JobRun>, JobError> {
        Ok(self.runner(name)?.history().await?)
    }

    /// The names of the jobs, in the order in which they were added.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.runners.iter().map(|runner| runner.job.name())
    }

    fn runner(&self, name: &str) -> Result<&Arc<Runner>, JobError> {
        let runner = self.runners.iter().find(|runner| runner.job.name() == name);
        runner.ok_or_else(|| JobError::Unknown(name.to_owned()))
    }
}

impl fmt::Debug for JobsHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobsHandle")
            .field("jobs", &self.names().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for RunningJobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RunningJobs").field(&self.handle).finish()
    }
}
