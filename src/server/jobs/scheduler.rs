//! All jobs of a node.

use std::fmt;
use std::sync::{Arc, Mutex};

use tokio::sync::oneshot;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use super::job::Progress;
use super::journal::{JobRun, Shelf};
use super::runner::{Memory, Runner};
use super::{Job, JobError, JobProgress, Schedule, SystemClock, WallClock};
use crate::server::CacheService;

/// The jobs of a node, to be put together and started.
///
/// ```
/// use samekey::server::jobs::{Cleanup, HealthCheck, HotKeys, Jobs, Priority, Refresh, Warmup};
/// use samekey::schema::{Key, TypedKey};
/// use samekey::server::CacheError;
/// use std::time::Duration;
/// # use samekey::{schema::Schema, server::{CacheService, MemoryStore}};
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// # let schema = Schema { name: "doc".into(), ttl_classes: vec![], entities: vec![], families: vec![], events: vec![] };
/// # let cache = CacheService::new(&schema, MemoryStore::default());
///
/// // `schema!` writes functions that make such keys.
/// let runs: TypedKey<u64> =
///     TypedKey::new(Key::new(["exec", "runs", "ws1"])?, "runs", Duration::from_secs(60));
/// let hot = HotKeys::default(); // more can be registered at any time
/// hot.register(&runs, || async { Ok::<_, CacheError>(42) });
///
/// let jobs = Jobs::new(&cache)
///     .job(Cleanup)?
///     .job(HealthCheck::default())?
///     .job(Refresh::new(&hot))?
///     .job_at("0 */2 * * *", Warmup::new().add(Priority::Critical, &runs, || async { Ok::<_, CacheError>(42) }))?
///     .start();
///
/// let run = jobs.run("warmup").await?; // by hand
/// assert_eq!(run.report["warmed"], 1);
/// jobs.stop().await;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
pub struct Jobs {
    cache: CacheService,
    clock: Arc<dyn WallClock>,
    node: String,
    jobs: Vec<(Arc<dyn Job>, Schedule, Shelf)>,
}

impl Jobs {
    /// No jobs yet.
    #[must_use]
    pub fn new(cache: &CacheService) -> Self {
        let node = format!("{}-{:06x}", std::process::id(), fastrand::u32(..0x100_0000));
        Self { cache: cache.clone(), clock: Arc::new(SystemClock), node, jobs: Vec::new() }
    }

    /// What this node is called in the history; the process's number and a random one unless set.
    #[must_use]
    pub fn node(mut self, name: impl Into<String>) -> Self {
        self.node = name.into();
        self
    }

    /// Another clock than the machine's: for tests.
    #[must_use]
    pub fn clock(mut self, clock: impl WallClock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Adds a job on its own schedule.
    ///
    /// # Errors
    /// [`JobError::Schedule`]; [`JobError::Name`] when there is one of this name.
    pub fn job(self, job: impl Job) -> Result<Self, JobError> {
        let schedule = job.schedule().to_owned();
        self.job_at(&schedule, job)
    }

    /// Adds a job on another schedule than its own: five fields, in UTC. All nodes should have the same one.
    ///
    /// # Errors
    /// As [`Jobs::job`].
    pub fn job_at(mut self, schedule: &str, job: impl Job) -> Result<Self, JobError> {
        let schedule: Schedule = schedule.parse()?;
        let name = job.name().to_owned();
        let unusable = || JobError::Name(name.clone());
        if self.jobs.iter().any(|(other, ..)| other.name() == name) {
            return Err(unusable());
        }
        let shelf = Shelf::of(&self.cache.schema().name, job.name()).map_err(|_| unusable())?;
        self.jobs.push((Arc::new(job), schedule, shelf));
        Ok(self)
    }

    /// Starts them. They end with [`RunningJobs::stop`], or when what this returns is dropped.
    ///
    /// # Panics
    /// Outside a Tokio runtime.
    #[must_use = "the jobs end when this is dropped"]
    pub fn start(self) -> RunningJobs {
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        let runners: Vec<_> = self
            .jobs
            .into_iter()
            .map(|(job, schedule, shelf)| {
                Arc::new(Runner {
                    job,
                    schedule,
                    shelf,
                    cache: self.cache.clone(),
                    clock: self.clock.clone(),
                    node: self.node.clone(),
                    memory: Mutex::new(Memory::default()),
                    progress: Progress::default(),
                })
            })
            .collect();
        for runner in &runners {
            let (runner, stop) = (runner.clone(), stop.clone());
            tasks.spawn(async move { runner.live(&stop).await });
        }
        tasks.close();
        let handle = JobsHandle { runners: runners.into(), tasks, stop: stop.clone() };
        RunningJobs { handle, _ends: stop.drop_guard() }
    }
}

/// Jobs that are run when they are due. They end when this is dropped; [`RunningJobs::stop`] waits for it.
pub struct RunningJobs {
    handle: JobsHandle,
    _ends: DropGuard,
}

impl RunningJobs {
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
    runners: Arc<[Arc<Runner>]>,
    tasks: TaskTracker,
    stop: CancellationToken,
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
        Ok(*self.runner(name)?.progress())
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

impl fmt::Debug for Jobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let jobs = self.jobs.iter().map(|(job, schedule, _)| (job.name(), schedule));
        f.debug_struct("Jobs")
            .field("node", &self.node)
            .field("jobs", &jobs.collect::<Vec<_>>())
            .finish_non_exhaustive()
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
