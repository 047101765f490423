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
use samekey::server::http::Problem;

use crate::demo::Demo;

/// Everything the server answers. `www` is the folder of the built dashboard.
pub fn router(demo: Demo, www: &Path) -> Router {
    let cache = samekey::server::http::router(demo.cache.clone());
    Router::new()
        .merge(executive::routes())
        .merge(agents::routes())
        .merge(users::routes())
        .merge(workspaces::routes())
        .merge(metrics::routes())
        .merge(demonstrate::routes())
        .with_state(demo)
        .merge(cache)
        // Or the pages would answer for a route that is misspelt.
        .route("/api/{*rest}", any(no_such_route))
        .fallback_service(site::site(www))
}

async fn no_such_route(uri: Uri) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "E_NO_ROUTE", format!("there is nothing at {}", uri.path()))
}
