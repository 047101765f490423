//! The cache service: typed values under the schema's keys.
//!
//! - `builder`, `policy`: what a service is made of; `assembly`: how it is put together.
//! - `values`, `many`: values in and out; `value`: from a value to what is stored, and back.
//! - `telling`, `overtake`: what browsers hear of a value that is set, and what becomes of copies and computes.
//! - `report`: what a service says of itself.
//!
//! `get_or_compute` is in `compute`, invalidation in `invalidation`.

mod assembly;
mod builder;
mod many;
mod overtake;
mod policy;
mod report;
mod telling;
mod value;
mod values;

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use super::access::AuditLog;
use super::backplane::{LogId, Notices};
use super::codec::Codec;
use super::compute::{Failures, Flights, Landing};
use super::error::CacheError;
use super::families::Families;
use super::invalidation::foreign::Expiries;
use super::invalidation::{Hooks, LateNotices};
use super::jobs::JobsCounts;
use super::l1::L1;
use super::recovery::Recovery;
use super::stats::Counters;
use super::store::{Breaker, Place, Store, StoreError};
use super::telemetry::times::StoreTimes;
use crate::schema::Schema;

pub use builder::CacheServiceBuilder;
pub use policy::{Policy, WhenDown};
pub(crate) use telling::Telling;
pub(crate) use value::{Opened, Sealed, encode};

/// Typed values under the schema's keys, in a store and in this process. Cheap to clone; the clones are one
/// service.
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// use samekey::schema::{Key, Schema, TypedKey};
/// use samekey::server::{CacheError, CacheService, MemoryStore};
/// use std::time::Duration;
///
/// # let schema = Schema { name: "doc".into(), ttl_classes: vec![], entities: vec![], families: vec![], events: vec![] };
/// let cache = CacheService::new(&schema, MemoryStore::default());
/// // `schema!` writes functions that make such keys.
/// let key: TypedKey<u64> =
///     TypedKey::new(Key::new(["exec", "runs", "ws123"])?, "runs", Duration::from_secs(60));
///
/// let runs = cache.get_or_compute(&key, || async { Ok::<_, CacheError>(42) }).await?;
/// assert_eq!(*runs, 42);
/// assert_eq!(cache.get(&key).await?.as_deref(), Some(&42));
/// assert!(cache.delete(&key).await?);
/// # Ok::<(), CacheError>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct CacheService {
    pub(super) inner: Arc<Inner>,
    /// What browsers are told of what is set through this clone.
    pub(super) telling: Telling,
}

pub(crate) struct Inner {
    pub(crate) schema: Schema,
    pub(crate) store: Box<dyn Store>,
    /// Where its keys are.
    pub(crate) place: Place,
    pub(crate) breaker: Breaker,
    pub(crate) recovery: Recovery,
    pub(crate) codec: Codec,
    pub(crate) families: Arc<Families>,
    pub(crate) l1: L1,
    pub(crate) flights: Arc<Flights<Landing>>,
    pub(crate) failures: Failures,
    pub(crate) counters: Counters,
    pub(crate) store_times: Arc<StoreTimes>,
    pub(crate) notices: Notices,
    pub(crate) audit: Option<AuditLog>,
    pub(crate) late: LateNotices,
    pub(crate) hooks: Hooks,
    pub(crate) expiries: Expiries,
    pub(crate) jobs: JobsCounts,
    /// The computes under way.
    pub(crate) tasks: TaskTracker,
    /// Ends them when they have had their time.
    pub(crate) stop: CancellationToken,
    /// Ends what runs beside the service as long as it lives.
    _following: DropGuard,
}

impl CacheService {
    /// The largest value that is stored, encoded: 1 MB. What is larger costs every reader more than it
    /// saves, and a few hundred of them fill a cache that was sized for ten thousand keys.
    pub const MAX_VALUE_BYTES: usize = 1024 * 1024;

    /// A service over `store` for the keys of `schema`, such as `shadower::schema()`, with the defaults of
    /// [`Policy`] and [`L1Config`](super::L1Config).
    ///
    /// # Panics
    /// As [`CacheServiceBuilder::build`].
    #[must_use]
    pub fn new(schema: impl Borrow<Schema>, store: impl Store) -> Self {
        let mut parts = Self::builder(schema).store(store);
        let guarded = parts.guarded();
        Self::assemble(parts, guarded)
    }

    /// The same, for a store chosen at run time.
    ///
    /// # Panics
    /// As [`CacheServiceBuilder::build`].
    #[must_use]
    pub fn with_store(schema: impl Borrow<Schema>, store: Box<dyn Store>) -> Self {
        Self::new(schema, store)
    }

    /// A service to be put together.
    ///
    /// ```
    /// # use samekey::schema::Schema;
    /// # let schema = Schema { name: "doc".into(), ttl_classes: vec![], entities: vec![], families: vec![], events: vec![] };
    /// use samekey::server::{CacheService, L1Config, MemoryStore, Policy};
    /// use std::time::Duration;
    ///
    /// let cache = CacheService::builder(&schema)
    ///     .store(MemoryStore::default())
    ///     .l1(L1Config::bytes(32 * 1024 * 1024))
    ///     .policy(Policy::default().stale(Duration::from_secs(60)))
    ///     .build()?;
    /// # Ok::<(), samekey::server::CacheError>(())
    /// ```
    #[must_use]
    pub fn builder(schema: impl Borrow<Schema>) -> CacheServiceBuilder {
        CacheServiceBuilder::new(schema.borrow())
    }

    /// The schema whose keys these are.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.inner.schema
    }

    /// Waits, a quarter of a second at most, until this node has heard what stands in the log of invalidations at `heard`:
    /// whoever heard it through another node may ask this one before it has. Whether it has now; if not, what this
    /// process holds may be older than that.
    ///
    /// [`CacheRequest`](super::http::CacheRequest) does this for its own requests, which say so by `Last-Event-ID`.
    pub async fn catch_up(&self, heard: LogId) -> bool {
        self.inner.notices.catch_up(heard).await
    }

    /// Ends the streams of this node, and opens no more: their browsers go on elsewhere, where they were. For a
    /// server that is to end: one that waits for its connections waits for the streams.
    pub fn close_streams(&self) {
        self.inner.notices.close();
    }

    /// Ends what runs in the background: nothing is refreshed any more. The computes under way get until `deadline` to be
    /// stored, and what the log of invalidations has yet to be told as long to be told. Computes that are not done then
    /// are given up, and their leases with them, so that no other process waits for them. Returns whether all was done
    /// in time.
    ///
    /// The service still answers afterwards, for requests that are on their way out.
    pub async fn shutdown(&self, deadline: Duration) -> bool {
        let inner = &self.inner;
        inner.tasks.close();
        let done = async {
            tokio::join!(inner.tasks.wait(), inner.notices.said());
            // What computes have set in their last moment.
            inner.notices.said().await;
        };
        let in_time = tokio::time::timeout(deadline, done).await.is_ok();
        if !in_time {
            inner.stop.cancel();
            // They have a lease to give back, each within the store's own time limit.
            inner.tasks.wait().await;
        }
        // Also what callers asked for who did not wait for the answer.
        let _ = tokio::time::timeout(Duration::from_secs(1), inner.recovery.all_saved()).await;
        in_time
    }
}

impl Inner {
    /// Counts and logs what the store fails with.
    pub(crate) fn watch<T>(&self, answer: Result<T, StoreError>) -> Result<T, CacheError> {
        answer.map_err(|error| {
            count(&self.counters.store_errors);
            tracing::warn!(store = self.store.kind(), %error, "the store failed");
            error.into()
        })
    }
}

pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Relaxed);
}

impl fmt::Debug for CacheService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CacheService")
            .field("schema", &self.inner.schema.name)
            .field("store", &self.inner.store.kind())
            .finish_non_exhaustive()
    }
}
