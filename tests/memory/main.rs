//! What is allocated, counted: a test program of its own, because its allocator counts.
//!
//! Counted is what the test's own thread allocates, so the tests go beside one another and a busy machine changes nothing.

#[path = "../server/fixture.rs"]
#[allow(dead_code, reason = "shared with the server's tests")]
mod fixture;
#[path = "../server/redis_server.rs"]
#[allow(dead_code, reason = "shared with the server's tests")]
mod redis_server;

mod bombs;
mod crowds;
mod misses;

use tokio::runtime::{Builder, Runtime};

/// Time stands still in it but for what the tests let pass, and there is one thread.
fn still() -> Runtime {
    Builder::new_current_thread().enable_all().start_paused(true).build().unwrap()
}
