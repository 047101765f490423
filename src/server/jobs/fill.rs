//! Computes many keys, a few at a time, and none in vain: while the store is down it waits.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use super::{JobContext, JobProgress};
use crate::schema::TypedKey;
use crate::server::{BoxError, CacheError, CacheService, Lookup};

/// While the store is down it is asked this often whether it is back.
const ASK_AGAIN: Duration = Duration::from_millis(250);

/// Failures that a report names; all are counted.
const NAMED_FAILURES: usize = 10;

type Filling = Pin<Box<dyn Future<Output = Result<(), CacheError>> + Send>>;

/// A key and how its value is computed, whatever its type.
#[derive(Clone)]
pub(super) struct Task {
    pub(super) key: Arc<str>,
    fill: Arc<dyn Fn(CacheService, Lookup) -> Filling + Send + Sync>,
}

impl Task {
    pub(super) fn new<T, E, F, C>(key: &TypedKey<T>, compute: C) -> Self
    where
        T: Serialize + DeserializeOwned + Send + Sync + 'static,
        E: Into<BoxError> + 'static,
        F: Future<Output = Result<T, E>> + Send + 'static,
        C: Fn() -> F + Send + Sync + 'static,
    {
        let (name, key, compute) = (key.as_str().into(), key.clone(), Arc::new(compute));
        let fill = move |cache: CacheService, lookup| -> Filling {
            let (key, compute) = (key.clone(), compute.clone());
            Box::pin(async move {
                cache.get_or_compute_json(&key, lookup, move || compute()).await.map(drop)
            })
        };
        Self { key: name, fill: Arc::new(fill) }
    }
}

/// What was computed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FillReport {
    /// All keys.
    pub total: usize,
    /// Computed and stored.
    pub warmed: usize,
    /// Not computed, because they were there.
    pub present: usize,
    /// Computed and not stored: too large, or invalidated meanwhile.
    pub not_stored: usize,
    /// Those whose compute failed.
    pub failed: usize,
    /// Not come to: the time was over, or the server shut down. The least important ones.
    pub unreached: usize,
    /// How often the store went away meanwhile.
    pub pauses: usize,
    /// How long it waited for the store, in milliseconds.
    pub paused_ms: u64,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// The first failures.
    pub failures: Vec<KeyFailure>,
}

/// A key that could not be computed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyFailure {
    /// The key.
    pub key: String,
    /// Why.
    pub error: String,
}

/// Told after each key.
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
        self.budget + Duration::from_secs(1)
    }
}

/// What became of one key.
enum Filled {
    Present,
    Warmed,
    NotStored,
    Failed(CacheError),
}

impl Filler {
    /// Fills `tasks` in their order. When the budget is used up or it is time to stop, nothing more is begun; a compute
    /// that has been begun ends in its own time, and is stored.
    pub(super) async fn fill(&self, context: &JobContext, tasks: Vec<Task>) -> FillReport {
        let started = Instant::now();
        let mut report = FillReport { total: tasks.len(), ..FillReport::default() };
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
                () = sleep_until(started + self.budget) => break,
                () = context.stopped() => break,
            };
            match ended {
                Some(Ok((task, filled))) => report.count(&task, filled),
                // A compute that panics is the cache's to catch; nothing of ours does.
                Some(Err(_)) => report.failed += 1,
                None => break,
            }
            self.tell(context, &report);
        }
        report.unreached = waiting.len() + running.len();
        report.pauses = outage.pauses.load(Relaxed);
        report.paused_ms = outage.paused_ms.load(Relaxed);
        report.took_ms = millis(started.elapsed());
        report
    }

    fn tell(&self, context: &JobContext, report: &FillReport) {
        let failed = report.failed + report.not_stored;
        let done = report.present + report.warmed + failed;
        let progress = JobProgress { done, total: report.total, failed };
        context.progress(progress);
        if let Some(on_progress) = &self.on_progress {
            on_progress(&progress);
        }
    }
}

impl FillReport {
    fn count(&mut self, task: &Task, filled: Filled) {
        match filled {
            Filled::Present => self.present += 1,
            Filled::Warmed => self.warmed += 1,
            Filled::NotStored => self.not_stored += 1,
            Filled::Failed(error) => {
                self.failed += 1;
                if self.failures.len() < NAMED_FAILURES {
                    let key = task.key.to_string();
                    self.failures.push(KeyFailure { key, error: error.to_string() });
                }
            }
        }
    }
}

/// The store's absences. All who meet one wait for its end together.
#[derive(Default)]
struct Outage {
    /// Held by the one that asks whether the store is back.
    asking: Mutex<()>,
    pauses: AtomicUsize,
    paused_ms: AtomicU64,
}

impl Outage {
    /// Fills one key, however often the store goes away meanwhile.
    async fn outlast(&self, cache: &CacheService, lookup: Lookup, task: &Task) -> Filled {
        let mut lost = 0;
        loop {
            // Before the compute, which the cache would run although its answer cannot be stored; and after it, since
            // the store may have gone in between.
            match cache.exists(&task.key).await {
                Ok(true) if lookup == Lookup::Use => return Filled::Present,
                Ok(_) => match (task.fill)(cache.clone(), lookup).await {
                    Ok(_) => match cache.exists(&task.key).await {
                        Ok(true) => return Filled::Warmed,
                        // It may have gone with a store that was away and came back empty, all between two questions.
                        Ok(false) if lost == 0 => {
                            lost += 1;
                            continue;
                        }
                        Ok(false) => return Filled::NotStored,
                        Err(_) => {}
                    },
                    Err(CacheError::Store(_)) => {}
                    Err(error) => return Filled::Failed(error),
                },
                Err(_) => {}
            }
            self.wait(cache).await;
        }
    }

    async fn wait(&self, cache: &CacheService) {
        let _asking = self.asking.lock().await;
        let since = Instant::now();
        let mut away = false;
        while cache.ping().await.is_err() {
            if !std::mem::replace(&mut away, true) {
                self.pauses.fetch_add(1, Relaxed);
                tracing::warn!("filling the cache pauses: the store does not answer");
            }
            sleep(ASK_AGAIN).await;
        }
        if away {
            self.paused_ms.fetch_add(millis(since.elapsed()), Relaxed);
        } else {
            // It answers a ping and not what it was asked for: a moment, or this would spin.
            sleep(ASK_AGAIN).await;
        }
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.key, f)
    }
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
