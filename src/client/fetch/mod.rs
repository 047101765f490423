//! The built-in fetch: JSON from an endpoint, with what its headers say about freshness.
//!
//! A module and a download of its own (feature `client-fetch`): an application that brings its own query functions
//! does not pay for it. It knows nothing of the cache. Whoever holds a [`JsonRequest`] awaits its promises; what to
//! send, when to give up and what an answer means is decided here. (Rust's own futures would be a third of the
//! module: `docs/decisions`, 0006.)

mod abort;
mod freshness;
mod hash;
mod problem;
mod request;

pub use request::JsonRequest;
