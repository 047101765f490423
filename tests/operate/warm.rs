use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use samekey::server::http::Routes;
use samekey::server::jobs::{Jobs, Priority, RunningJobs, WallClock, Warmup};
use samekey::server::{BoxError, CacheService, MemoryStore};
use samekey::shadower;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::spawn_blocking;

use crate::command::{Ran, run};
use crate::serve::Node;

/// A clock that stands still: no job is due by itself while a test counts its runs.
pub(crate) struct Still;

impl WallClock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(1_795_340_096).expect("a Sunday in 2026, at 9:34:56")
    }
}

/// An application of the test's own, whose warm-up has `keys` keys of which `failing` fail.
pub(crate) async fn application(keys: usize, failing: usize) -> (SocketAddr, RunningJobs) {
    let mut warmup = Warmup::new();
    for index in 0..keys {
        let key = shadower::query_result(format!("h{index}")).unwrap();
        warmup = warmup.add(Priority::Normal, &key, move || async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            if index < failing { Err(BoxError::from("no such table")) } else { Ok(json!(index)) }
        });
    }
    serve(warmup).await
}

/// One whose warm-up is not over before `go` is told, however long a test takes to look at it.
pub(crate) async fn application_that_goes_on(
    keys: usize,
    go: &Arc<Notify>,
) -> (SocketAddr, RunningJobs) {
    let mut warmup = Warmup::new();
    for index in 0..keys {
        let (key, go) = (shadower::query_result(format!("h{index}")).unwrap(), go.clone());
        warmup = warmup.add(Priority::Normal, &key, move || {
            let go = go.clone();
            async move {
                if index + 1 == keys {
                    go.notified().await;
                }
                Ok::<_, BoxError>(json!(index))
            }
        });
    }
    serve(warmup).await
}

async fn serve(warmup: Warmup) -> (SocketAddr, RunningJobs) {
    let cache = CacheService::new(shadower::schema(), MemoryStore::default());
    let jobs = Jobs::new(&cache).clock(Still).job(warmup).unwrap().start();
    let app = Routes::new(cache).jobs(jobs.handle()).build();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, app).await });
    (address, jobs)
}

async fn warm(address: SocketAddr, more: &'static [&'static str]) -> Ran {
    let warm = move || {
        let url = format!("http://{address}");
        run(&[&["warm", "--url", &url], more].concat())
    };
    spawn_blocking(warm).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_applications_warm_up_is_run_and_the_second_time_all_is_there() {
    let (address, jobs) = application(40, 0).await;

    let first = warm(address, &[]).await;
    assert_eq!(first.code, 0, "{}", first.err);
    assert!(
        first.out.starts_with("warmup: 40 computed, 0 there already, 0 failed, 0 not come to"),
        "{}",
        first.out
    );

    let second: Value = serde_json::from_str(&warm(address, &["--json"]).await.out).unwrap();
    assert_eq!((&second["outcome"], &second["report"]["present"]), (&json!("done"), &json!(40)));
    assert_eq!(jobs.history("warmup").await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_failed_are_counted_and_are_exit_code_1() {
    let (address, _jobs) = application(5, 2).await;
    let ran = warm(address, &[]).await;
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("3 computed, 0 there already, 2 failed"), "{}", ran.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_is_not_there_and_one_that_is_being_run_are_said_so() {
    let (address, jobs) = application_that_goes_on(1, &Arc::default()).await;

    let unknown = warm(address, &["--job", "warm-up"]).await;
    assert_eq!(unknown.code, 2);
    assert!(unknown.err.contains("E_JOB_UNKNOWN: there is no job `warm-up`"), "{}", unknown.err);

    jobs.begin("warmup").await.unwrap();
    let busy = warm(address, &[]).await;
    assert_eq!(busy.code, 2);
    assert!(busy.err.contains("E_JOB_BUSY: `warmup` is being run"), "{}", busy.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn how_far_a_run_has_come_can_be_seen_until_it_stands_in_the_history() {
    let go = Arc::new(Notify::new());
    let (_, jobs) = application_that_goes_on(1, &go).await;
    assert_eq!(jobs.progress("warmup").unwrap(), None);

    jobs.begin("warmup").await.unwrap();

    let progress = jobs.progress("warmup").unwrap().expect("it is under way");
    assert_eq!(progress.done, 0);
    go.notify_one();
    while jobs.progress("warmup").unwrap().is_some() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(jobs.history("warmup").await.unwrap().len(), 1);
}

#[test]
fn a_node_beside_an_application_says_that_the_jobs_are_the_applications() {
    let node = Node::start(&[]);
    let ran = run(&["warm", "--url", &node.url]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("of an application that runs jobs?"), "{}", ran.err);
}
