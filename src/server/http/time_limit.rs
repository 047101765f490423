//! How long a request may take, and what happens to work whose client is gone.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Problem;

/// A request that takes longer is answered with a problem. Its body may be what is late, or the store.
pub(super) async fn within(
    State(limit): State<Duration>,
    request: Request,
    next: Next,
) -> Response {
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "E_REQUEST_TIMEOUT",
            "this took too long; what was asked for may still happen",
        )
        .into_response(),
    }
}

/// Runs `work` to its end, whether anybody still waits for it or not. A client that hangs up drops its request's
/// future at whatever point it stands; an invalidation must not end with the leases gone and the data there.
pub(super) async fn to_its_end<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, Problem> {
    tokio::spawn(work).await.map_err(|_| {
        Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "E_REQUEST_PANICKED",
            "the request ended without an answer",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn work_ends_although_nobody_waits_for_it_any_more() {
        let (sender, mut done) = tokio::sync::mpsc::channel(1);
        let work = to_its_end(async move {
            tokio::time::sleep(Duration::from_secs(2)).await;
            sender.send(()).await
        });
        assert!(tokio::time::timeout(Duration::from_secs(1), work).await.is_err());
        assert_eq!(done.recv().await, Some(()));
    }

    #[tokio::test]
    async fn a_panic_is_a_problem() {
        let work = to_its_end(async { assert!(std::hint::black_box(false), "a bug") });
        assert_eq!(work.await.unwrap_err().code(), "E_REQUEST_PANICKED");
    }
}
