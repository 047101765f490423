//! Whether this node has read the log as far as somebody has who asks it.
//!
//! A browser hears of an invalidation through one node and may ask another one then, which has yet to hear of it: that one
//! would answer from its memory with what the browser has just been told not to believe.

use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::LogId;
use super::hub::Hub;

/// How long a question waits. A node is behind by milliseconds, or it is in trouble.
const PATIENCE: Duration = Duration::from_millis(250);

/// How often it looks when nothing is told: an entry may mean nothing to this node.
const PAUSE: Duration = Duration::from_millis(10);

impl Hub {
    /// Waits until this node has read the log up to `id`; whether it has. An id that is not in the log is somebody else's
    /// log's, and nothing to wait for.
    pub(super) async fn catch_up(&self, id: LogId) -> bool {
        if self.place() >= id {
            return true;
        }
        if !self.follows() {
            return false;
        }
        let mut ring = self.ring.subscribe();
        let reading = async {
            if self.log.latest().await.is_ok_and(|latest| latest < id) {
                return;
            }
            while self.place() < id {
                tokio::select! {
                    _ = ring.recv() => {}
                    () = sleep(PAUSE) => {}
                }
            }
        };
        timeout(PATIENCE, reading).await.is_ok()
    }
}
