//! The cache's own routes, and what stands before them.

use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Method, StatusCode};
use axum::routing::{get, post};

use super::guard::{Guards, Needs, guarded};
use super::{CacheService, Problem, events, health, invalidate, stats};
use crate::server::access::{Authorize, Scope};

/// An id or a pattern fits many times.
const INVALIDATE_BODY_LIMIT: usize = 64 * 1024;

/// An event may bring a value along, and JSON may escape each of its bytes.
const EVENT_BODY_LIMIT: usize = 2 * CacheService::MAX_VALUE_BYTES;

/// The cache's own routes, with what should stand before them.
///
/// Without [`Routes::authorize`] every route is open to whoever reaches it: the library cannot know who your
/// callers are, and a default that refused everybody would only be switched off. So either bind to `127.0.0.1`,
/// as the command line and the demo do, or put the routes behind your own authentication, or say who may.
pub struct Routes {
    cache: CacheService,
    guards: Guards,
}

impl Routes {
    /// The routes of this cache, open.
    #[must_use]
    pub fn new(cache: CacheService) -> Self {
        Self { cache, guards: Guards::default() }
    }

    /// Asks `authority` on every route but `/health`, which load balancers call: statistics need the scope
    /// `cache:read`, invalidations `cache:invalidate`, events `events:write`, the stream `cache:stream`.
    #[must_use]
    pub fn authorize(mut self, authority: impl Authorize) -> Self {
        self.guards.authority = Some(Box::new(authority));
        self
    }

    /// A router to merge into the application's own.
    pub fn build(self) -> Router {
        let guards = Arc::new(self.guards);
        let over = |scope, route| guarded(&guards, Needs::scope(scope), route);
        Router::new()
            .route("/api/v1/cache/stats", over(Scope::Read, get(stats::stats)))
            .route(
                "/api/v1/cache/invalidate",
                over(Scope::Invalidate, post(invalidate::invalidate))
                    .layer(DefaultBodyLimit::max(INVALIDATE_BODY_LIMIT)),
            )
            .route(
                "/api/v1/events",
                over(Scope::WriteEvents, post(events::events))
                    .layer(DefaultBodyLimit::max(EVENT_BODY_LIMIT)),
            )
            .route("/health", get(health::health))
            .method_not_allowed_fallback(method_not_allowed)
            .with_state(self.cache)
    }
}

async fn method_not_allowed(method: Method) -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "E_METHOD_NOT_ALLOWED",
        format!("{method} is not for this path"),
    )
}

impl fmt::Debug for Routes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Routes")
            .field("cache", &self.cache)
            .field("authorized", &self.guards.authority.is_some())
            .finish_non_exhaustive()
    }
}
