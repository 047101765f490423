//! Ten thousand who ask for one key at once: in one process, and in four.

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use redis::AsyncCommands;
use samekey::server::{CacheError, CacheService, RedisConfig, RedisStore};
use samekey::shadower;

use crate::redis_child::{RedisChild, on_all_cores};
use crate::report::{Report, time};
use crate::subject::{dashboard, key};

/// The first argument of a process that is one of the four.
pub(crate) const WORKER: &str = "worker";

const CALLERS: usize = 10_000;
const PROCESSES: usize = 4;
const COMPUTE: Duration = Duration::from_millis(50);
/// Where the four processes count their computes.
const COUNT: &str = "bench:computes";

pub(crate) fn measure(report: &mut Report) {
    let redis = RedisChild::start();
    on_all_cores(async {
        let (computes, elapsed) = ask(&redis.url(), CALLERS, 1).await;
        let what = format!("10,000 callers of one key, a compute of {}", time(COMPUTE));
        let measured = format!("{computes} compute, {}", time(elapsed));
        report.figure(&what, measured, "exactly 1", computes == 1);
    });
    let workers: Vec<_> = (0..PROCESSES)
        .map(|_| {
            let this = std::env::current_exe().expect("this program");
            let worker =
                Command::new(this).args([WORKER, &redis.url()]).stdout(Stdio::inherit()).spawn();
            worker.expect("it starts")
        })
        .collect();
    for mut worker in workers {
        assert!(worker.wait().is_ok_and(|it| it.success()), "a worker failed");
    }
    on_all_cores(async {
        let mut raw =
            redis.client().get_multiplexed_async_connection().await.expect("Redis answers");
        let computes: usize = raw.get(COUNT).await.expect("it was counted");
        report.figure(
            "the same over 4 processes",
            format!("{computes} compute"),
            "exactly 1",
            computes == 1,
        );
    });
}

/// One of the four processes.
pub(crate) fn work(arguments: &[String]) {
    let [url] = arguments else { panic!("worker URL") };
    on_all_cores(async {
        let (computes, _) = ask(url, CALLERS / PROCESSES, 2).await;
        let client = redis::Client::open(url.as_str()).expect("a URL");
        let mut raw = client.get_multiplexed_async_connection().await.expect("Redis answers");
        let _: () = raw.incr(COUNT, computes).await.expect("it is counted");
    });
}

/// How many computes `callers` of the key of `row` cost here, and how long the last one waited.
async fn ask(url: &str, callers: usize, row: usize) -> (usize, Duration) {
    let mut config = RedisConfig::new(url);
    config.response_timeout = Duration::from_secs(5);
    let service = CacheService::new(shadower::schema(), RedisStore::new(&config).expect("a URL"));
    let computes = Arc::new(AtomicUsize::new(0));
    let started = Instant::now();
    let calls = (0..callers).map(|_| {
        let (service, computes) = (service.clone(), computes.clone());
        tokio::spawn(async move {
            let compute = || async move {
                computes.fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(COMPUTE).await;
                Ok::<_, CacheError>(dashboard())
            };
            service.get_or_compute(&key(row), compute).await.expect("it is computed");
        })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.expect("no caller panics");
    }
    (computes.load(Ordering::SeqCst), started.elapsed())
}
