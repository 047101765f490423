//! `/api/v1/executive/…`

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use samekey::server::http::{CacheRequest, Problem};
use samekey::shadower;

use super::parameters::Parameters;
use crate::demo::Demo;

pub(super) fn routes() -> Router<Demo> {
    Router::new()
        .route("/api/v1/executive/dashboard", get(dashboard))
        .route("/api/v1/executive/kpis", get(kpis))
        .route("/api/v1/executive/revenue", get(revenue))
}

async fn dashboard(
    State(demo): State<Demo>,
    parameters: Parameters,
    request: CacheRequest,
) -> Result<Response, Problem> {
    let (workspace, timeframe) = (parameters.workspace()?, parameters.timeframe()?);
    let key = shadower::executive(&workspace, timeframe.name());
    demo.cached(&request, key, move |analyst| analyst.executive_dashboard(&workspace, timeframe))
        .await
}

async fn kpis(
    State(demo): State<Demo>,
    parameters: Parameters,
    request: CacheRequest,
) -> Result<Response, Problem> {
    let workspace = parameters.workspace()?;
    let key = shadower::kpis(&workspace);
    demo.cached(&request, key, move |analyst| analyst.kpis(&workspace)).await
}

async fn revenue(
    State(demo): State<Demo>,
    parameters: Parameters,
    request: CacheRequest,
) -> Result<Response, Problem> {
    let (workspace, timeframe) = (parameters.workspace()?, parameters.timeframe()?);
    let key = shadower::revenue(&workspace, timeframe.name());
    demo.cached(&request, key, move |analyst| analyst.revenue(&workspace, timeframe)).await
}
