//! Computes what is missing, the most important first.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::fill::{FillReport, Filler, Task};
use super::job::{Job, JobContext, JobFuture};
use super::progress::JobProgress;
use crate::schema::TypedKey;
use crate::server::{BoxError, Lookup};

/// How important a key is: the first are computed first, and the last are left out when the time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// What everybody sees first.
    Critical,
    /// What many see.
    High,
    /// What some see.
    Normal,
    /// What is nice to have.
    Low,
}

/// Computes the keys of its list that are not there, every 6 hours or by hand: the most important first, eight at a
/// time, for 30 seconds at most. While the store is down, or its breaker open, nothing is computed; it goes on when the
/// store is back.
///
/// ```
/// use samekey::server::jobs::{JobContext, Priority, Warmup};
/// # use samekey::schema::{Key, Schema, TypedKey};
/// # use samekey::server::{CacheError, CacheService, MemoryStore};
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// # let schema = Schema { name: "doc".into(), ttl_classes: vec![], entities: vec![], families: vec![], events: vec![] };
/// # let cache = CacheService::new(&schema, MemoryStore::default());
/// # let of = |workspace: &str| Key::new(["exec", "runs", workspace])
/// #     .map(|key| TypedKey::<u64>::new(key, "runs", std::time::Duration::from_secs(60)));
///
/// let mut warmup = Warmup::new()
///     .concurrency(16)
///     .on_progress(|progress| eprint!("\r{}/{}", progress.done, progress.total));
/// for workspace in ["ws1", "ws2"] {
///     warmup = warmup.add(Priority::High, &of(workspace)?, || async { Ok::<_, CacheError>(42) });
/// }
/// let report = warmup.warm(&JobContext::new(cache, Default::default())).await;
/// assert_eq!((report.warmed, report.failed), (2, 0));
/// # Ok::<(), samekey::schema::KeyError>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Warmup {
    tasks: Vec<(Priority, Task)>,
    filler: Filler,
    at_start: bool,
}

impl Warmup {
    /// An empty list.
    #[must_use]
    pub fn new() -> Self {
        let filler = Filler { concurrency: 8, ..Filler::new(Lookup::Use) };
        Self { tasks: Vec::new(), filler, at_start: false }
    }

    /// Adds a key. Those of one priority are computed in the order in which they were added.
    #[must_use]
    pub fn add<T, E, F, C>(mut self, priority: Priority, key: &TypedKey<T>, compute: C) -> Self
    where
        T: Serialize + DeserializeOwned + Send + Sync + 'static,
        E: Into<BoxError> + 'static,
        F: Future<Output = Result<T, E>> + Send + 'static,
        C: Fn() -> F + Send + Sync + 'static,
    {
        self.tasks.push((priority, Task::one(key, compute)));
        self
    }

    /// Adds keys that one compute answers together, such as one statement for all of them: it gets those that are
    /// missing, and returns those it has values for. It is one compute of [`Warmup::concurrency`], and one round trip
    /// asks, leases and stores for all of its keys.
    ///
    /// ```
    /// # use samekey::schema::{Key, Schema, TypedKey};
    /// # use samekey::server::{CacheError, CacheService, MemoryStore};
    /// # use samekey::server::jobs::{JobContext, Priority, Warmup};
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let schema = Schema { name: "doc".into(), ttl_classes: vec![], entities: vec![], families: vec![], events: vec![] };
    /// # let cache = CacheService::new(&schema, MemoryStore::default());
    /// # let of = |agent: &str| Key::new(["agent", "runs", agent])
    /// #     .map(|key| TypedKey::<u64>::new(key, "runs", std::time::Duration::from_secs(60)));
    /// let agents = [of("a1")?, of("a2")?, of("a3")?];
    /// let warmup = Warmup::new().add_many(Priority::High, &agents, |missing| async move {
    ///     // SELECT … WHERE agent IN (…) GROUP BY agent
    ///     Ok::<_, CacheError>(missing.into_iter().map(|agent| (agent, 42)).collect())
    /// });
    /// let report = warmup.warm(&JobContext::new(cache, Default::default())).await;
    /// assert_eq!((report.total, report.warmed), (3, 3));
    /// # Ok::<(), samekey::schema::KeyError>(())
    /// # }).unwrap();
    /// ```
    #[must_use]
    pub fn add_many<T, E, F, C>(
        mut self,
        priority: Priority,
        keys: &[TypedKey<T>],
        compute: C,
    ) -> Self
    where
        T: Serialize + DeserializeOwned + Send + Sync + 'static,
        E: Into<BoxError> + 'static,
        F: Future<Output = Result<Vec<(TypedKey<T>, T)>, E>> + Send + 'static,
        C: Fn(Vec<TypedKey<T>>) -> F + Send + Sync + 'static,
    {
        if !keys.is_empty() {
            self.tasks.push((priority, Task::many(keys, compute)));
        }
        self
    }

    /// So many computes at a time: 8 unless set.
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

    /// Warms when the node starts, too, in the background: what is asked for meanwhile is computed as ever, and once.
    #[must_use]
    pub const fn at_start(mut self) -> Self {
        self.at_start = true;
        self
    }

    /// Is told at the beginning and after each compute how far it has come. It must be quick: the next one waits for it.
    #[must_use]
    pub fn on_progress(mut self, tell: impl Fn(&JobProgress) + Send + Sync + 'static) -> Self {
        self.filler.on_progress = Some(Arc::new(tell));
        self
    }

    /// How many keys are on the list.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tasks.iter().map(|(_, task)| task.len()).sum()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// Does it now.
    pub async fn warm(&self, context: &JobContext) -> FillReport {
        let mut tasks: Vec<_> = self.tasks.iter().collect();
        // Stable: within a priority as they were added.
        tasks.sort_by_key(|(priority, _)| *priority);
        self.filler.fill(context, tasks.into_iter().map(|(_, task)| task.clone()).collect()).await
    }
}

impl Default for Warmup {
    fn default() -> Self {
        Self::new()
    }
}

impl Job for Warmup {
    fn name(&self) -> &'static str {
        "warmup"
    }

    fn schedule(&self) -> &'static str {
        "0 */6 * * *"
    }

    fn max_time(&self) -> Duration {
        self.filler.max_time()
    }

    fn at_start(&self) -> bool {
        self.at_start
    }

    fn run<'a>(&'a self, context: &'a JobContext) -> JobFuture<'a> {
        Box::pin(async move { Ok(serde_json::to_value(self.warm(context).await)?) })
    }
}
