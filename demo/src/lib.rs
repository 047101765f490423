//! The demo server of samekey: an agent platform's analytics, computed by SQL
//! over a generated history and cached under the bundled schema's keys.
//!
//! `history` makes the past, `database` keeps it, `analytics` asks it, `http`
//! answers with it through samekey's cache service, `simulator` lets it go on, `jobs` look after the cache.

pub mod analytics;
pub mod clock;
pub mod commands;
pub mod database;
pub mod demo;
pub mod history;
pub mod http;
pub mod jobs;
pub mod simulator;
pub mod timeframe;
