//! The fault list: what can go wrong around a cache, row by row, done to real parts. `docs/faults.md` has the list and
//! says which test holds which row; `document` checks that it does.

#[cfg(feature = "cluster")]
mod cluster;
mod computes;
mod document;
mod keys;
mod leases;
mod nodes;
mod operation;
mod redis_away;
mod replies;
mod secrets;
mod values;

use std::time::{Duration, Instant};

use samekey::server::{BoxError, CacheService, CircuitState, L1Config, RedisConfig, RedisStore};
use serde_json::{Value, json};

use crate::fixture::{kpis, schema};
use crate::redis_server::{PATIENCE, RedisServer};
pub(crate) use crate::waiting::eventually;

/// The most that one call to the Redis store may take with the default configuration: an answer, two
/// connections, and what `RedisStore` adds for itself.
const STORE_TIMEOUT: Duration = Duration::from_millis(350);

/// What a busy machine may add. That nobody waits for long is shown by what waits for ever without a time limit; how long it
/// is on a quiet machine, the benchmarks say.
const SLACK: Duration = Duration::from_secs(20);

/// A service with the default time limits, and no copies in process: each question goes to the store.
fn impatient(url: impl Into<String>) -> CacheService {
    over(RedisStore::new(&RedisConfig::new(url)).unwrap())
}

/// The same for tests that are not about time.
fn patient(server: &RedisServer) -> CacheService {
    over(RedisStore::new(&server.patient_config()).unwrap())
}

/// A configuration for tests that are not about time: on a busy machine an answer may take longer than a cache
/// should wait.
fn unhurried(url: impl Into<String>) -> RedisConfig {
    let mut config = RedisConfig::new(url);
    (config.response_timeout, config.connect_timeout) = (PATIENCE, PATIENCE);
    config
}

fn over(store: impl samekey::server::Store) -> CacheService {
    CacheService::builder(schema()).store(store).l1(L1Config::off()).build().unwrap()
}

/// A value that says whose it is.
fn of(workspace: &str) -> Value {
    json!({ "workspace": workspace })
}

/// Asks for the value of a workspace; the answer, and how long it took.
async fn ask(cache: &CacheService, workspace: &str) -> (Value, Duration) {
    let (asked, value) = (Instant::now(), of(workspace));
    let answer =
        cache.get_or_compute(&kpis(workspace), || async { Ok::<_, BoxError>(value) }).await;
    ((*answer.unwrap()).clone(), asked.elapsed())
}

/// Waits until the store is asked again.
async fn closed(cache: &CacheService) {
    let mut states = cache.circuit().watch();
    let closed = states.wait_for(|state| *state == CircuitState::Closed);
    tokio::time::timeout(crate::waiting::PATIENCE, closed).await.expect("it is back").unwrap();
}
