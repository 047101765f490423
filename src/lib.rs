//! samekey: a cache whose keys are written once, in one schema, and run on both sides of a dashboard.
//!
//! # Layout
//!
//! - [`mod@schema`]: keys, families, TTL classes, patterns, events. Pure.
//! - [`engine`]: the query cache as a state machine, `(input, now) -> effects`. Pure, sans-IO.
//! - `client` (wasm32, feature `client`): drives the engine in the browser.
//! - `server` (native, feature `server`): the same keys on Redis.

pub mod engine;
#[cfg(feature = "macros")]
pub use samekey_macros::schema;
pub use samekey_schema as schema;

#[cfg(feature = "shadower")]
pub mod shadower;

#[cfg(all(
    target_arch = "wasm32",
    any(feature = "client", feature = "client-fetch", feature = "client-live")
))]
pub mod client;
#[cfg(all(not(target_arch = "wasm32"), feature = "server"))]
pub mod server;
