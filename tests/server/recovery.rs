//! What could not be removed is removed later, and not believed before.

use std::time::Duration;

use bytes::Bytes;
use samekey::schema::Pattern;
use samekey::server::{
    BreakerConfig, BreakerStore, Chaos, ChaosStore, LeaseFor, LeaseToken, Leased, MemoryStore,
    Operation, Record, RecoveryConfig, RecoveryStore, Store, StoreErrorKind, Ttl,
};
use std::sync::Arc;
use tokio::time::{Instant, sleep, timeout};

type Recovering = RecoveryStore<BreakerStore<ChaosStore<Arc<MemoryStore>>>>;

struct Fixture {
    store: Recovering,
    chaos: Chaos,
    /// What is really there.
    beneath: Arc<MemoryStore>,
}

fn fixture() -> Fixture {
    with_config(RecoveryConfig::default())
}

fn with_config(config: RecoveryConfig) -> Fixture {
    let beneath = Arc::new(MemoryStore::default());
    let (store, chaos) = ChaosStore::new(beneath.clone());
    let store = BreakerStore::new(store, BreakerConfig::default());
    let breaker = store.breaker();
    Fixture { store: RecoveryStore::new(store, config).after(&breaker), chaos, beneath }
}

fn ttl() -> Ttl {
    Ttl::new(Duration::from_secs(600)).unwrap()
}

fn pattern(text: &str) -> Pattern {
    Pattern::parse(text).unwrap()
}

async fn put(store: &impl Store, key: &str, value: &'static str) {
    store.set(Record::new(key, Bytes::from_static(value.as_bytes()), ttl())).await.unwrap();
}

async fn read(store: &impl Store, key: &str) -> Option<String> {
    let entry = store.get(key).await.unwrap()?;
    Some(String::from_utf8_lossy(&entry.value).into_owned())
}

#[tokio::test(start_paused = true)]
async fn a_removal_that_fails_says_that_it_is_queued_and_happens_when_the_store_is_back() {
    let Fixture { store, chaos, beneath } = fixture();
    for key in ["exec:kpis:ws1", "exec:dashboard:ws1:7d", "exec:dashboard:ws2:7d"] {
        put(&store, key, "old").await;
    }
    let mut recovered = store.recovery().recovered();
    chaos.on(Operation::ALL).fail(StoreErrorKind::Unavailable);
    let by_key = store.delete(&["exec:kpis:ws1"]).await.unwrap_err();
    let by_pattern = store.delete_matching(&[pattern("exec:*:ws1:*")], &[]).await.unwrap_err();
    for error in [by_key, by_pattern] {
        assert_eq!((error.kind(), error.code()), (StoreErrorKind::Queued, "E_STORE_QUEUED"));
        assert!(error.to_string().contains("E_STORE_UNAVAILABLE"), "{error}");
        assert!(!error.is_retryable(), "it is being seen to");
    }
    sleep(Duration::from_secs(60)).await;
    assert_eq!(store.recovery().pending(), 2);
    assert!(read(&*beneath, "exec:kpis:ws1").await.is_some());

    chaos.calm();
    let back = Instant::now();
    store.recovery().settled().await;
    assert!(back.elapsed() < Duration::from_millis(600), "{:?}", back.elapsed());
    assert_eq!(read(&*beneath, "exec:kpis:ws1").await, None);
    assert_eq!(read(&*beneath, "exec:dashboard:ws1:7d").await, None);
    assert_eq!(read(&*beneath, "exec:dashboard:ws2:7d").await.as_deref(), Some("old"));
    assert_eq!(recovered.recv().await.unwrap(), ["exec:kpis:ws1"]);
    assert_eq!(recovered.recv().await.unwrap(), ["exec:*:ws1:*"]);
    assert_eq!(store.recovery().status().carried_out, 2);
}

#[tokio::test(start_paused = true)]
async fn until_then_what_the_store_holds_is_not_believed() {
    let Fixture { store, chaos, .. } = fixture();
    for key in ["exec:kpis:ws1", "exec:dashboard:ws1:7d", "exec:kpis:ws2"] {
        put(&store, key, "old").await;
    }
    // Reads work again before removals do: a replica that is not yet the primary.
    chaos.on([Operation::Delete, Operation::DeleteMatching]).fail(StoreErrorKind::Busy);
    store.delete(&["exec:kpis:ws1"]).await.unwrap_err();
    store.delete_matching(&[pattern("exec:dashboard:*")], &[]).await.unwrap_err();
    for key in ["exec:kpis:ws1", "exec:dashboard:ws1:7d"] {
        assert_eq!(read(&store, key).await, None);
        assert!(!store.exists(key).await.unwrap());
        assert_eq!(store.ttl(key).await.unwrap(), None);
        assert!(!store.recovery().trusts(key));
    }
    let many = store.get_many(&["exec:kpis:ws1", "exec:kpis:ws2", "exec:dashboard:ws1:7d"]).await;
    let there: Vec<_> = many.unwrap().iter().map(Option::is_some).collect();
    assert_eq!(there, [false, true, false]);
    assert_eq!(read(&store, "exec:kpis:ws2").await.as_deref(), Some("old"));
}

#[tokio::test(start_paused = true)]
async fn a_lease_of_such_a_key_never_answers_with_the_old_value() {
    let Fixture { store, chaos, beneath } = fixture();
    put(&store, "exec:kpis:ws1", "old").await;
    chaos.on(Operation::ALL).fail(StoreErrorKind::Unavailable);
    store.delete_matching(&[pattern("exec:kpis:*")], &[]).await.unwrap_err();
    let token = LeaseToken::random();
    let lease = || store.lease("exec:kpis:ws1", &token, ttl(), LeaseFor::Missing);
    lease().await.unwrap_err();
    chaos.on(Operation::ALL).calm();
    chaos.on([Operation::DeleteMatching]).fail(StoreErrorKind::Busy);
    assert!(matches!(lease().await.unwrap(), Leased::Granted));
    assert_eq!(read(&*beneath, "exec:kpis:ws1").await, None);
}

#[tokio::test(start_paused = true)]
async fn a_value_that_could_not_be_overwritten_is_removed() {
    let Fixture { store, chaos, beneath } = fixture();
    put(&store, "exec:kpis:ws1", "old").await;
    chaos.on([Operation::Set]).fail(StoreErrorKind::Full);
    let new = Record::new("exec:kpis:ws1", Bytes::from_static(b"new"), ttl());
    let error = store.set(new).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Full, "what went wrong, as it is");
    assert_eq!(read(&store, "exec:kpis:ws1").await, None);
    store.recovery().settled().await;
    assert_eq!(read(&*beneath, "exec:kpis:ws1").await, None);
}

#[tokio::test(start_paused = true)]
async fn a_value_that_is_written_after_all_is_believed_and_kept() {
    let Fixture { store, chaos, .. } = fixture();
    put(&store, "exec:kpis:ws1", "old").await;
    chaos.on([Operation::Delete]).fail(StoreErrorKind::Timeout);
    store.delete(&["exec:kpis:ws1"]).await.unwrap_err();
    put(&store, "exec:kpis:ws1", "new").await;
    assert_eq!(read(&store, "exec:kpis:ws1").await.as_deref(), Some("new"));
    chaos.calm();
    sleep(Duration::from_secs(60)).await;
    assert_eq!(read(&store, "exec:kpis:ws1").await.as_deref(), Some("new"));
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_goes_away_takes_no_removal_along() {
    let Fixture { store, chaos, beneath } = fixture();
    put(&store, "exec:kpis:ws1", "old").await;
    chaos.on([Operation::DeleteMatching]).freeze();
    let patterns = [pattern("exec:*")];
    let gone = timeout(Duration::from_millis(10), store.delete_matching(&patterns, &[]));
    assert!(gone.await.is_err());
    assert_eq!(read(&store, "exec:kpis:ws1").await, None);
    chaos.calm();
    store.recovery().settled().await;
    assert_eq!(read(&*beneath, "exec:kpis:ws1").await, None);
}

#[tokio::test(start_paused = true)]
async fn too_many_removals_become_fewer_and_wider() {
    let mut config = RecoveryConfig::default();
    (config.most_keys, config.most_patterns) = (10, 10);
    let Fixture { store, chaos, beneath } = with_config(config);
    for workspace in 0..100 {
        put(&store, &format!("exec:kpis:ws{workspace}"), "old").await;
    }
    put(&store, "agent:analytics:a1:7d", "unconcerned").await;
    chaos.on(Operation::ALL).fail(StoreErrorKind::Unavailable);
    for workspace in 0..50 {
        store.delete(&[&format!("exec:kpis:ws{workspace}")]).await.unwrap_err();
    }
    assert!(store.recovery().pending() <= 10);
    assert!(store.recovery().status().widened > 0);
    chaos.calm();
    store.recovery().settled().await;
    for workspace in 0..50 {
        assert_eq!(read(&*beneath, &format!("exec:kpis:ws{workspace}")).await, None);
    }
    assert!(read(&store, "agent:analytics:a1:7d").await.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_removal_is_given_up_when_all_that_it_means_has_expired() {
    let mut config = RecoveryConfig::default();
    config.horizon = ttl().duration();
    let Fixture { store, chaos, .. } = with_config(config);
    put(&store, "exec:kpis:ws1", "old").await;
    chaos.on([Operation::Delete]).fail(StoreErrorKind::Denied);
    store.delete(&["exec:kpis:ws1"]).await.unwrap_err();
    sleep(Duration::from_secs(620)).await;
    let status = store.recovery().status();
    assert_eq!((status.pending_keys, status.expired, status.carried_out), (0, 1, 0));
    assert_eq!(read(&store, "exec:kpis:ws1").await, None);
}

#[tokio::test(start_paused = true)]
async fn an_open_circuit_is_waited_for_and_not_knocked_at() {
    let Fixture { store, chaos, .. } = fixture();
    chaos.on(Operation::ALL).fail(StoreErrorKind::Unavailable);
    for _ in 0..5 {
        store.get("k").await.unwrap_err();
    }
    store.delete(&["exec:kpis:ws1"]).await.unwrap_err();
    sleep(Duration::from_secs(600)).await;
    assert_eq!(chaos.calls(Operation::Delete), 0);
    chaos.calm();
    store.recovery().settled().await;
    assert_eq!(chaos.calls(Operation::Delete), 1);
}
