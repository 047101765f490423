//! `POST /api/v1/demo/simulate`: one thing happens now, and its event is posted,
//! as the dashboard's cache page and the tests ask for.

use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use samekey::server::EventOutcome;
use samekey::server::http::Problem;
use serde::{Deserialize, Serialize};

use super::ask::{broken, problem};
use super::parameters::bad_value;
use crate::analytics::AnalyticsError;
use crate::demo::Demo;
use crate::simulator::{Deed, Happened, happen};

/// So that a slip of the finger does not fill the disk.
const MOST: u32 = 1_000;

pub(super) fn routes() -> Router<Demo> {
    Router::new().route("/api/v1/demo/simulate", post(simulate))
}

#[derive(Debug, Deserialize)]
struct Wish {
    workspace_id: String,
    kind: String,
    count: Option<u32>,
}

/// What happened, and what it made stale.
#[derive(Debug, Serialize)]
struct Simulated {
    kind: &'static str,
    count: u32,
    /// The event's fields: who did it, and where.
    #[serde(flatten)]
    happened: Happened,
    #[serde(flatten)]
    outcome: EventOutcome,
}

async fn simulate(
    State(demo): State<Demo>,
    wish: Result<Json<Wish>, JsonRejection>,
) -> Result<Json<Simulated>, Problem> {
    let Json(wish) = wish.map_err(|error| {
        Problem::new(StatusCode::BAD_REQUEST, "E_BODY_INVALID", error.body_text())
    })?;
    let deed = Deed::parse(&wish.kind)
        .ok_or_else(|| bad_value("kind", "run, activity or credits", &wish.kind))?;
    let count = wish.count.unwrap_or(1);
    if !(1..=MOST).contains(&count) {
        return Err(bad_value("count", "a whole number from 1 to 1000", count));
    }
    let (database, world, now) = (demo.database.clone(), demo.world.clone(), demo.clock.now());
    let id = wish.workspace_id.clone();
    let appended = tokio::task::spawn_blocking(move || {
        database.write(|connection| happen(connection, &world, &id, deed, count, now))
    });
    let happened = appended.await.map_err(broken)?.map_err(|error| problem(error.into()))?;
    let Some(happened) = happened else {
        let unknown = AnalyticsError::NotFound { entity: "workspace", id: wish.workspace_id };
        return Err(problem(unknown));
    };
    // Written first, announced then: whoever computes anew after the event must see it.
    let outcome = happened.announce(&demo.cache).await?;
    Ok(Json(Simulated { kind: deed.name(), count, happened, outcome }))
}
