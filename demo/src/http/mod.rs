//! The API of the dashboard: every analytic under its schema key, through the
//! cache service; the lists, which are not cached; the demo's own controls; the
//! cache's routes, and the dashboard's files.

mod agents;
mod ask;
mod demonstrate;
mod executive;
mod metrics;
mod parameters;
mod site;
mod users;
mod workspaces;

use std::path::Path;

use axum::Router;
use axum::http::{StatusCode, Uri};
use axum::routing::any;
use samekey::server::access::RateLimit;
use samekey::server::http::{Problem, Routes};
use samekey::server::jobs::JobsHandle;

use crate::demo::Demo;

/// Everything the server answers. `www` is the folder of the built dashboard; `jobs` can be run by hand.
///
/// The cache's routes are open: the server is bound to 127.0.0.1, and its only user sits there. So they have no
/// `authorize`, and a limit that only a program gone wild meets.
pub fn router(demo: Demo, www: &Path, jobs: Option<JobsHandle>) -> Router {
    let cache = Routes::new(demo.cache.clone()).rate_limit(RateLimit::per_second(100).burst(500));
    let cache = match jobs {
        Some(jobs) => cache.jobs(jobs),
        None => cache,
    };
    Router::new()
        .merge(executive::routes())
        .merge(agents::routes())
        .merge(users::routes())
        .merge(workspaces::routes())
        .merge(metrics::routes())
        .merge(demonstrate::routes())
        .with_state(demo)
        .merge(cache.build())
        // Or the pages would answer for a route that is misspelt.
        .route("/api/{*rest}", any(no_such_route))
        .fallback_service(site::site(www))
}

async fn no_such_route(uri: Uri) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "E_NO_ROUTE", format!("there is nothing at {}", uri.path()))
}
