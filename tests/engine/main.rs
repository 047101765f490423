//! The engine from outside: what a query cache does, one behaviour per file, with a clock turned by hand.
// wasm-pack compiles every test there is.
#![cfg(not(target_arch = "wasm32"))]
#![cfg(not(target_arch = "wasm32"))]

mod host;

mod against_model;
mod cancelling;
mod collecting;
mod deadlines;
mod fetching;
mod filters;
mod index_properties;
mod key_vectors;
mod keys;
mod live;
mod model;
mod mutations;
mod outdating;
mod pausing;
mod polling;
mod refetching;
mod removing;
mod retrying;
mod robustness;
mod staleness;
mod statistics;
mod writing;
