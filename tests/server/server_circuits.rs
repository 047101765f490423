//! Of a store of several servers each has a circuit, and each is waited for by itself.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use samekey::schema::Pattern;
use samekey::server::{
    Breaker, BreakerConfig, BreakerStore, Chaos, CircuitState, KeyTtl, LeaseFor, LeaseToken,
    Leased, Operation, Record, RecoveryConfig, RecoveryStore, Store, StoreErrorKind, Ttl,
};
use tokio::time::{Instant, sleep};

use crate::several_servers::Several;

const AWAY: Duration = Duration::from_millis(100);

struct Fixture {
    store: RecoveryStore<BreakerStore<Arc<Several>>>,
    beneath: Arc<Several>,
    breaker: Breaker,
    a: Chaos,
    b: Chaos,
}

fn fixture() -> Fixture {
    let (several, [a, b]) = Several::new();
    let beneath = Arc::new(several);
    let store = BreakerStore::new(beneath.clone(), BreakerConfig::default());
    let breaker = store.breaker();
    let store = RecoveryStore::new(store, RecoveryConfig::default()).after(&breaker);
    Fixture { store, beneath, breaker, a, b }
}

fn freeze(server: &Chaos) {
    server.on(Operation::ALL).delay(AWAY).fail(StoreErrorKind::Timeout);
}

fn ttl() -> Ttl {
    Ttl::new(Duration::from_secs(600)).unwrap()
}

async fn put(store: &impl Store, key: &str) {
    store.set(Record::new(key, Bytes::from_static(b"1"), ttl())).await.unwrap();
}

async fn open(store: &impl Store, breaker: &Breaker) {
    while breaker.state() == CircuitState::Closed {
        let _ = store.get("exec:b").await;
    }
}

/// The state of each server's circuit.
fn states(breaker: &Breaker) -> Vec<(String, CircuitState)> {
    let circuits = breaker.circuits().into_iter();
    circuits.map(|of| (of.server.unwrap(), of.state)).collect()
}

#[tokio::test(start_paused = true)]
async fn one_that_is_away_costs_its_own_keys_only() {
    let Fixture { store, breaker, a, b, .. } = fixture();
    for key in ["exec:a", "exec:b"] {
        put(&store, key).await;
    }
    freeze(&b);
    open(&store, &breaker).await;
    let asked = (a.calls(Operation::Get), b.calls(Operation::Get));
    assert!((4..=6).contains(&asked.1), "{asked:?}");
    let began = Instant::now();
    for _ in 0..1_000 {
        assert!(store.get("exec:a").await.unwrap().is_some());
        let refused = store.get("exec:b").await.unwrap_err();
        assert_eq!(refused.kind(), StoreErrorKind::Unavailable);
    }
    let token = LeaseToken::random();
    let leased = store.lease("exec:n:a", &token, ttl(), LeaseFor::Missing).await.unwrap();
    assert_eq!(leased, Leased::Granted);
    assert!(store.lease("exec:n:b", &token, ttl(), LeaseFor::Missing).await.is_err());
    // A batch has what can be had.
    let found = store.get_many(&["exec:b", "exec:a", "exec:x:a"]).await.unwrap();
    assert_eq!(found.iter().map(Option::is_some).collect::<Vec<_>>(), [false, true, false]);
    assert!(store.get_many(&["exec:b"]).await.is_err());
    assert_eq!(began.elapsed(), Duration::ZERO, "nobody waits");
    assert_eq!(b.calls(Operation::Get), asked.1, "it is not asked");

    let away = [("a:1".to_owned(), CircuitState::Closed), ("b:1".into(), breaker.state())];
    assert_eq!(states(&breaker), away);
    assert_ne!(breaker.state(), CircuitState::Closed);
    assert_eq!(breaker.status().server.as_deref(), Some("b:1"), "the worst");
    assert_eq!(breaker.status().opened, 1);
    b.calm();
    breaker.watch().wait_for(|state| *state == CircuitState::Closed).await.unwrap();
    assert!(store.get("exec:b").await.unwrap().is_some());
}

#[tokio::test(start_paused = true)]
async fn statistics_are_those_of_the_others_and_say_who_is_missing() {
    let Fixture { store, breaker, b, .. } = fixture();
    for key in ["exec:a", "exec:b"] {
        put(&store, key).await;
    }
    let stats = store.stats().await.unwrap();
    assert_eq!((stats.keys, stats.missing), (2, vec![]));
    freeze(&b);
    // Before its circuit has opened, and after.
    for opened in [false, true] {
        if opened {
            open(&store, &breaker).await;
        }
        let began = Instant::now();
        let stats = store.stats().await.unwrap();
        assert_eq!((stats.keys, stats.missing), (1, vec!["b:1".to_owned()]));
        assert_eq!(began.elapsed(), if opened { Duration::ZERO } else { AWAY });
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_another_has_taken_the_place_of_is_forgotten() {
    let Fixture { store, beneath, breaker, b, .. } = fixture();
    put(&store, "exec:b").await;
    freeze(&b);
    open(&store, &breaker).await;
    beneath.replace(1, "c:1");
    b.calm();
    // The new one has nothing against it: its keys are served at once.
    assert!(store.get("exec:b").await.unwrap().is_some());
    sleep(Duration::from_secs(1)).await;
    let closed = ["a:1", "c:1"].map(|server| (server.to_owned(), CircuitState::Closed));
    assert_eq!(states(&breaker), closed);
    assert_eq!(breaker.state(), CircuitState::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_removal_waits_for_the_server_that_is_away_and_for_no_other() {
    let Fixture { store, beneath, breaker, a, b } = fixture();
    for key in ["exec:a", "exec:b"] {
        put(&store, key).await;
    }
    freeze(&b);
    open(&store, &breaker).await;
    let all = [Pattern::parse("exec:*").unwrap()];
    let error = store.delete_matching(&all, &[]).await.unwrap_err();
    assert_eq!((error.kind(), error.is_in_part()), (StoreErrorKind::Queued, true));
    assert!(beneath.get("exec:a").await.unwrap().is_none(), "removed where it can be");
    // What is written there from now on is believed; there it is done.
    put(&store, "exec:a").await;
    assert!(store.get("exec:a").await.unwrap().is_some());
    assert!(store.recovery().trusts("exec:a") && !store.recovery().trusts("exec:b"));
    // Of a key as well.
    assert!(store.delete(&["exec:n:b"]).await.unwrap_err().kind() == StoreErrorKind::Queued);
    a.on([Operation::Delete]).fail(StoreErrorKind::Busy);
    assert!(store.delete(&["exec:n:a"]).await.unwrap_err().kind() == StoreErrorKind::Queued);
    a.calm();
    sleep(Duration::from_secs(2)).await;
    let status = store.recovery().status();
    assert_eq!((status.pending_keys, status.pending_patterns), (1, 1), "only b's");
    assert_eq!(b.calls(Operation::DeleteMatching), 0, "no removal knocks at it");

    let asked_a = a.calls(Operation::DeleteMatching);
    b.calm();
    let back = Instant::now();
    store.recovery().settled().await;
    assert!(back.elapsed() < Duration::from_millis(600), "{:?}", back.elapsed());
    assert_eq!(a.calls(Operation::DeleteMatching), asked_a, "it has done its part");
    assert!(store.get("exec:b").await.unwrap().is_none());
    assert!(store.get("exec:a").await.unwrap().is_some(), "written since");
}

#[tokio::test(start_paused = true)]
async fn what_the_successor_of_a_dead_server_holds_is_not_believed_before_it_is_removed() {
    let Fixture { store, beneath, breaker, b, .. } = fixture();
    put(&store, "exec:b").await;
    freeze(&b);
    open(&store, &breaker).await;
    let all = [Pattern::parse("exec:*").unwrap()];
    store.delete_matching(&all, &[]).await.unwrap_err();
    b.calm();
    beneath.replace(1, "c:1");
    assert!(beneath.get("exec:b").await.unwrap().is_some(), "it has what the dead one had");
    assert!(store.get("exec:b").await.unwrap().is_none());
    store.recovery().settled().await;
    assert!(beneath.get("exec:b").await.unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_removal_that_does_not_concern_the_one_that_is_away_is_not_held_up() {
    let Fixture { store, breaker, b, .. } = fixture();
    put(&store, "exec:a").await;
    freeze(&b);
    open(&store, &breaker).await;
    let one = [Pattern::parse("exec:a").unwrap()];
    assert_eq!(store.delete_matching(&one, &[]).await.unwrap(), 1);
    assert_eq!(store.delete(&["exec:a"]).await.unwrap(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_left_the_server_that_is_away_for_one_that_has_done_its_part_is_removed_there() {
    let Fixture { store, beneath, breaker, a, b } = fixture();
    put(&store, "exec:b").await;
    freeze(&b);
    open(&store, &breaker).await;
    let all = [Pattern::parse("exec:*").unwrap()];
    store.delete_matching(&all, &[]).await.unwrap_err();
    let asked_a = a.calls(Operation::DeleteMatching);
    b.calm();
    // Before it is asked again: others reach it.
    beneath.move_key("exec:b", "exec:ba").await;
    assert!(beneath.get("exec:ba").await.unwrap().is_some());
    assert!(store.get("exec:ba").await.unwrap().is_none(), "it is not believed there");
    store.recovery().settled().await;
    assert!(beneath.get("exec:ba").await.unwrap().is_none());
    assert_eq!(a.calls(Operation::DeleteMatching), asked_a + 1);
}

#[tokio::test(start_paused = true)]
async fn keys_are_looked_at_on_the_others_and_it_is_said_who_is_missing() {
    let Fixture { store, breaker, a, b, .. } = fixture();
    for key in ["exec:a", "exec:b"] {
        put(&store, key).await;
    }
    freeze(&b);
    // Before its circuit has opened, and after.
    for opened in [false, true] {
        if opened {
            open(&store, &breaker).await;
        }
        let looked = store.inspect(&["exec:b", "exec:a", "exec:x:a", "exec:x:b"]).await.unwrap();
        assert_eq!(looked.missing, ["b:1"]);
        let ttls: Vec<_> = looked.keys.iter().map(|info| info.ttl).collect();
        assert!(matches!(ttls[1], KeyTtl::Left(_)), "{ttls:?}");
        assert_eq!(
            [ttls[0], ttls[2], ttls[3]],
            [KeyTtl::Unknown, KeyTtl::Missing, KeyTtl::Unknown]
        );
        // Also when those that are there have none of the keys.
        let looked = store.inspect(&["exec:b"]).await.unwrap();
        assert_eq!((looked.keys[0].ttl, looked.missing), (KeyTtl::Unknown, vec!["b:1".to_owned()]));
    }
    freeze(&a);
    assert!(store.inspect(&["exec:a", "exec:b"]).await.unwrap_err().is_retryable());
    a.calm();
    a.on([Operation::Inspect]).fail(StoreErrorKind::Denied);
    let error = store.inspect(&["exec:a", "exec:b"]).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Denied, "a mistake is no outage");
}
