//! Any time may be asked for, `Duration::MAX` as "for ever" too: it is cut to what a clock holds, and panics nowhere.

use std::time::Duration;

use futures_util::future::join_all;
use samekey::schema::{Key, TypedKey};
use samekey::server::jobs::{
    HotKeys, Job, JobContext, JobFuture, JobOutcome, Jobs, Priority, Refresh, Warmup,
};
use samekey::server::{
    BoxError, CacheService, Lookup, Policy, RedisStore, Store, StreamConfig, fail_for,
};
use serde_json::{Value, json};
use tokio::time::{advance, timeout};

use crate::fixture::{Counted, MEDIUM, kpis, memory_cache, nth, schema};
use crate::redis_server::RedisServer;
use crate::sse_client::Sse;
use crate::stream_node::Node;

fn for_ever() -> Policy {
    Policy::default()
        .stale(Duration::MAX)
        .soft_timeout(Duration::MAX)
        .hard_timeout(Duration::MAX)
        .throttle(Duration::MAX)
        .cache_none(Duration::MAX)
        .lease(Duration::MAX)
}

async fn failing() -> Result<Value, BoxError> {
    Err("the database is down".into())
}

#[tokio::test(start_paused = true)]
async fn a_policy_may_wait_and_keep_and_rest_for_ever() {
    let cache = CacheService::builder(schema()).policy(for_ever()).build().unwrap();
    let (key, compute) = (kpis("ws1"), Counted::default());
    let ask = |lookup| {
        let compute = compute.clone();
        cache.get_or_compute_with(&key, lookup, || compute.call())
    };
    assert_eq!(ask(Lookup::Use).await.unwrap(), nth(1));
    assert_eq!(ask(Lookup::Refresh).await.unwrap(), nth(2));
    assert_eq!(ask(Lookup::Skip).await.unwrap(), nth(3));
    let keys = [kpis("ws1"), kpis("ws2")];
    let many = |missing: Vec<_>| async move {
        Ok::<_, BoxError>(missing.into_iter().map(|key| (key, json!(7))).collect())
    };
    let values = cache.get_many_or_compute(&keys, many).await.unwrap();
    assert_eq!(values, [Some(nth(2)), Some(json!(7).into())]);
    let long = TypedKey::<Value>::new(Key::parse("exec:kpis:ws3").unwrap(), "kpis", Duration::MAX);
    let (inner, own) = (cache.clone(), long.clone());
    let within = || async move {
        let value = inner.get_or_compute(&own, || Counted::default().call()).await?;
        Ok::<_, BoxError>((*value).clone())
    };
    assert_eq!(cache.get_or_compute(&long, within).await.unwrap(), nth(1));
    advance(MEDIUM).await;
    assert_eq!(cache.get_or_compute(&key, failing).await.unwrap(), nth(2), "stale for ever");
    assert_eq!(cache.get_or_compute(&key, failing).await.unwrap(), nth(2), "and at rest");
}

#[tokio::test(start_paused = true)]
async fn an_error_may_answer_for_ever() {
    let key = kpis("ws1");
    let by_policy = Policy::default().cache_errors(Duration::MAX);
    let by_policy = CacheService::builder(schema()).policy(by_policy).build().unwrap();
    let by_word = || async {
        fail_for(Duration::MAX);
        failing().await
    };
    for answer in [
        by_policy.get_or_compute(&key, failing).await,
        memory_cache().get_or_compute(&key, by_word).await,
    ] {
        assert_eq!(answer.unwrap_err().code(), "E_COMPUTE_FAILED");
    }
    let compute = Counted::default();
    let counted = compute.clone();
    let error = by_policy.get_or_compute(&key, || counted.call()).await.unwrap_err();
    assert_eq!((error.code(), compute.calls()), ("E_COMPUTE_FAILED", 0));
}

#[tokio::test]
async fn a_stream_may_beat_never_or_all_the_time() {
    for heartbeat in [Duration::MAX, Duration::ZERO] {
        let config = StreamConfig { heartbeat, ..StreamConfig::default() };
        let node = Node::of(CacheService::builder(schema()).stream(config).build().unwrap()).await;
        let mut sse =
            timeout(crate::waiting::PATIENCE, Sse::open(node.http.address())).await.unwrap();
        assert!(sse.expect("hello").await.data["heartbeat_ms"].as_u64().unwrap() > 0);
    }
}

/// A job that takes its time.
struct Patient;

impl Job for Patient {
    fn name(&self) -> &str {
        "patient"
    }

    fn schedule(&self) -> &str {
        "0 4 * * *"
    }

    fn max_time(&self) -> Duration {
        Duration::MAX
    }

    fn run<'a>(&'a self, _: &'a JobContext) -> JobFuture<'a> {
        Box::pin(async { Ok(json!("done")) })
    }
}

#[tokio::test(start_paused = true)]
async fn a_job_may_take_for_ever() {
    let cache = memory_cache();
    let hot = HotKeys::default();
    hot.register(&kpis("ws1"), || Counted::default().call());
    let warmup = Warmup::new()
        .budget(Duration::MAX)
        .add(Priority::High, &kpis("ws2"), || Counted::default().call());
    let refresh = Refresh::new(&hot).budget(Duration::MAX);
    let jobs = Jobs::new(&cache).job(Patient).unwrap().job(warmup).unwrap().job(refresh).unwrap();
    let jobs = jobs.start();
    for name in ["patient", "warmup", "refresh"] {
        assert_eq!(jobs.run(name).await.unwrap().outcome, JobOutcome::Done, "{name}");
    }
    jobs.stop().await;
}

#[tokio::test]
async fn redis_may_be_waited_for_for_ever() {
    let server = RedisServer::start();
    let mut config = server.patient_config();
    (config.response_timeout, config.connect_timeout) = (Duration::MAX, Duration::MAX);
    let store = RedisStore::new(&config).unwrap();
    let reads = (0..3).map(|_| store.get("exec:kpis:ws1"));
    for read in join_all(reads).await {
        assert_eq!(read.unwrap(), None);
    }
}
