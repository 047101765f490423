//! The cache over HTTP: routes for its operators, and responses for routes that are cached.
//!
//! [`router`] is merged into the application's own:
//!
//! | Route | Body | Answer |
//! |---|---|---|
//! | `GET /api/v1/cache/stats` | | [`CacheStats`](super::CacheStats) |
//! | `POST /api/v1/cache/invalidate` | one of `{"pattern": …}`, `{"workspace": …}`, `{"agent": …}`, `{"user": …}` | [`Invalidation`](super::Invalidation) |
//! | `POST /api/v1/events` | `{"event": …}` and the event's fields | [`EventOutcome`](super::EventOutcome) |
//! | `GET /health` | | `ok`, or `degraded` while the store does not answer |
//!
//! Bad input is a [`Problem`]: a status, and a JSON body with a stable code and the field at fault.
//!
//! A cached route takes a [`CacheRequest`] and ends with [`CacheRequest::respond`].

mod body;
mod cached_response;
mod etag;
mod events;
mod health;
mod invalidate;
mod problem;
mod stats;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Method, StatusCode};
use axum::routing::{get, post};

use super::CacheService;

pub use cached_response::CacheRequest;
pub use problem::Problem;

/// An id or a pattern fits many times.
const INVALIDATE_BODY_LIMIT: usize = 64 * 1024;

/// An event may bring a value along, and JSON may escape each of its bytes.
const EVENT_BODY_LIMIT: usize = 2 * CacheService::MAX_VALUE_BYTES;

/// The cache's own routes. Who may call them is the application's to say: put them behind its
/// authentication before they leave the machine.
pub fn router(cache: CacheService) -> Router {
    Router::new()
        .route("/api/v1/cache/stats", get(stats::stats))
        .route(
            "/api/v1/cache/invalidate",
            post(invalidate::invalidate).layer(DefaultBodyLimit::max(INVALIDATE_BODY_LIMIT)),
        )
        .route(
            "/api/v1/events",
            post(events::events).layer(DefaultBodyLimit::max(EVENT_BODY_LIMIT)),
        )
        .route("/health", get(health::health))
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(cache)
}

async fn method_not_allowed(method: Method) -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "E_METHOD_NOT_ALLOWED",
        format!("{method} is not for this path"),
    )
}
