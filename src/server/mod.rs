//! The cache service on Redis or in process: the server's half of the schema.
//!
//! # Layout
//!
//! - [`CacheService`]: get, set, delete; `get_or_compute` (`compute`, on `single_flight`); invalidation by
//!   pattern, entity and event (`invalidation`); `stats`.
//! - [`Store`]: where the bytes live; [`MemoryStore`] and [`RedisStore`].
//! - [`http`]: axum routes, and responses with `ETag`, `X-Cache` and what is left of a value's life.
//! - [`cached`]: the attribute for functions whose result is cached.
//!
//! # What holds
//!
//! - Nothing lives for ever: a store takes a [`Ttl`], and there is none of zero.
//! - One compute per key at a time, and none stores what an invalidation has overtaken.
//! - Values are plain JSON, so that other languages read them.
//! - A store that fails costs a compute, never an answer. An invalidation that fails says so.

mod compute;
mod error;
pub mod http;
mod invalidation;
mod service;
mod single_flight;
mod stats;
mod store;
mod ttl;

pub use compute::{Answer, Lookup, Source};
pub use error::{BoxError, CacheError};
pub use invalidation::{EventOutcome, Invalidation};
pub use service::CacheService;
pub use stats::CacheStats;
pub use store::{
    Entry, MemoryStore, RedisConfig, RedisStore, Store, StoreError, StoreErrorKind, StoreFuture,
    StoreStats, store_for,
};
pub use ttl::Ttl;
