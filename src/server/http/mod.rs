//! The cache over HTTP: routes for its operators, and responses for routes that are cached.
//!
//! [`Routes`] are merged into the application's own router:
//!
//! | Route | Body | Answer |
//! |---|---|---|
//! | `GET /api/v1/cache/stats` | | [`CacheStats`](super::CacheStats) |
//! | `GET /metrics` | | the same figures for Prometheus |
//! | `POST /api/v1/cache/invalidate` | one of `{"pattern": …}`, `{"workspace": …}`, `{"agent": …}`, `{"user": …}` | [`Invalidation`](super::Invalidation) |
//! | `POST /api/v1/events` | `{"event": …}` and the event's fields | [`EventOutcome`](super::EventOutcome) |
//! | `GET /api/v1/cache/stream` | | what is invalidated, as server-sent events |
//! | `GET /api/v1/cache/jobs`, `…/jobs/{name}` | | with [`Routes::jobs`]: each job, how far it has come, its last runs |
//! | `POST /api/v1/cache/jobs/{name}` | | the same job, begun |
//! | `GET /health` | | `ok`, or `degraded` while the store does not answer |
//!
//! Bad input is a [`Problem`]: a status, and a JSON body with a stable code and the field at fault.
//!
//! A cached route takes a [`CacheRequest`] and ends with [`CacheRequest::respond`].

mod body;
mod cached_response;
mod cors;
mod etag;
mod events;
mod guard;
mod health;
mod invalidate;
mod jobs;
mod metrics;
mod problem;
mod routes;
mod serving;
mod stats;
mod stream;
mod time_limit;
mod unambiguous;

use axum::Router;
use axum::http::HeaderName;

use super::CacheService;

pub use cached_response::CacheRequest;
pub use cors::Cors;
pub use problem::Problem;
pub use routes::Routes;
pub use serving::{Serving, told_to_end};

/// The last event that a browser has heard: a stream goes on behind it, a cached route answers from nothing older.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// [`Routes`] as they are, for an application that puts them behind its own authentication.
pub fn router(cache: CacheService) -> Router {
    Routes::new(cache).build()
}
