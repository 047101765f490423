//! `/api/v1/agents…`

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use samekey::server::http::{CacheRequest, Problem};
use samekey::shadower;

use super::parameters::Parameters;
use crate::demo::Demo;
use crate::timeframe::Timeframe;

pub(super) fn routes() -> Router<Demo> {
    Router::new()
        .route("/api/v1/agents", get(list))
        .route("/api/v1/agents/top", get(top))
        .route("/api/v1/agents/{agent}/analytics", get(analytics))
}

async fn list(State(demo): State<Demo>, parameters: Parameters) -> Result<Response, Problem> {
    let workspace = parameters.workspace()?;
    demo.uncached(move |analyst| analyst.agents(&workspace)).await
}

async fn top(
    State(demo): State<Demo>,
    parameters: Parameters,
    request: CacheRequest,
) -> Result<Response, Problem> {
    let (workspace, timeframe) = (parameters.workspace()?, parameters.timeframe()?);
    let limit = parameters.number("limit", 10, 1..=100)?;
    let key = shadower::top_agents(&workspace, timeframe.name(), Some(limit.into()));
    demo.cached(&request, key, move |analyst| analyst.top_agents(&workspace, timeframe, limit))
        .await
}

async fn analytics(
    State(demo): State<Demo>,
    Path(agent): Path<String>,
    parameters: Parameters,
    request: CacheRequest,
) -> Result<Response, Problem> {
    let timeframe = parameters.timeframe()?;
    let (one, all) = (agent.clone(), agent.clone());
    demo.cached_in_each_frame(
        &request,
        timeframe,
        |frame| shadower::agent_analytics(&agent, frame.name()),
        move |analyst| analyst.agent_analytics(&one, timeframe),
        move |analyst| analyst.agent_analytics_in(&all, Timeframe::ALL),
    )
    .await
}
