//! What the cache tells of itself: spans, times, and the tables of docs/operating.md.

mod capture;
mod documented;
mod later_version;
mod metrics;
mod questions;
mod secrets;
mod store;
mod work;
