//! `GET /metrics`: Prometheus's text format.

use std::fmt::Write;

use metrics_exporter_prometheus::{PrometheusBuilder, formatting};

use super::figures::{COMPUTE_TIME_HELP, JOB_TIME_HELP, STORE_TIME_HELP};
use crate::server::CacheService;
use crate::server::store::Operation;
use crate::server::telemetry::histogram::Histogram;
use crate::server::telemetry::times::{COMPUTE, JOB, STORE};

/// All figures of this service, and of no other: the recorder is this answer's own, so an application that has one is
/// not disturbed, and two services in one process do not meet.
pub(in crate::server) async fn text(cache: &CacheService) -> String {
    let recorder = PrometheusBuilder::new().build_recorder();
    cache.get_cache_stats().await.record(&recorder);
    let mut text = recorder.handle().render();
    let inner = &cache.inner;
    head(&mut text, COMPUTE, COMPUTE_TIME_HELP);
    for family in inner.families.all() {
        // Keys of no family come last, if there were any.
        if !family.name.is_empty() || family.compute_seconds.read().count() > 0 {
            series(&mut text, COMPUTE, "family", &family.name, &family.compute_seconds);
        }
    }
    head(&mut text, STORE, STORE_TIME_HELP);
    for operation in Operation::ALL {
        let times = inner.store_times.of(operation);
        series(&mut text, STORE, "operation", operation.as_str(), times);
    }
    let jobs = inner.jobs.all();
    if !jobs.is_empty() {
        head(&mut text, JOB, JOB_TIME_HELP);
    }
    for job in jobs {
        series(&mut text, JOB, "job_name", job.job(), &job.seconds);
    }
    text
}

fn head(text: &mut String, name: &str, help: &str) {
    formatting::write_help_line(text, name, None, None, help);
    formatting::write_type_line(text, name, None, None, "histogram");
}

fn series(text: &mut String, name: &str, label: &str, value: &str, times: &Histogram) {
    let (read, value) = (times.read(), formatting::sanitize_label_value(value));
    // Writing into a `String` does not fail.
    for (bound, count) in &read.cumulative {
        let le = if bound.is_finite() { bound.to_string() } else { "+Inf".to_owned() };
        let _ = writeln!(text, "{name}_bucket{{{label}=\"{value}\",le=\"{le}\"}} {count}");
    }
    let _ = writeln!(text, "{name}_sum{{{label}=\"{value}\"}} {}", read.sum_seconds);
    let _ = writeln!(text, "{name}_count{{{label}=\"{value}\"}} {}", read.count());
}
