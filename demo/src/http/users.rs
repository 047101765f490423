//! `/api/v1/users…`

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
        .route("/api/v1/users", get(list))
        .route("/api/v1/users/analytics", get(analytics))
        .route("/api/v1/users/retention", get(retention))
        .route("/api/v1/users/churn", get(churn))
        .route("/api/v1/users/{user}/activity", get(activity))
        .route("/api/v1/users/{user}/metrics", get(metrics))
}

async fn list(State(demo): State<Demo>, parameters: Parameters) -> Result<Response, Problem> {
    let workspace = parameters.workspace()?;
    let limit = parameters.number("limit", 50, 1..=1_000)?;
    demo.uncached(move |analyst| analyst.users(&workspace, limit)).await
}

async fn analytics(
    State(demo): State<Demo>,
    parameters: Parameters,
    request: CacheRequest,
) -> Result<Response, Problem> {
    let (workspace, timeframe) = (parameters.workspace()?, parameters.timeframe()?);
    let segment = parameters.get("segment").map(str::to_owned);
    let key = shadower::user_analytics(&workspace, timeframe.name(), segment.as_deref());
    demo.cached(&request, key, move |analyst| {
        analyst.user_analytics(&workspace, timeframe, segment.as_deref())
    })
    .await
}

async fn retention(
    State(demo): State<Demo>,
    parameters: Parameters,
    request: CacheRequest,
) -> Result<Response, Problem> {
    let workspace = parameters.workspace()?;
    let cohort_date = parameters.required("cohort_date")?.to_owned();
    let days = parameters.number("days", 30, 0..=365)?;
    let key = shadower::retention_curve(&workspace, &cohort_date, days);
    demo.cached(&request, key, move |analyst| {
        analyst.retention_curve(&workspace, &cohort_date, days)
    })
    .await
}

async fn churn(
    State(demo): State<Demo>,
    parameters: Parameters,
    request: CacheRequest,
) -> Result<Response, Problem> {
    let (workspace, timeframe) = (parameters.workspace()?, parameters.timeframe()?);
    let key = shadower::churn(&workspace, timeframe.name());
    demo.cached(&request, key, move |analyst| analyst.churn(&workspace, timeframe)).await
}

async fn activity(
    State(demo): State<Demo>,
    Path(user): Path<String>,
    parameters: Parameters,
    request: CacheRequest,
) -> Result<Response, Problem> {
    let date = parameters.required("date")?.to_owned();
    let key = shadower::user_activity(&user, &date);
    demo.cached(&request, key, move |analyst| analyst.user_activity(&user, &date)).await
}

async fn metrics(
    State(demo): State<Demo>,
    Path(user): Path<String>,
    parameters: Parameters,
    request: CacheRequest,
) -> Result<Response, Problem> {
    let timeframe = parameters.timeframe()?;
    let (one, all) = (user.clone(), user.clone());
    demo.cached_in_each_frame(
        &request,
        timeframe,
        |frame| shadower::user_metrics(&user, frame.name()),
        move |analyst| analyst.user_metrics(&one, timeframe),
        move |analyst| analyst.user_metrics_in(&all, Timeframe::ALL),
    )
    .await
}
