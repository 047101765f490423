//! `/api/v1/workspaces…`

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use samekey::server::http::{CacheRequest, Problem};
use samekey::shadower;

use super::parameters::Parameters;
use crate::demo::Demo;

pub(super) fn routes() -> Router<Demo> {
    Router::new()
        .route("/api/v1/workspaces", get(list))
        .route("/api/v1/workspaces/{workspace}/overview", get(overview))
        .route("/api/v1/workspaces/{workspace}/analytics", get(analytics))
}

async fn list(State(demo): State<Demo>) -> Result<Response, Problem> {
    demo.uncached(|analyst| analyst.workspaces()).await
}

async fn overview(
    State(demo): State<Demo>,
    Path(workspace): Path<String>,
    request: CacheRequest,
) -> Result<Response, Problem> {
    let key = shadower::workspace_overview(&workspace);
    demo.cached(&request, key, move |analyst| analyst.workspace_overview(&workspace)).await
}

async fn analytics(
    State(demo): State<Demo>,
    Path(workspace): Path<String>,
    parameters: Parameters,
    request: CacheRequest,
) -> Result<Response, Problem> {
    let timeframe = parameters.timeframe()?;
    let key = shadower::workspace_analytics(&workspace, timeframe.name());
    demo.cached(&request, key, move |analyst| analyst.workspace_analytics(&workspace, timeframe))
        .await
}
