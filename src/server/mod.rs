//! The cache service on Redis or in process: the server's half of the schema.
//!
//! # Layout
//!
//! - [`CacheService`] (`service`): get, set, delete, and what is held of a family (`families`); `get_or_compute`
//!   (`compute`); decoded values in process (`l1`); invalidation by pattern, entity and event (`invalidation`); `stats`.
//! - [`Store`]: where the bytes live; [`MemoryStore`] and [`RedisStore`]. Before it, the circuit ([`BreakerStore`]) and what
//!   waits until it is back (`recovery`).
//! - [`Backplane`]: the log that tells nodes and browsers what is no longer true.
//! - [`access`]: who may invalidate, post events, read along; how often; and the audit log.
//! - [`codec`]: stored bytes to JSON and back: encryption, compression, what Python pickled.
//! - [`jobs`]: cleanup, health, refresh, warm-up: on a schedule, by one node.
//! - [`http`]: axum routes, and responses with `ETag`, `X-Cache` and what is left of a value's life.
//! - [`cached`]: the attribute for functions whose result is cached; `attribute`: what the code that it writes uses.
//! - `telemetry`, `metrics`: spans and times, and figures for Prometheus.
//!
//! # What holds
//!
//! - Nothing lives for ever: a store takes a [`Ttl`], and there is none of zero.
//! - One compute per key at a time, and none stores what an invalidation has overtaken.
//! - Values are plain JSON unless asked otherwise, so that other languages read them; sensitive ones are encrypted.
//! - A store that fails costs a compute, never an answer. An invalidation that fails says so.

pub mod access;
mod attribute;
mod backplane;
pub mod codec;
mod compute;
mod error;
mod families;
pub mod http;
mod invalidation;
pub mod jobs;
mod l1;
mod metrics;
mod recovery;
mod service;
mod stats;
mod store;
mod telemetry;
mod ttl;

/// The result of an async function, from the cache.
///
/// ```
/// use samekey::schema::{Key, KeyError, TypedKey};
/// use samekey::server::{CacheError, CacheService, cached};
/// # use samekey::schema::Schema;
/// # use samekey::server::MemoryStore;
///
/// // `schema!` writes such functions.
/// fn runs_key(workspace: impl AsRef<str>) -> Result<TypedKey<u64>, KeyError> {
///     let key = Key::new(["exec", "runs", workspace.as_ref()])?;
///     Ok(TypedKey::new(key, "runs", std::time::Duration::from_secs(60)))
/// }
///
/// #[cached(runs_key(workspace))]
/// async fn runs(cache: &CacheService, workspace: &str, skip_cache: bool) -> Result<u64, CacheError> {
///     Ok(workspace.len() as u64) // a slow query
/// }
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// # let schema = Schema { name: "doc".into(), ttl_classes: vec![], entities: vec![], families: vec![], events: vec![] };
/// let cache = CacheService::new(&schema, MemoryStore::default());
/// assert_eq!(runs(&cache, "ws123", false).await?, 5); // computed
/// assert_eq!(runs(&cache, "ws123", false).await?, 5); // from the cache
/// assert_eq!(runs(&cache, "ws123", true).await?, 5);  // computed again, and stored
/// assert_eq!(cache.get_cache_stats().await.computes, 2);
/// # Ok::<(), CacheError>(())
/// # }).unwrap();
/// ```
///
/// A family that the schema does not have, a parameter that the function does not have or the key lacks, and a
/// value of another type than the key's are compile errors at the attribute and the function:
///
/// ```compile_fail,E0425
/// # use samekey::{schema::TypedKey, server::{CacheError, CacheService, cached}};
/// # fn runs_key(workspace: &str) -> Result<TypedKey<u64>, CacheError> { unimplemented!() }
/// #[cached(run_key(workspace))]
/// async fn runs(cache: &CacheService, workspace: &str) -> Result<u64, CacheError> { Ok(1) }
/// ```
///
/// ```compile_fail
/// # use samekey::{schema::TypedKey, server::{CacheError, CacheService, cached}};
/// # fn runs_key(workspace: &str) -> Result<TypedKey<u64>, CacheError> { unimplemented!() }
/// #[cached(runs_key(work_space))]
/// async fn runs(cache: &CacheService, workspace: &str) -> Result<u64, CacheError> { Ok(1) }
/// ```
///
/// ```compile_fail,E0061
/// # use samekey::{schema::TypedKey, server::{CacheError, CacheService, cached}};
/// # fn runs_key(workspace: &str) -> Result<TypedKey<u64>, CacheError> { unimplemented!() }
/// #[cached(runs_key())]
/// async fn runs(cache: &CacheService, workspace: &str) -> Result<u64, CacheError> { Ok(1) }
/// ```
///
/// ```compile_fail,E0308
/// # use samekey::{schema::TypedKey, server::{CacheError, CacheService, cached}};
/// # fn runs_key(workspace: &str) -> Result<TypedKey<u64>, CacheError> { unimplemented!() }
/// #[cached(runs_key(workspace))]
/// async fn runs(cache: &CacheService, workspace: &str) -> Result<String, CacheError> { Ok(String::new()) }
/// ```
///
/// What the attribute takes:
#[doc(inline)]
pub use samekey_macros::cached;
#[doc(inline)]
pub use samekey_macros::cached_many;

pub use backplane::{
    Backplane, BadLogId, LogId, Logged, MemoryLog, Notice, NoticeError, Origin, Read, Reason,
    RedisLog, StreamConfig, StreamStats,
};
pub use compute::{Answer, Lookup, Source, fail_for, live_for};
pub use error::{BoxError, CacheError};
pub use invalidation::{EventOutcome, EventOutcomes, Invalidation, PostedEvent};
pub use l1::L1Config;
pub use recovery::{Recovery, RecoveryConfig, RecoveryFileError, RecoveryStatus, RecoveryStore};
pub use service::{CacheService, CacheServiceBuilder, Policy, WhenDown};
pub use stats::{CacheStats, FamilyCounts, FamilyStats};
pub use store::{
    Breaker, BreakerConfig, BreakerStore, Change, CircuitState, CircuitStatus, Entry, Inspection,
    KeyInfo, KeyTtl, LeaseFor, LeaseToken, Leased, MemoryStore, Operation, Record, RedisConfig,
    RedisStore, Refusals, Removals, ScanPage, ServerReport, ServerReports, Shard, Sharded, Sharers,
    Store, StoreError, StoreErrorKind, StoreFuture, StoreStats, Tag, TagsOf, Tidied, ValueLengths,
    store_for,
};
#[cfg(feature = "testing")]
pub use store::{Chaos, ChaosStore, Faults};
pub use ttl::Ttl;

#[doc(hidden)]
pub mod __private {
    pub use super::attribute::*;
}

/// The guides' Rust, compiled and run.
#[cfg(all(doctest, feature = "shadower", feature = "jwt"))]
#[doc = include_str!("../../docs/server.md")]
struct Guide;
#[cfg(all(doctest, feature = "shadower"))]
#[doc = include_str!("../../docs/operating.md")]
struct Operating;
#[cfg(all(doctest, feature = "shadower"))]
#[doc = include_str!("../../docs/moving.md")]
struct Moving;
