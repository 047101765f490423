//! A store that fails is soon not asked, and soon asked again when it works.

use std::time::Duration;

use bytes::Bytes;
use samekey::server::{
    BreakerConfig, BreakerStore, Chaos, ChaosStore, CircuitState, MemoryStore, Operation, Record,
    Store, StoreErrorKind, Ttl,
};
use tokio::time::{Instant, sleep};

type Broken = BreakerStore<ChaosStore<MemoryStore>>;

fn store() -> (Broken, Chaos) {
    let (store, chaos) = ChaosStore::new(MemoryStore::default());
    (BreakerStore::new(store, BreakerConfig::default()), chaos)
}

fn record(key: &str) -> Record<'_> {
    Record::new(key, Bytes::from_static(b"1"), Ttl::new(Duration::from_secs(60)).unwrap())
}

async fn fail(store: &Broken, times: usize) {
    for _ in 0..times {
        store.get("k").await.unwrap_err();
    }
}

#[tokio::test(start_paused = true)]
async fn five_failures_at_most_are_waited_for() {
    let (store, chaos) = store();
    let breaker = store.breaker();
    chaos.on(Operation::ALL).delay(Duration::from_millis(100)).fail(StoreErrorKind::Timeout);
    let began = Instant::now();
    fail(&store, 5).await;
    let (waited, asked) = (began.elapsed(), chaos.calls(Operation::Get));
    // The third is a doubt; the fourth may be answered by the probe that it caused.
    assert!((400..=500).contains(&waited.as_millis()) && (4..=5).contains(&asked), "{waited:?}");
    assert_ne!(breaker.state(), CircuitState::Closed);
    fail(&store, 1_000).await;
    assert_eq!(began.elapsed(), waited, "nobody waits");
    assert_eq!(chaos.calls(Operation::Get), asked, "the store is not asked");
    let status = breaker.status();
    assert_eq!((status.opened, status.skipped), (1, 1_005 - asked));
    assert_eq!(status.last_error, Some("E_STORE_TIMEOUT"));
}

#[tokio::test]
async fn while_it_is_open_a_call_costs_next_to_nothing() {
    let (store, chaos) = store();
    chaos.on(Operation::ALL).fail(StoreErrorKind::Unavailable);
    fail(&store, 5).await;
    let mut times = Vec::new();
    for _ in 0..100 {
        let began = std::time::Instant::now();
        fail(&store, 100).await;
        times.push(began.elapsed() / 100);
    }
    times.sort_unstable();
    // Of most: now and then the machine is busy with something else. Some microseconds where it is not.
    assert!(times[50] < Duration::from_micros(200), "{:?}", times[50]);
}

#[tokio::test(start_paused = true)]
async fn exactly_one_probe_is_on_its_way_and_callers_do_not_wait_for_it() {
    let (store, chaos) = store();
    let breaker = store.breaker();
    chaos.on(Operation::ALL).fail(StoreErrorKind::Timeout);
    fail(&store, 5).await;
    chaos.on([Operation::Ping]).freeze();
    sleep(Duration::from_millis(100)).await;
    assert_eq!(breaker.state(), CircuitState::HalfOpen);
    let began = Instant::now();
    fail(&store, 100).await;
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert_eq!((chaos.calls(Operation::Ping), chaos.calls(Operation::Get)), (1, 5));
    chaos.calm();
    let mut states = breaker.watch();
    states.wait_for(|state| *state == CircuitState::Closed).await.unwrap();
    assert_eq!(chaos.calls(Operation::Ping), 1);
    store.get("k").await.unwrap();
    assert_eq!(breaker.status().opened, 1);
}

#[tokio::test(start_paused = true)]
async fn however_long_it_was_away_it_is_found_within_half_a_second() {
    let (store, chaos) = store();
    chaos.on(Operation::ALL).fail(StoreErrorKind::Unavailable);
    fail(&store, 5).await;
    sleep(Duration::from_secs(3_600)).await;
    let probes = chaos.calls(Operation::Ping);
    assert!((7_150..=7_250).contains(&probes), "{probes} probes in an hour");
    chaos.calm();
    let back = Instant::now();
    store.breaker().watch().wait_for(|state| *state == CircuitState::Closed).await.unwrap();
    assert!(back.elapsed() <= Duration::from_millis(501), "{:?}", back.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_hangs_has_failed_after_a_second() {
    let (store, chaos) = store();
    chaos.on(Operation::ALL).fail(StoreErrorKind::Timeout);
    fail(&store, 5).await;
    chaos.on([Operation::Ping]).freeze();
    sleep(Duration::from_secs(10)).await;
    assert!((5..=8).contains(&chaos.calls(Operation::Ping)), "{}", chaos.calls(Operation::Ping));
}

#[tokio::test(start_paused = true)]
async fn a_missing_permission_causes_no_storm() {
    let (store, chaos) = store();
    chaos.on(Operation::ALL).fail(StoreErrorKind::Denied);
    fail(&store, 1_000).await;
    sleep(Duration::from_secs(60)).await;
    fail(&store, 1_000).await;
    assert!(chaos.all_calls() <= 5 + 12, "{} calls in a minute", chaos.all_calls());
    chaos.calm();
    sleep(Duration::from_secs(5)).await;
    store.get("k").await.unwrap();
}

#[tokio::test]
async fn what_the_caller_did_wrong_does_not_open_it() {
    let (store, chaos) = store();
    chaos.on([Operation::Get]).fail(StoreErrorKind::WrongType);
    chaos.on([Operation::Set]).fail(StoreErrorKind::Full);
    chaos.on([Operation::Exists]).fail(StoreErrorKind::Refused);
    for _ in 0..100 {
        store.get("k").await.unwrap_err();
        store.set(record("k")).await.unwrap_err();
        store.exists("k").await.unwrap_err();
    }
    assert_eq!(store.breaker().state(), CircuitState::Closed);
}

#[tokio::test]
async fn failures_among_successes_do_not_open_it() {
    let (store, chaos) = store();
    chaos.on(Operation::WRITES).fail(StoreErrorKind::Busy); // a replica: it reads and does not write
    for _ in 0..100 {
        store.set(record("k")).await.unwrap_err();
        store.get("k").await.unwrap();
    }
    assert_eq!(store.breaker().status().opened, 0);
}

#[tokio::test(start_paused = true)]
async fn a_part_that_fails_does_not_take_the_rest_along() {
    let (store, chaos) = store();
    // As the keys of one server of a cluster, among those of the others.
    chaos.on([Operation::Get]).delay(Duration::from_millis(100)).fail(StoreErrorKind::Timeout);
    let failing = async {
        for _ in 0..50 {
            tokio::join!(fail(&store, 1), fail(&store, 1), fail(&store, 1));
        }
    };
    let working = async {
        for _ in 0..500 {
            sleep(Duration::from_millis(10)).await;
            store.exists("k").await.unwrap();
        }
    };
    tokio::join!(failing, working);
    assert_eq!(store.breaker().status().opened, 0);
    fail(&store, 20).await;
    assert_eq!(store.breaker().status().opened, 1, "nothing has worked for a while");
}

#[tokio::test(start_paused = true)]
async fn callers_who_give_up_on_a_frozen_store_open_it_too() {
    let (store, chaos) = store();
    chaos.on([Operation::Get]).freeze();
    for _ in 0..100 {
        let hasty = tokio::time::timeout(Duration::from_millis(10), store.get("k"));
        assert!(hasty.await.is_err());
    }
    assert_eq!(store.breaker().state(), CircuitState::Closed, "10 ms say nothing");
    for _ in 0..5 {
        let patient = tokio::time::timeout(Duration::from_millis(60), store.get("k"));
        assert!(patient.await.is_err());
    }
    assert_eq!(store.breaker().state(), CircuitState::Open);
}

#[tokio::test]
async fn a_circuit_whose_runtime_ended_is_not_open_for_ever() {
    let (store, chaos) = store();
    chaos.on(Operation::ALL).fail(StoreErrorKind::Unavailable);
    let elsewhere = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(fail(&store, 5));
        assert_eq!(store.breaker().state(), CircuitState::Open);
        store
    });
    let store = elsewhere.join().unwrap();
    assert_eq!(store.breaker().state(), CircuitState::Closed);
    chaos.calm();
    store.get("k").await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_probe_ends_with_the_store() {
    let (store, chaos) = store();
    chaos.on(Operation::ALL).fail(StoreErrorKind::Unavailable);
    fail(&store, 5).await;
    drop(store);
    sleep(Duration::from_secs(10)).await;
    assert_eq!(chaos.calls(Operation::Ping), 0);
}
