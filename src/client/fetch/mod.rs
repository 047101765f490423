//! The built-in fetch: JSON from an endpoint, with what its headers say about freshness.
//!
//! A module and a download of its own (feature `client-fetch`): an application that brings its own query functions
//! does not pay for gloo-net and serde. It knows nothing of the cache.

mod freshness;
mod options;
mod reply;
mod request;

pub use request::fetch_json;
