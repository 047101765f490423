//! `GET /metrics`.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use metrics_exporter_prometheus::PrometheusBuilder;

use crate::server::CacheService;

/// Prometheus's text format. The recorder is this answer's own: what the cache counts stands in its own counters, and
/// an application that has a recorder of its own is not disturbed.
pub(super) async fn metrics(State(cache): State<CacheService>) -> impl IntoResponse {
    let recorder = PrometheusBuilder::new().build_recorder();
    cache.get_cache_stats().await.record(&recorder);
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        recorder.handle().render(),
    )
}
