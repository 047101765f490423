//! Waiting for what has to come, however busy the machine is.

use std::time::{Duration, Instant};

/// What takes longer than this does not come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Returns when it holds.
pub(crate) async fn eventually(what: &str, holds: impl AsyncFn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds().await {
        assert!(Instant::now() < deadline, "it does not come that {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
