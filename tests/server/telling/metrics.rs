//! Times and figures for Prometheus.

use std::collections::BTreeMap;
use std::time::Duration;

use metrics_util::MetricKind;
use metrics_util::debugging::{DebugValue, DebuggingRecorder};
use samekey::server::{BoxError, CacheService, L1Config, MemoryStore};
use serde_json::json;

use crate::fixture::{Counted, kpis, memory_cache, schema};

/// The figure of a series: `name{label="value"}`.
pub(super) fn figure(text: &str, series: &str) -> Option<f64> {
    text.lines().find_map(|line| line.strip_prefix(series)?.trim().parse().ok())
}

/// Each name with its kind, as `# TYPE` tells it.
pub(super) fn kinds(text: &str) -> BTreeMap<String, String> {
    let told = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
    told.map(|(name, kind)| (name.to_owned(), kind.to_owned())).collect()
}

#[tokio::test(start_paused = true)]
async fn what_a_compute_took_is_counted_in_its_familys_buckets() {
    let cache = memory_cache();
    for (workspace, millis) in [("ws1", 3), ("ws2", 300), ("ws3", 300)] {
        let compute = move || Counted::default().call_after(Duration::from_millis(millis));
        cache.get_or_compute(&kpis(workspace), compute).await.unwrap();
    }
    let text = cache.prometheus_text().await;
    for (series, value) in [
        ("samekey_compute_seconds_bucket{family=\"kpis\",le=\"0.0025\"}", 0.0),
        ("samekey_compute_seconds_bucket{family=\"kpis\",le=\"0.005\"}", 1.0),
        ("samekey_compute_seconds_bucket{family=\"kpis\",le=\"0.25\"}", 1.0),
        ("samekey_compute_seconds_bucket{family=\"kpis\",le=\"0.5\"}", 3.0),
        ("samekey_compute_seconds_bucket{family=\"kpis\",le=\"+Inf\"}", 3.0),
        ("samekey_compute_seconds_count{family=\"kpis\"}", 3.0),
        ("samekey_compute_seconds_count{family=\"executive\"}", 0.0),
    ] {
        assert_eq!(figure(&text, series), Some(value), "{series}");
    }
    // Tokio's timer wakes up to a millisecond late.
    let sum = figure(&text, "samekey_compute_seconds_sum{family=\"kpis\"}").unwrap();
    assert!((0.603..0.61).contains(&sum), "{sum}");
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_timed_once_and_so_is_a_compute_that_fails() {
    let cache = memory_cache();
    let keys = ["ws1", "ws2", "ws3"].map(kpis);
    let compute = |missing: Vec<_>| async move {
        Ok::<_, BoxError>(missing.into_iter().map(|key| (key, json!(1))).collect::<Vec<_>>())
    };
    cache.get_many_or_compute(&keys, compute).await.unwrap();
    let failing = || async { Err::<serde_json::Value, _>("no database") };
    cache.get_or_compute(&kpis("ws9"), failing).await.unwrap_err();
    let text = cache.prometheus_text().await;
    assert_eq!(figure(&text, "samekey_compute_seconds_count{family=\"kpis\"}"), Some(2.0));
    assert_eq!(figure(&text, "samekey_computes_total{family=\"kpis\"}"), Some(4.0));
}

#[tokio::test(start_paused = true)]
async fn two_services_in_one_process_tell_each_its_own() {
    let [busy, idle] = [memory_cache(), memory_cache()];
    busy.get_or_compute(&kpis("ws1"), || Counted::default().call()).await.unwrap();
    for (cache, count) in [(busy, 1.0), (idle, 0.0)] {
        let text = cache.prometheus_text().await;
        for name in ["samekey_compute_seconds_count", "samekey_computes_total"] {
            assert_eq!(figure(&text, &format!("{name}{{family=\"kpis\"}}")), Some(count), "{name}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_applications_own_recorder_is_told_the_times_as_they_happen_and_the_figures_when_it_asks()
 {
    let recorder = DebuggingRecorder::new();
    let cache = metrics::with_local_recorder(&recorder, || {
        CacheService::builder(schema()).store(MemoryStore::default()).l1(L1Config::off()).build()
    });
    let cache = cache.unwrap();
    let compute = || Counted::default().call_after(Duration::from_millis(300));
    cache.get_or_compute(&kpis("ws1"), compute).await.unwrap();
    cache.get_cache_stats().await.record(&recorder);

    let told = recorder.snapshotter().snapshot().into_vec().into_iter();
    let told = told.map(|(key, unit, help, value)| {
        let (kind, key) = key.into_parts();
        let labels = key.labels().map(|label| label.value().to_owned()).collect::<Vec<_>>();
        ((kind, key.name().to_owned(), labels.join(",")), (unit, help.is_some(), value))
    });
    let told: BTreeMap<_, _> = told.collect();
    let of = |kind, name: &str, label: &str| &told[&(kind, name.to_owned(), label.to_owned())];
    let (unit, described, value) = of(MetricKind::Histogram, "samekey_compute_seconds", "kpis");
    assert_eq!((*unit, *described), (Some(metrics::Unit::Seconds), true));
    let DebugValue::Histogram(samples) = value else { panic!("{value:?}") };
    assert!(matches!(samples[..], [took] if (0.3..0.31).contains(&took.0)), "{samples:?}");
    let (.., value) = of(MetricKind::Histogram, "samekey_store_seconds", "set_leased");
    assert!(matches!(value, DebugValue::Histogram(samples) if samples.len() == 1), "{value:?}");
    let (.., value) = of(MetricKind::Counter, "samekey_computes_total", "kpis");
    assert_eq!(*value, DebugValue::Counter(1));
}

#[tokio::test(start_paused = true)]
async fn names_say_what_they_count_as_prometheus_wants_it() {
    let text = memory_cache().prometheus_text().await;
    let kinds = kinds(&text);
    assert_eq!(kinds.len(), text.lines().filter(|line| line.starts_with("# TYPE")).count());
    for (name, kind) in &kinds {
        assert!(name.starts_with("samekey_"), "{name}");
        assert_eq!(name.ends_with("_total"), kind == "counter", "{name}: {kind}");
        let is_time = name.ends_with("_seconds") && !name.ends_with("_timestamp_seconds");
        assert_eq!(is_time, kind == "histogram", "{name}: {kind}");
        assert!(text.contains(&format!("# HELP {name} ")), "{name} is not explained");
    }
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let name = line.split(['{', ' ']).next().unwrap();
        let name = ["_bucket", "_sum", "_count"]
            .iter()
            .find_map(|end| name.strip_suffix(end))
            .unwrap_or(name);
        assert!(kinds.contains_key(name), "{line}");
    }
}
