//! The cache's own routes, and what stands before them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Method, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use super::guard::{Guards, Needs, guarded};
use super::{
    CacheService, Cors, Problem, events, health, invalidate, jobs, metrics, stats, stream,
    time_limit,
};
use crate::server::access::{AuditLog, Authorize, Limiter, RateLimit, Scope};
use crate::server::jobs::JobsHandle;

/// An id or a pattern fits many times.
const INVALIDATE_BODY_LIMIT: usize = 64 * 1024;

/// An event may bring a value along, and JSON may escape each of its bytes.
const EVENT_BODY_LIMIT: usize = 2 * CacheService::MAX_VALUE_BYTES;

/// How long a request may take unless [`Routes::time_limit`] says otherwise: many times what a slow store takes.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// The cache's own routes, with what should stand before them.
///
/// Without [`Routes::authorize`] every route is open to whoever reaches it: the library cannot know who your
/// callers are, and a default that refused everybody would only be switched off. So either bind to `127.0.0.1`,
/// as the command line and the demo do, or put the routes behind your own authentication, or say who may. What
/// holds in any case: a pattern outside the schema is refused, a body has a limit, a request ends, and no page
/// of another origin may call.
///
/// ```
/// use samekey::server::access::{Access, Principal, RateLimit, Reach, Scope};
/// use samekey::server::http::{Cors, Problem, Routes};
/// # use samekey::{schema::Schema, server::{CacheService, MemoryStore}};
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// # let schema = Schema { name: "doc".into(), ttl_classes: vec![], entities: vec![], families: vec![], events: vec![] };
/// # let cache = CacheService::new(&schema, MemoryStore::default());
///
/// let app: axum::Router = Routes::new(cache)
///     // Feature `jwt`: `Jwt::new(JwtKey::rs256(&pem)?, "https://issuer.example", "samekey")`.
///     .authorize(|_: &axum::http::request::Parts| -> Result<Access, Problem> {
///         Ok(Access::new(Principal::named("dashboard"))
///             .with_scopes([Scope::Read, Scope::Stream])
///             .with_reach(Reach::only("workspace", ["ws1"])))
///     })
///     .rate_limit(RateLimit::per_minute(120).burst(20))
///     .cors(Cors::allow(["https://app.example.com"])?)
///     .build();
/// # let _ = app;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
///
/// The rate limit counts those without a token by their address, which the server knows when it is served by
/// [`Serving`](super::Serving), or so: `axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>())`.
pub struct Routes {
    cache: CacheService,
    guards: Guards,
    time_limit: Duration,
    cors: Option<Cors>,
    jobs: Option<JobsHandle>,
}

impl Routes {
    /// The routes of this cache, open.
    #[must_use]
    pub fn new(cache: CacheService) -> Self {
        let guards = Guards { audit: cache.inner.audit.clone(), ..Guards::default() };
        Self { cache, guards, time_limit: TIME_LIMIT, cors: None, jobs: None }
    }

    /// Asks `authority` on every route but `/health`, which load balancers call: statistics and metrics need
    /// the scope `cache:read`, invalidations `cache:invalidate`, events `events:write`, the stream `cache:stream`. What is
    /// invalidated and what an event is about must be within the caller's reach.
    #[must_use]
    pub fn authorize(mut self, authority: impl Authorize) -> Self {
        self.guards.authority = Some(Box::new(authority));
        self
    }

    /// How often one principal may invalidate, post events, or come with a token that is none. What is too much
    /// is a 429 with `Retry-After`. Each call of this makes new allowances: share one router, not two.
    #[must_use]
    pub fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.guards.limiter = Some(Limiter::new(limit));
        self
    }

    /// Writes down invalidations, events, and who was refused, in this log instead of the service's own
    /// ([`CacheServiceBuilder::audit`](crate::server::CacheServiceBuilder::audit)).
    #[must_use]
    pub fn audit(mut self, audit: AuditLog) -> Self {
        self.guards.audit = Some(audit);
        self
    }

    /// Which pages of other origins may call; none without it.
    #[must_use]
    pub fn cors(mut self, cors: Cors) -> Self {
        self.cors = Some(cors);
        self
    }

    /// How long a request may take, its body included: 10 s unless set. Not the stream, which never ends.
    #[must_use]
    pub const fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }

    /// Shows these jobs, and runs one when asked to: `samekey warm` asks. Who runs one needs the scope `jobs:run`.
    #[must_use]
    pub fn jobs(mut self, jobs: JobsHandle) -> Self {
        self.jobs = Some(jobs);
        self
    }

    /// A router to merge into the application's own.
    pub fn build(self) -> Router {
        let guards = Arc::new(self.guards);
        let over = |needs, route| guarded(&guards, needs, route);
        let jobs = self.jobs.map_or_else(Router::new, |jobs| job_routes(&guards, jobs));
        let routes = Router::new()
            .route("/api/v1/cache/stats", over(Needs::scope(Scope::Read), get(stats::stats)))
            .route(
                "/api/v1/cache/invalidate",
                over(Needs::scope(Scope::Invalidate).limited(), post(invalidate::invalidate))
                    .layer(DefaultBodyLimit::max(INVALIDATE_BODY_LIMIT)),
            )
            .route(
                "/api/v1/events",
                over(Needs::scope(Scope::WriteEvents).limited(), post(events::events))
                    .layer(DefaultBodyLimit::max(EVENT_BODY_LIMIT)),
            )
            .route(
                "/api/v1/cache/stream",
                over(Needs::scope(Scope::Stream).or_query_token(), get(stream::stream)),
            )
            .route("/metrics", over(Needs::scope(Scope::Read), get(metrics::metrics)))
            .route("/health", get(health::health))
            .merge(jobs)
            .method_not_allowed_fallback(method_not_allowed)
            .route_layer(from_fn_with_state(self.time_limit, time_limit::within))
            .with_state(self.cache);
        match self.cors {
            Some(cors) => routes.layer(cors.layer()),
            None => routes,
        }
    }
}

fn job_routes<S: Clone + Send + Sync + 'static>(
    guards: &Arc<Guards>,
    handle: JobsHandle,
) -> Router<S> {
    let over = |needs, route| guarded(guards, needs, route);
    let show = over(Needs::scope(Scope::Read), get(jobs::show));
    let run = over(Needs::scope(Scope::RunJobs).limited(), post(jobs::run));
    Router::new()
        .route("/api/v1/cache/jobs", over(Needs::scope(Scope::Read), get(jobs::list)))
        .route("/api/v1/cache/jobs/{name}", show.merge(run))
        .with_state(handle)
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
            .field("limited", &self.guards.limiter.is_some())
            .field("audited", &self.guards.audit.is_some())
            .field("cors", &self.cors)
            .field("time_limit", &self.time_limit)
            .finish_non_exhaustive()
    }
}
