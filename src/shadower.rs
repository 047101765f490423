//! The bundled schema, an agent platform's analytics: typed keys, values and events.
//!
//! ```
//! use samekey::shadower;
//!
//! let key = shadower::executive("ws123", "7d")?;
//! assert_eq!(key.as_str(), "exec:dashboard:ws123:7d");
//! assert_eq!(key.ttl().as_secs(), 1800);
//! assert_eq!(shadower::schema().family_of(key.as_str()).unwrap().name, "executive");
//! # Ok::<(), samekey::schema::KeyError>(())
//! ```
//!
//! Generated from `schema/shadower.toml`; `docs/schema/shadower.md` lists all of it.

samekey_macros::schema!("schema/shadower.toml", crate = ::samekey_schema);

/// The Rust examples of `docs/key-schema.md`, run with the other doctests.
#[cfg(doctest)]
#[doc = include_str!("../docs/key-schema.md")]
mod key_schema {}

/// Those of `README.md`, which show the server as well.
#[cfg(all(doctest, feature = "server"))]
#[doc = include_str!("../README.md")]
mod readme {}
