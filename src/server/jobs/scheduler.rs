//! All jobs of a node: put together, and started.

use std::fmt;
use std::sync::{Arc, Mutex};

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::journal::Shelf;
use super::progress::Progress;
use super::runner::{Memory, Runner};
use super::running::{JobsHandle, RunningJobs};
use super::{Job, JobError, Schedule, SystemClock, WallClock};
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
                let counts = self.cache.inner.jobs.of(job.name());
                Arc::new(Runner {
                    job,
                    schedule,
                    shelf,
                    cache: self.cache.clone(),
                    clock: self.clock.clone(),
                    node: self.node.clone(),
                    memory: Mutex::new(Memory::default()),
                    looking: tokio::sync::Mutex::new(()),
                    progress: Progress::default(),
                    counts,
                })
            })
            .collect();
        for runner in &runners {
            let (runner, stop) = (runner.clone(), stop.clone());
            tasks.spawn(async move { runner.live(&stop).await });
        }
        tasks.close();
        RunningJobs::new(JobsHandle { runners: runners.into(), tasks, stop })
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
