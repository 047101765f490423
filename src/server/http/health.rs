//! `GET /health`.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use serde::Serialize;

use crate::server::CacheService;

#[derive(Serialize)]
struct Health {
    /// `ok`, or `degraded`: every answer is still given, only computed each time. So the status is 200 in
    /// both cases, and a load balancer does not take a working service away.
    status: &'static str,
    store: &'static str,
    store_available: bool,
}

pub(super) async fn health(State(cache): State<CacheService>) -> impl IntoResponse {
    let store_available = cache.ping().await.is_ok();
    let status = if store_available { "ok" } else { "degraded" };
    let health = Health { status, store: cache.store_kind(), store_available };
    ([(header::CACHE_CONTROL, "no-store")], Json(health))
}
