//! `GET /metrics`.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

use crate::server::CacheService;

pub(super) async fn metrics(State(cache): State<CacheService>) -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        cache.prometheus_text().await,
    )
}
