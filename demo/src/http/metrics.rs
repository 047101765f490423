//! `/api/v1/metrics/…`

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use samekey::server::http::{CacheRequest, Problem};
use samekey::shadower;

use super::parameters::Parameters;
use crate::analytics::{Period, RealtimeMetric};
use crate::demo::Demo;
use crate::timeframe::Timeframe;

pub(super) fn routes() -> Router<Demo> {
    Router::new()
        .route("/api/v1/metrics/runs", get(runs))
        .route("/api/v1/metrics/realtime", get(realtime))
        .route("/api/v1/metrics/active-users", get(active_users))
        .route("/api/v1/metrics/credits", get(credits))
}

fn period(parameters: &Parameters) -> Result<Period, Problem> {
    parameters.choice("period", Period::parse, "daily or hourly")
}

async fn runs(
    State(demo): State<Demo>,
    parameters: Parameters,
    request: CacheRequest,
) -> Result<Response, Problem> {
    let (workspace, period) = (parameters.workspace()?, period(&parameters)?);
    let key = shadower::run_metrics(&workspace, period.name());
    demo.cached(&request, key, move |analyst| analyst.run_metrics(&workspace, period)).await
}

async fn realtime(
    State(demo): State<Demo>,
    parameters: Parameters,
    request: CacheRequest,
) -> Result<Response, Problem> {
    let workspace = parameters.workspace()?;
    let metric = parameters.choice("metric", RealtimeMetric::parse, "runs, credits or users")?;
    let key = shadower::realtime_metrics(&workspace, metric.name());
    demo.cached(&request, key, move |analyst| analyst.realtime_metrics(&workspace, metric)).await
}

async fn active_users(
    State(demo): State<Demo>,
    parameters: Parameters,
    request: CacheRequest,
) -> Result<Response, Problem> {
    let workspace = parameters.workspace()?;
    // An hour and a quarter are timeframes, but nobody calls that window "active".
    let parse = |text: &str| {
        Timeframe::parse(text)
            .filter(|frame| !matches!(frame, Timeframe::Hour | Timeframe::Quarter))
    };
    let window = parameters.choice("window", parse, "one of 24h, 7d, 30d")?;
    let key = shadower::active_users(&workspace, window.name());
    demo.cached(&request, key, move |analyst| analyst.active_users(&workspace, window)).await
}

async fn credits(
    State(demo): State<Demo>,
    parameters: Parameters,
    request: CacheRequest,
) -> Result<Response, Problem> {
    let (workspace, period) = (parameters.workspace()?, period(&parameters)?);
    let key = shadower::credit_metrics(&workspace, period.name());
    demo.cached(&request, key, move |analyst| analyst.credit_metrics(&workspace, period)).await
}
