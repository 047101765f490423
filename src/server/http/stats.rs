//! `GET /api/v1/cache/stats`.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

use crate::server::CacheService;

pub(super) async fn stats(State(cache): State<CacheService>) -> impl IntoResponse {
    ([(header::CACHE_CONTROL, "no-store")], Json(cache.get_cache_stats().await))
}
