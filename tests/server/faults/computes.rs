//! Rows 6 to 15: stores and computes that are slow, fail, panic, or are wanted by thousands.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use samekey::server::{
    BoxError, CacheService, ChaosStore, L1Config, Lookup, MemoryStore, Operation, Policy,
    RedisConfig, RedisStore, Source, WhenDown,
};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{Instant, advance, sleep};

use super::{ask, closed, eventually, of};
use crate::fixture::{Counted, MEDIUM, kpis, nth, schema};
use crate::redis_server::{RedisServer, free_port};

fn with_policy(policy: Policy) -> CacheService {
    CacheService::builder(schema()).policy(policy).build().unwrap()
}

/// A policy under which an old value may be served for ten minutes, and no value is refreshed ahead of time.
fn stale() -> Policy {
    Policy::default().stale(Duration::from_secs(600)).early_refresh(0.0)
}

/// 6: an answer of Redis that comes after the time limit: the caller has had the computed value by then, and
/// nobody gets the late answer for another question's.
#[tokio::test]
async fn row_06_a_late_answer_is_nobodys() {
    let server = RedisServer::start();
    let cache = super::impatient(server.url());
    for workspace in 0..20 {
        ask(&cache, &format!("ws{workspace}")).await;
    }
    for round in 0..5 {
        server.freeze();
        let (answer, took) = ask(&cache, &format!("ws{round}")).await;
        assert_eq!(answer, of(&format!("ws{round}")));
        assert!(took < super::STORE_TIMEOUT + super::SLACK, "{took:?}");
        server.thaw();
        closed(&cache).await;
        for workspace in 0..20 {
            let workspace = format!("ws{workspace}");
            assert_eq!(ask(&cache, &workspace).await.0, of(&workspace));
        }
    }
}

/// 6: where the policy says so, what this process holds is served instead, and marked.
#[tokio::test]
async fn row_06_a_slow_store_can_be_answered_for_by_what_is_held_here() {
    let server = RedisServer::start();
    // Longer than a busy machine takes: who is taken for lost is believed nothing from before.
    let mut config = RedisConfig::new(server.url());
    (config.response_timeout, config.connect_timeout) =
        (Duration::from_secs(1), Duration::from_secs(1));
    let store = RedisStore::new(&config).unwrap();
    let policy = Policy::default().when_down(WhenDown::Stale);
    let cache = CacheService::builder(schema()).store(store).policy(policy).build().unwrap();
    let armed = async || cache.get_cache_stats().await.l1_armed;
    eventually("it hears of changes", armed).await;
    let compute = Counted::default();
    let mut held = 0;
    while held == 0 {
        let compute = compute.clone();
        cache.get_or_compute(&kpis("ws1"), || compute.call()).await.unwrap();
        held = cache.get_cache_stats().await.l1_entries;
    }
    server.freeze();
    eventually("it hears no more", async || !armed().await).await;
    let again = compute.clone();
    let answer =
        cache.get_or_compute_json(&kpis("ws1"), Lookup::Use, || again.call()).await.unwrap();
    server.thaw();
    assert_eq!((answer.source, answer.fresh_for), (Source::Stale, Duration::ZERO));
    assert_eq!((&answer.body[..], compute.calls()), (&br#"{"call":1}"#[..], 1));
}

/// 7: the compute is slow and there is an old value: it is served at the soft timeout, and the new one is
/// stored when it comes.
#[tokio::test(start_paused = true)]
async fn row_07_a_slow_compute_is_answered_by_the_old_value_and_stored_when_it_ends() {
    let cache = with_policy(stale().soft_timeout(Duration::from_millis(50)));
    let compute = Counted::default();
    let first = compute.clone();
    cache.get_or_compute(&kpis("ws1"), || first.call()).await.unwrap();
    advance(MEDIUM + Duration::from_secs(1)).await;
    let (asked, second) = (Instant::now(), compute.clone());
    let slow = || second.call_after(Duration::from_millis(500));
    let answer = cache.get_or_compute(&kpis("ws1"), slow).await.unwrap();
    assert_eq!((answer, asked.elapsed().as_millis()), (nth(1), 50));
    sleep(Duration::from_millis(500)).await;
    assert_eq!(cache.get(&kpis("ws1")).await.unwrap(), Some(nth(2)));
    assert_eq!(compute.calls(), 2);
}

/// 8: the compute is slow and there is nothing: an error at the hard timeout, and the value is stored all the same.
#[tokio::test(start_paused = true)]
async fn row_08_a_compute_that_is_too_slow_is_an_error_and_is_stored_when_it_ends() {
    let cache = with_policy(Policy::default().hard_timeout(Duration::from_millis(100)));
    let compute = Counted::default();
    let (asked, slow) = (Instant::now(), compute.clone());
    let error = cache
        .get_or_compute(&kpis("ws1"), || slow.call_after(Duration::from_millis(300)))
        .await
        .unwrap_err();
    assert_eq!((error.code(), asked.elapsed().as_millis()), ("E_COMPUTE_TIMEOUT", 100));
    sleep(Duration::from_millis(250)).await;
    let again = compute.clone();
    let answer = cache.get_or_compute(&kpis("ws1"), || again.call()).await.unwrap();
    assert_eq!((answer, compute.calls()), (nth(1), 1));
}

/// 9: the compute fails and there is an old value: it is served and marked, and not tried again for 30 s.
#[tokio::test(start_paused = true)]
async fn row_09_a_compute_that_fails_is_answered_by_the_old_value_and_rests() {
    let cache = with_policy(stale().soft_timeout(Duration::from_millis(50)));
    let compute = Counted::default();
    let first = compute.clone();
    cache.get_or_compute(&kpis("ws1"), || first.call()).await.unwrap();
    advance(MEDIUM + Duration::from_secs(1)).await;
    let tries = Arc::new(AtomicUsize::new(0));
    let fail = || {
        let tries = tries.clone();
        async move {
            tries.fetch_add(1, SeqCst);
            Err::<Value, BoxError>("the database is away".into())
        }
    };
    for _ in 0..100 {
        let (fail, tries) = (fail(), tries.clone());
        let answer = cache.get_or_compute_json(&kpis("ws1"), Lookup::Use, || fail).await.unwrap();
        assert_eq!((answer.source, &answer.body[..]), (Source::Stale, &br#"{"call":1}"#[..]));
        assert_eq!(tries.load(SeqCst), 1);
    }
    advance(Duration::from_secs(31)).await;
    let fail = fail();
    cache.get_or_compute_json(&kpis("ws1"), Lookup::Use, || fail).await.unwrap();
    assert_eq!(tries.load(SeqCst), 2, "after the rest it is tried again");
}

/// 10: the compute fails and there is nothing: the error, typed, to everybody who waited; nothing is stored.
#[tokio::test]
async fn row_10_a_compute_that_fails_is_an_error_to_all_who_waited() {
    let server = RedisServer::start();
    let cache = super::patient(&server);
    let tries = Arc::new(AtomicUsize::new(0));
    let mut callers = JoinSet::new();
    for _ in 0..100 {
        let (cache, tries) = (cache.clone(), tries.clone());
        callers.spawn(async move {
            let compute = || async move {
                tries.fetch_add(1, SeqCst);
                sleep(Duration::from_millis(100)).await;
                Err::<Value, _>(std::io::Error::from(std::io::ErrorKind::NotFound))
            };
            cache.get_or_compute(&kpis("ws1"), compute).await.unwrap_err()
        });
    }
    for error in callers.join_all().await {
        assert_eq!(error.code(), "E_COMPUTE_FAILED");
        let cause = error.compute_error::<std::io::Error>().unwrap();
        assert_eq!(cause.kind(), std::io::ErrorKind::NotFound);
    }
    assert_eq!(tries.load(SeqCst), 1);
    assert_eq!(ask(&cache, "ws1").await.0, of("ws1"), "the next one computes again");
}

/// 11: the compute panics: an error to who waits, and neither the key nor its lease is stuck.
#[tokio::test]
async fn row_11_a_compute_that_panics_leaves_nothing_stuck() {
    let server = RedisServer::start();
    let (cache, other_node) = (super::patient(&server), super::patient(&server));
    let error = cache
        .get_or_compute(&kpis("ws1"), || async {
            sleep(Duration::from_millis(10)).await;
            if true {
                panic!("a bug");
            }
            Ok::<_, BoxError>(json!(1))
        })
        .await
        .unwrap_err();
    assert_eq!(error.code(), "E_COMPUTE_PANICKED");
    let (answer, took) = ask(&other_node, "ws1").await;
    assert_eq!(answer, of("ws1"));
    assert!(took < Duration::from_secs(8), "the lease was given back: {took:?}");
}

/// 12: whoever began the compute goes away: the others get the value, and it was computed once.
#[tokio::test]
async fn row_12_a_caller_who_goes_away_cancels_nothing() {
    let server = RedisServer::start();
    let cache = super::patient(&server);
    let compute = Counted::default();
    let leader = tokio::spawn({
        let (cache, compute) = (cache.clone(), compute.clone());
        async move {
            let compute = || compute.call_after(Duration::from_millis(300));
            cache.get_or_compute(&kpis("ws1"), compute).await.map(drop)
        }
    });
    while compute.calls() == 0 {
        sleep(Duration::from_millis(1)).await;
    }
    leader.abort();
    let mut followers = JoinSet::new();
    for _ in 0..20 {
        let (cache, compute) = (cache.clone(), compute.clone());
        followers.spawn(async move {
            cache.get_or_compute(&kpis("ws1"), || compute.call()).await.unwrap()
        });
    }
    assert!(followers.join_all().await.iter().all(|answer| *answer == nth(1)));
    assert_eq!(compute.calls(), 1);
}

/// 13: 10,000 callers of one key on one node: one compute. That each waits for it and for nothing else is counted
/// where time stands still, in `tests/memory/crowds.rs`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_13_ten_thousand_callers_cost_one_compute() {
    let server = RedisServer::start();
    let cache = super::patient(&server);
    let compute = Counted::default();
    let mut callers = JoinSet::new();
    for _ in 0..10_000 {
        let (cache, compute) = (cache.clone(), compute.clone());
        callers.spawn(async move {
            let compute = || compute.call_after(Duration::from_millis(500));
            let answer = cache.get_or_compute(&kpis("ws1"), compute).await.unwrap();
            assert_eq!(answer, nth(1));
        });
    }
    callers.join_all().await;
    assert_eq!(compute.calls(), 1);
}

/// Of a thousand callers, who all have asked before any compute ends.
async fn calls_of_four_nodes(nodes: &[CacheService; 4]) -> usize {
    const CALLERS: usize = 1_000;
    let (compute, asked) = (Counted::default(), Arc::new(AtomicUsize::new(0)));
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let (cache, compute) = (nodes[caller % 4].clone(), compute.clone());
        let asked = asked.clone();
        callers.spawn(async move {
            asked.fetch_add(1, SeqCst);
            let compute = || async move {
                while asked.load(SeqCst) < CALLERS {
                    sleep(Duration::from_millis(10)).await;
                }
                // And have been told by the store, or by its absence, what it has.
                compute.call_after(Duration::from_millis(1_500)).await
            };
            cache.get_or_compute(&kpis("ws1"), compute).await.unwrap();
        });
    }
    callers.join_all().await;
    compute.calls()
}

/// 14: 1,000 callers on four nodes of one Redis: one compute.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_14_four_nodes_cost_one_compute() {
    let server = RedisServer::start();
    let nodes = std::array::from_fn(|_| super::patient(&server));
    assert_eq!(calls_of_four_nodes(&nodes).await, 1);
}

/// 14: the same without Redis: one compute per node at most.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_14_four_nodes_without_redis_cost_four_computes() {
    let url = format!("redis://127.0.0.1:{}", free_port());
    let node = || super::over(RedisStore::new(&super::unhurried(url.clone())).unwrap());
    let nodes = std::array::from_fn(|_| node());
    let calls = calls_of_four_nodes(&nodes).await;
    assert!((1..=4).contains(&calls), "{calls}");
}

/// 15: 1,000 keys at once: no more computes than allowed, and a key that takes long holds no other up.
#[tokio::test(start_paused = true)]
async fn row_15_a_thousand_keys_share_the_computes_that_are_allowed() {
    let cache = with_policy(Policy::default().max_computes(16));
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let began = Instant::now();
    let slow = tokio::spawn({
        let cache = cache.clone();
        async move {
            let compute = || async {
                sleep(Duration::from_secs(60)).await;
                Ok::<_, BoxError>(json!(1))
            };
            cache.get_or_compute(&kpis("slow"), compute).await.map(drop)
        }
    });
    let mut callers = JoinSet::new();
    for workspace in 0..1_000 {
        let (cache, running, most) = (cache.clone(), running.clone(), most.clone());
        callers.spawn(async move {
            let compute = move || async move {
                most.fetch_max(running.fetch_add(1, SeqCst) + 1, SeqCst);
                sleep(Duration::from_millis(10)).await;
                running.fetch_sub(1, SeqCst);
                Ok::<_, BoxError>(json!(workspace))
            };
            let key = kpis(&format!("ws{workspace}"));
            assert_eq!(*cache.get_or_compute(&key, compute).await.unwrap(), json!(workspace));
        });
    }
    callers.join_all().await;
    let (took, most) = (began.elapsed(), most.load(SeqCst));
    assert!((15..=16).contains(&most), "{most} at once");
    assert!(took < Duration::from_millis(900), "1,000 of 10 ms, 15 at a time, took {took:?}");
    assert!(!slow.is_finished());
}

/// 6 and 7 again with everything going wrong by chance: whatever fails, every answer is right.
#[tokio::test(start_paused = true)]
async fn row_06_whatever_fails_every_answer_is_right() {
    use samekey::server::StoreErrorKind::{Busy, Timeout, Unavailable};
    for seed in 0..20 {
        let (store, chaos) = ChaosStore::with_seed(MemoryStore::default(), seed);
        let l1 = if seed % 2 == 0 { L1Config::off() } else { L1Config::default() };
        let cache = CacheService::builder(schema()).store(store).l1(l1).build().unwrap();
        // A bit that is turned may leave JSON of another content, which no cache without a checksum can tell.
        let turned = seed % 4 >= 2;
        chaos.on(Operation::READS).fail_sometimes(0.3, Timeout);
        if turned {
            chaos.on(Operation::READS).corrupt();
        }
        chaos.on(Operation::WRITES).fail_sometimes(0.3, Busy);
        chaos.on([Operation::Release, Operation::Ping]).fail_sometimes(0.5, Unavailable);
        chaos.on(Operation::ALL).delay_between(Duration::ZERO, Duration::from_millis(300));
        for round in 0..100 {
            let workspace = format!("ws{}", round % 7);
            if round % 10 == 9 {
                chaos.on(Operation::READS).calm();
                let _ = cache.invalidate_workspace(&workspace).await;
            }
            let value = of(&workspace);
            let compute = || async { Ok::<_, BoxError>(value) };
            let answer = cache.get_or_compute(&kpis(&workspace), compute).await.unwrap();
            assert!(turned || *answer == of(&workspace), "{seed}: {answer} for {workspace}");
        }
    }
}
