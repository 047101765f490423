//! `GET /api/v1/cache/jobs` and `POST /api/v1/cache/jobs/{name}`.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Serialize;

use super::Problem;
use crate::server::jobs::{JobError, JobProgress, JobRun, JobsHandle};

/// A job as it stands.
#[derive(Serialize)]
pub(super) struct JobStatus {
    job: String,
    /// How far it has come on this node; null while it is not being run here.
    running: Option<JobProgress>,
    /// Its last runs on any node, the newest last.
    runs: Vec<JobRun>,
}

pub(super) async fn list(State(jobs): State<JobsHandle>) -> Result<Json<Vec<JobStatus>>, Problem> {
    let mut all = Vec::new();
    for name in jobs.names() {
        all.push(status(&jobs, name).await?);
    }
    Ok(Json(all))
}

pub(super) async fn show(
    State(jobs): State<JobsHandle>,
    name: Result<Path<String>, PathRejection>,
) -> Result<Json<JobStatus>, Problem> {
    let name = named(name)?;
    Ok(Json(status(&jobs, &name).await?))
}

/// Begins a run, and does not wait for its end: that may take longer than a request.
pub(super) async fn run(
    State(jobs): State<JobsHandle>,
    name: Result<Path<String>, PathRejection>,
) -> Result<(StatusCode, Json<JobStatus>), Problem> {
    let name = named(name)?;
    jobs.begin(&name).await?;
    Ok((StatusCode::ACCEPTED, Json(status(&jobs, &name).await?)))
}

/// The name in the path. What is no text there is no job's.
fn named(name: Result<Path<String>, PathRejection>) -> Result<String, JobError> {
    name.map(|Path(name)| name).map_err(|_| JobError::Unknown("\u{fffd}".to_owned()))
}

async fn status(jobs: &JobsHandle, name: &str) -> Result<JobStatus, JobError> {
    // In this order: a run that ends between the two questions is in the second's answer.
    let running = jobs.progress(name)?;
    Ok(JobStatus { job: name.to_owned(), running, runs: jobs.history(name).await? })
}

impl From<JobError> for Problem {
    fn from(error: JobError) -> Self {
        let status = match error {
            JobError::Unknown(_) => StatusCode::NOT_FOUND,
            JobError::Busy(_) => StatusCode::CONFLICT,
            JobError::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let text = error.to_string();
        let message = text.trim_start_matches(error.code()).trim_start_matches(": ");
        Self::new(status, error.code(), message.to_owned())
    }
}
