//! Rows 1 to 4: Redis is not there, dies, freezes, and comes back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use samekey::server::{CircuitState, http};
use tokio::task::JoinSet;

use super::{SLACK, STORE_TIMEOUT, ask, closed, eventually, impatient, of, patient};
use crate::fixture::kpis;
use crate::http_client::Http;
use crate::redis_server::{RedisServer, free_port};

/// How many callers may have waited: five open the circuit.
const THRESHOLD: usize = 5;

/// 1: the service starts; health says "degraded"; every answer is computed; no call waits longer than the
/// store's time limit, and after the fifth none waits at all.
#[tokio::test]
async fn row_01_a_service_starts_without_its_redis() {
    let cache = impatient(format!("redis://127.0.0.1:{}", free_port()));
    for question in 0..50 {
        let skipped = cache.circuit().status().skipped;
        let (answer, took) = ask(&cache, "ws1").await;
        assert_eq!(answer, of("ws1"));
        assert!(took < STORE_TIMEOUT + SLACK, "question {question} took {took:?}");
        if question >= THRESHOLD {
            assert!(cache.circuit().status().skipped > skipped, "question {question} waited");
        }
    }
    assert_ne!(cache.circuit().state(), CircuitState::Closed);
    let http = Http::serve(http::router(cache)).await;
    let health = http.get("/health").await;
    assert_eq!((health.status, health.json()["status"].as_str()), (200, Some("degraded")));
}

/// 2: 64 callers while Redis is killed: no wrong value and no panic, and once the circuit is open, none waits.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_02_redis_is_killed_under_64_callers() {
    let mut server = RedisServer::start();
    // A killed server says so at once. With a shorter patience a busy machine is taken for another outage.
    let cache = patient(&server);
    ask(&cache, "ws0").await;
    let over = Arc::new(AtomicBool::new(false));
    let mut callers = JoinSet::new();
    for caller in 0..64 {
        let (cache, over) = (cache.clone(), over.clone());
        callers.spawn(async move {
            let (mut asked, mut while_open, circuit) = (0_usize, Vec::new(), cache.circuit());
            while !over.load(Ordering::Relaxed) {
                let workspace = format!("ws{}", (caller + asked) % 32);
                let open = circuit.state() != CircuitState::Closed;
                let (answer, took) = ask(&cache, &workspace).await;
                assert_eq!(answer, of(&workspace));
                asked += 1;
                while_open.extend(open.then_some(took));
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            (asked, while_open)
        });
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    server.kill();
    let killed = Instant::now();
    eventually("the circuit opens", async || cache.circuit().state() != CircuitState::Closed).await;
    let opened = killed.elapsed();
    tokio::time::sleep(Duration::from_millis(500)).await;
    over.store(true, Ordering::Relaxed);
    let outcomes = callers.join_all().await;
    let asked: usize = outcomes.iter().map(|(asked, _)| asked).sum();
    let mut while_open: Vec<_> = outcomes.into_iter().flat_map(|(_, times)| times).collect();
    while_open.sort_unstable();
    assert!(opened < STORE_TIMEOUT + SLACK, "open after {opened:?}");
    assert!(
        asked > 64 && while_open.len() > 64,
        "{asked} asked, {} of them then",
        while_open.len()
    );
    // Of most, as the machine holds up some.
    let median = while_open[while_open.len() / 2];
    assert!(median < Duration::from_millis(50), "{median:?} while it was open");
    assert_eq!(cache.circuit().status().opened, 1, "once");
}

/// 2: what an open circuit adds to an answer, without the noise of 64 callers.
#[tokio::test]
async fn row_02_an_open_circuit_costs_far_less_than_a_millisecond() {
    let cache = impatient(format!("redis://127.0.0.1:{}", free_port()));
    while cache.circuit().state() == CircuitState::Closed {
        ask(&cache, "ws1").await;
    }
    let mut times = Vec::new();
    for _ in 0..1_000 {
        let asked = Instant::now();
        assert!(cache.get(&kpis("ws1")).await.is_err());
        times.push(asked.elapsed());
    }
    times.sort();
    // A tenth of that on a machine that has nothing else to do.
    assert!(times[500] < Duration::from_millis(1), "median {:?}", times[500]);
}

/// 3: Redis is stopped and closes nothing. Each of the first five questions waits for the store's time limit,
/// none of the others for anything.
#[tokio::test]
async fn row_03_redis_freezes() {
    let server = RedisServer::start();
    let cache = impatient(server.url());
    ask(&cache, "ws1").await;
    server.freeze();
    let mut waited = 0;
    for _ in 0..100 {
        let skipped = cache.circuit().status().skipped;
        let (answer, took) = ask(&cache, "ws1").await;
        assert_eq!(answer, of("ws1"));
        assert!(took < STORE_TIMEOUT + SLACK, "{took:?}");
        waited += usize::from(cache.circuit().status().skipped == skipped);
    }
    server.thaw();
    assert!(waited <= THRESHOLD, "{waited} waited");
    closed(&cache).await;
    assert_eq!(ask(&cache, "ws1").await.0, of("ws1"));
}

/// 4: Redis comes back: one probe at a time finds it, within 2 s where the machine is not busy with everything else, and what is
/// computed is stored again.
#[tokio::test]
async fn row_04_redis_is_found_again_within_two_seconds() {
    let mut server = RedisServer::start();
    let cache = patient(&server);
    ask(&cache, "ws1").await;
    server.kill();
    for _ in 0..20 {
        ask(&cache, "ws1").await;
    }
    assert_ne!(cache.circuit().state(), CircuitState::Closed);
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    server.restart();
    closed(&cache).await;
    ask(&cache, "ws1").await;
    assert!(cache.get(&kpis("ws1")).await.unwrap().is_some(), "stored again");
    let mut other = server.client().await;
    let stats: String =
        redis::cmd("INFO").arg("commandstats").query_async(&mut other).await.unwrap();
    let pings = stats.lines().find_map(|line| line.strip_prefix("cmdstat_ping:calls="));
    let pings: u64 = pings.unwrap().split(',').next().unwrap().parse().unwrap();
    // One is the fixture's, which waits for the server to answer, and asks again if that takes long.
    assert!(pings <= 5, "{pings} probes of a server that answers the first");
}

/// 4: the same with time limits that do not matter: nothing is lost or wrong over ten deaths.
#[tokio::test]
async fn row_04_ten_deaths_are_survived() {
    let mut server = RedisServer::start();
    let cache = patient(&server);
    for _ in 0..10 {
        assert_eq!(ask(&cache, "ws1").await.0, of("ws1"));
        server.kill();
        assert_eq!(ask(&cache, "ws1").await.0, of("ws1"));
        server.restart();
        eventually("it is found again", async || cache.ping().await.is_ok()).await;
    }
}
