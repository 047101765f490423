//! Computes the hottest keys anew before anybody waits for them.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::fill::{FillReport, Filler, Task};
use super::job::{Job, JobContext, JobFuture};
use crate::schema::TypedKey;
use crate::server::{BoxError, Lookup};

/// Keys that everybody reads, and how their values are computed. Cheap to clone; the clones are one.
#[derive(Clone, Default)]
pub struct HotKeys {
    tasks: Arc<Mutex<Vec<Task>>>,
}

impl HotKeys {
    /// Registers a key; in place of what was registered under it before.
    pub fn register<T, E, F, C>(&self, key: &TypedKey<T>, compute: C)
    where
        T: Serialize + DeserializeOwned + Send + Sync + 'static,
        E: Into<BoxError> + 'static,
        F: Future<Output = Result<T, E>> + Send + 'static,
        C: Fn() -> F + Send + Sync + 'static,
    {
        let task = Task::one(key, compute);
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        match tasks.iter_mut().find(|other| other.key() == task.key()) {
            Some(other) => *other = task,
            None => tasks.push(task),
        }
    }

    /// Registers a key no longer; whether it was.
    pub fn remove(&self, key: impl AsRef<str>) -> bool {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        let before = tasks.len();
        tasks.retain(|task| task.key() != key.as_ref());
        tasks.len() < before
    }

    fn all(&self) -> Vec<Task> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Computes the registered hot keys anew, hourly at :30, whether they are there or not: four at a time, in the order of
/// their registration, for 30 seconds at most. The node that gets the tick computes those that **it** has registered, so
/// all nodes should register the same ones.
#[derive(Clone, Debug)]
pub struct Refresh {
    keys: HotKeys,
    filler: Filler,
}

impl Refresh {
    /// Refreshes these, and those that are registered later.
    #[must_use]
    pub fn new(keys: &HotKeys) -> Self {
        Self { keys: keys.clone(), filler: Filler::new(Lookup::Refresh) }
    }

    /// So many computes at a time: 4 unless set.
    #[must_use]
    pub const fn concurrency(mut self, computes: usize) -> Self {
        self.filler.concurrency = computes;
        self
    }

    /// How long it may take: 30 s unless set.
    #[must_use]
    pub const fn budget(mut self, budget: Duration) -> Self {
        self.filler.budget = budget;
        self
    }

    /// Does it now.
    pub async fn refresh(&self, context: &JobContext) -> FillReport {
        self.filler.fill(context, self.keys.all()).await
    }
}

impl Job for Refresh {
    fn name(&self) -> &'static str {
        "refresh"
    }

    fn schedule(&self) -> &'static str {
        "30 * * * *"
    }

    fn max_time(&self) -> Duration {
        self.filler.max_time()
    }

    fn run<'a>(&'a self, context: &'a JobContext) -> JobFuture<'a> {
        Box::pin(async move { Ok(serde_json::to_value(self.refresh(context).await)?) })
    }
}

impl fmt::Debug for HotKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = self.all();
        f.debug_list().entries(keys.iter().map(Task::key)).finish()
    }
}
