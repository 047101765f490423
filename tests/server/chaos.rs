//! What a chaos store promises to those who test with it.

use std::time::Duration;

use bytes::Bytes;
use samekey::schema::Pattern;
use samekey::server::{
    Chaos, ChaosStore, LeaseFor, LeaseToken, MemoryStore, Operation, Record, Store, StoreError,
    StoreErrorKind, Ttl,
};
use tokio::time::Instant;

fn store() -> (ChaosStore<MemoryStore>, Chaos) {
    ChaosStore::new(MemoryStore::default())
}

fn record(key: &str) -> Record<'_> {
    Record::new(key, Bytes::from_static(b"[1,2,3]"), Ttl::new(Duration::from_secs(60)).unwrap())
}

#[tokio::test]
async fn untouched_it_is_the_store_that_it_stands_before() {
    let (store, chaos) = store();
    store.set(record("k")).await.unwrap();
    assert_eq!(&store.get("k").await.unwrap().unwrap().value[..], b"[1,2,3]");
    assert_eq!(store.delete_matching(&[Pattern::parse("k").unwrap()], &[]).await.unwrap(), 1);
    assert_eq!((chaos.calls(Operation::Get), chaos.all_calls()), (1, 3));
}

#[tokio::test]
async fn only_the_operations_that_were_named_fail_and_do_nothing() {
    let (store, chaos) = store();
    chaos.on(Operation::WRITES).fail(StoreErrorKind::Timeout);
    let error = store.set(record("k")).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Timeout);
    assert_eq!(store.get("k").await.unwrap(), None);
    chaos.on([Operation::Set]).calm();
    store.set(record("k")).await.unwrap();
    assert!(store.delete(&["k"]).await.is_err(), "others stay as they were");
    chaos.calm();
    assert_eq!(store.delete(&["k"]).await.unwrap(), 1);
}

async fn call(store: &impl Store, operation: Operation) -> Result<(), StoreError> {
    let (token, life) = (LeaseToken::random(), Ttl::new(Duration::from_secs(10)).unwrap());
    match operation {
        Operation::Get => store.get("k").await.map(drop),
        Operation::GetMany => store.get_many(&["k"]).await.map(drop),
        Operation::Lease => store.lease("k", &token, life, LeaseFor::Missing).await.map(drop),
        Operation::Set => store.set(record("k")).await,
        Operation::SetLeased => store.set_leased(record("k"), &token).await.map(drop),
        Operation::Release => store.release("k", &token).await,
        Operation::Delete => store.delete(&["k"]).await.map(drop),
        Operation::DeleteIf => store.delete_if("k", b"[]").await.map(drop),
        Operation::DeleteMatching => store.delete_matching(&[], &[]).await.map(drop),
        Operation::Exists => store.exists("k").await.map(drop),
        Operation::Ttl => store.ttl("k").await.map(drop),
        Operation::Scan => store.scan(None, 0).await.map(drop),
        Operation::Inspect => store.inspect(&["k"]).await.map(drop),
        Operation::Tidy => store.tidy().await.map(drop),
        Operation::Stats => store.stats().await.map(drop),
        Operation::Ping => store.ping().await,
        other => panic!("how is {other:?} called?"),
    }
}

#[tokio::test]
async fn every_operation_fails_when_it_is_named() {
    let (store, chaos) = store();
    for operation in Operation::ALL {
        chaos.on([operation]).fail(StoreErrorKind::Busy);
        let failed = call(&store, operation).await;
        let kind = failed.map_err(|error| error.kind());
        assert_eq!(kind, Err(StoreErrorKind::Busy), "{operation:?}");
        chaos.calm();
        call(&store, operation).await.unwrap();
        assert_eq!(chaos.calls(operation), 2, "{operation:?}");
    }
}

#[tokio::test]
async fn chance_is_repeatable() {
    let luck = |seed| async move {
        let (store, chaos) = ChaosStore::with_seed(MemoryStore::default(), seed);
        chaos.on([Operation::Get]).fail_sometimes(0.3, StoreErrorKind::Busy);
        let mut failed = Vec::new();
        for _ in 0..1_000 {
            failed.push(store.get("k").await.is_err());
        }
        failed
    };
    let (first, again, other) = (luck(7).await, luck(7).await, luck(8).await);
    assert_eq!(first, again);
    assert_ne!(first, other);
    let failures = first.iter().filter(|failed| **failed).count();
    assert!((240..360).contains(&failures), "{failures} of 1000");
}

#[tokio::test]
async fn an_answer_can_be_lost_after_the_work_is_done() {
    let (store, chaos) = store();
    chaos.on([Operation::Set]).lose_answers(StoreErrorKind::Timeout);
    assert!(store.set(record("k")).await.is_err());
    assert!(store.get("k").await.unwrap().is_some());
}

#[tokio::test]
async fn writes_can_be_dropped_unnoticed() {
    let (store, chaos) = store();
    store.set(record("k")).await.unwrap();
    chaos.on(Operation::ALL).drop_writes();
    store.set(record("other")).await.unwrap();
    assert_eq!(store.delete(&["k"]).await.unwrap(), 0);
    assert!(store.get("k").await.unwrap().is_some());
    assert!(store.get("other").await.unwrap().is_none());
}

#[tokio::test]
async fn a_value_comes_back_with_one_bit_turned_and_is_whole_in_the_store() {
    let (store, chaos) = store();
    store.set(record("k")).await.unwrap();
    chaos.on(Operation::READS).corrupt();
    let one = store.get("k").await.unwrap().unwrap().value;
    let many = store.get_many(&["k", "absent"]).await.unwrap();
    for value in [&one, &many[0].as_ref().unwrap().value] {
        let bits: u32 = value.iter().zip(b"[1,2,3]").map(|(a, b)| (a ^ b).count_ones()).sum();
        assert_eq!((value.len(), bits), (7, 1));
    }
    chaos.calm();
    assert_eq!(&store.get("k").await.unwrap().unwrap().value[..], b"[1,2,3]");
}

#[tokio::test(start_paused = true)]
async fn delays_are_exact_or_between_two_times() {
    let (store, chaos) = store();
    let took = || async {
        let began = Instant::now();
        store.get("k").await.unwrap();
        began.elapsed().as_millis()
    };
    chaos.on([Operation::Get]).delay(Duration::from_millis(30));
    assert_eq!(took().await, 30);
    chaos.on([Operation::Get]).delay_between(Duration::from_millis(10), Duration::from_millis(20));
    let mut times = Vec::new();
    for _ in 0..100 {
        times.push(took().await);
    }
    assert!(times.iter().all(|time| (10..=21).contains(time)), "{times:?}");
    assert!(times.iter().max() > times.iter().min());
}

#[tokio::test(start_paused = true)]
async fn what_is_frozen_waits_until_it_thaws() {
    let (store, chaos) = store();
    chaos.on([Operation::Get]).freeze();
    let began = Instant::now();
    let thaw = async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        chaos.on([Operation::Get]).thaw();
    };
    let (answer, ()) = tokio::join!(store.get("k"), thaw);
    assert_eq!((answer.unwrap(), began.elapsed().as_secs()), (None, 3));
    store.ping().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_held_is_what_was_true_when_the_store_was_asked() {
    let (store, chaos) = store();
    store.set(record("k")).await.unwrap();
    chaos.on([Operation::Get]).hold_answers();
    let late = async {
        while chaos.calls(Operation::Get) == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(store.delete(&["k"]).await.unwrap(), 1);
        chaos.on([Operation::Get]).thaw();
    };
    let (answer, ()) = tokio::join!(store.get("k"), late);
    assert!(answer.unwrap().is_some());
    assert_eq!(store.get("k").await.unwrap(), None);
}
