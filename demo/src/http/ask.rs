//! From a request to the database: cached under a key of the schema, or not.

use std::sync::Arc;

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use samekey::schema::{KeyError, TypedKey};
use samekey::server::http::{CacheRequest, Problem};
use samekey::server::jobs::{JobContext, Priority, Warmup};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::analytics::{Analyst, AnalyticsError};
use crate::demo::Demo;
use crate::timeframe::Timeframe;

/// One answer for each timeframe.
type EachFrame<T> = [T; Timeframe::ALL.len()];

impl Demo {
    /// Answers with the value under `key`, which `question` computes on a miss.
    pub(super) async fn cached<T, Q>(
        &self,
        request: &CacheRequest,
        key: Result<TypedKey<T>, KeyError>,
        question: Q,
    ) -> Result<Response, Problem>
    where
        T: Serialize + DeserializeOwned + Send + 'static,
        Q: FnOnce(Analyst<'_>) -> Result<T, AnalyticsError> + Send + 'static,
    {
        let demo = self.clone();
        request.respond(&self.cache, &key?, move || async move { demo.ask(question).await }).await
    }

    /// [`Demo::cached`] for what costs little more in all timeframes than in one. Who looks at one is likely to look at
    /// another: after a miss those that are not there are computed too, and nobody waits for them.
    pub(super) async fn cached_in_each_frame<T, Q, A>(
        &self,
        request: &CacheRequest,
        timeframe: Timeframe,
        key: impl Fn(Timeframe) -> Result<TypedKey<T>, KeyError>,
        question: Q,
        in_all: A,
    ) -> Result<Response, Problem>
    where
        T: Serialize + DeserializeOwned + Send + Sync + 'static,
        Q: FnOnce(Analyst<'_>) -> Result<T, AnalyticsError> + Send + 'static,
        A: Fn(Analyst<'_>) -> Result<EachFrame<T>, AnalyticsError> + Send + Sync + 'static,
    {
        let response = self.cached(request, key(timeframe), question).await?;
        if response.headers().get("x-cache").is_some_and(|found| found == "MISS") {
            let keys = Timeframe::ALL.into_iter().map(key).collect::<Result<_, _>>()?;
            tokio::spawn(self.clone().fill(keys, in_all));
        }
        Ok(response)
    }

    /// Computes those of `keys`, of each timeframe in turn, that are not there.
    async fn fill<T, A>(self, keys: Vec<TypedKey<T>>, answers: A)
    where
        T: Serialize + DeserializeOwned + Send + Sync + 'static,
        A: Fn(Analyst<'_>) -> Result<EachFrame<T>, AnalyticsError> + Send + Sync + 'static,
    {
        let context = JobContext::new(self.cache.clone(), Default::default());
        let (all, answers) = (keys.clone(), Arc::new(answers));
        let compute = move |missing: Vec<TypedKey<T>>| {
            let (demo, all, answers) = (self.clone(), all.clone(), answers.clone());
            async move {
                let answers = demo.ask(move |analyst| answers(analyst)).await?;
                let answers = all.into_iter().zip(answers);
                let missing =
                    |key: &TypedKey<T>| missing.iter().any(|of| of.as_str() == key.as_str());
                Ok::<_, Problem>(answers.filter(|(key, _)| missing(key)).collect())
            }
        };
        // Logged where it fails; whoever asks computes it.
        Warmup::new().add_many(Priority::Low, &keys, compute).warm(&context).await;
    }

    /// Answers with what `question` finds now; nobody keeps it.
    pub(super) async fn uncached<T, Q>(&self, question: Q) -> Result<Response, Problem>
    where
        T: Serialize + Send + 'static,
        Q: FnOnce(Analyst<'_>) -> Result<T, AnalyticsError> + Send + 'static,
    {
        let answer = self.ask(question).await?;
        Ok(([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response())
    }

    /// What `question` finds now, asked on a thread that may block.
    ///
    /// # Errors
    /// The analytics' own, as the problem that a client is told.
    pub async fn ask<T, Q>(&self, question: Q) -> Result<T, Problem>
    where
        T: Send + 'static,
        Q: FnOnce(Analyst<'_>) -> Result<T, AnalyticsError> + Send + 'static,
    {
        let (database, now) = (self.database.clone(), self.clock.now());
        // SQL blocks; the runtime's own threads must stay free to answer hits.
        let asked = tokio::task::spawn_blocking(move || {
            database.read(|connection| question(Analyst::new(connection, now)))
        });
        asked.await.map_err(broken)?.map_err(problem)
    }
}

pub(super) fn problem(error: AnalyticsError) -> Problem {
    let (code, text) = (error.code(), error.to_string());
    match error {
        AnalyticsError::NotFound { entity, .. } => {
            Problem::new(StatusCode::NOT_FOUND, code, text).with_field(format!("{entity}_id"))
        }
        AnalyticsError::BadParameter { field, .. } => {
            Problem::new(StatusCode::BAD_REQUEST, code, text).with_field(field)
        }
        AnalyticsError::Database(error) => {
            tracing::error!(%error, "a question to the database failed");
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, code, "the database did not answer")
        }
    }
}

/// A question that panicked, or a runtime on its way down.
pub(super) fn broken(error: tokio::task::JoinError) -> Problem {
    tracing::error!(%error, "a question did not come to its end");
    Problem::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "E_INTERNAL",
        "the answer could not be computed",
    )
}
