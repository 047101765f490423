//! The cache's figures for Prometheus, or for any recorder of the `metrics` crate.
//!
//! - `figures`: counters and gauges. What is counted at each hit is counted by atomics of the family's own, which are
//!   cheaper than a recorder's handle (`benches/server`, `in_process`), and told when somebody asks.
//! - `exposition`: all of it as text, histograms included.
//!
//! How long something took is told as it happens: see `telemetry`.

mod exposition;
mod figures;

use metrics::{Level, Metadata};

pub(super) use exposition::text;

pub(super) const METADATA: Metadata<'static> =
    Metadata::new(module_path!(), Level::INFO, Some(module_path!()));
