//! What only the in-process store does: it has a budget.

use std::num::NonZeroU64;
use std::time::Duration;

use bytes::Bytes;
use samekey::server::{MemoryStore, Record, Store, Ttl};

const MIB: usize = 1024 * 1024;

fn store_of(budget: usize) -> MemoryStore {
    MemoryStore::with_budget(NonZeroU64::new(budget as u64).unwrap())
}

async fn put(store: &MemoryStore, key: &str, bytes: usize, ttl: Duration) {
    store.set(Record::new(key, vec![b'x'; bytes].into(), Ttl::new(ttl).unwrap())).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn it_stays_within_its_budget_and_counts_what_it_drops() {
    let store = store_of(8 * MIB);
    for id in 0..100 {
        put(&store, &format!("k{id}"), MIB / 2, Duration::from_secs(60)).await;
    }
    let stats = store.stats().await.unwrap();
    assert!(stats.used_memory <= 8 * MIB as u64, "{stats:?}");
    assert!(stats.keys >= 8, "{stats:?}");
    assert_eq!(stats.keys + stats.evicted_keys, 100);
}

#[tokio::test(start_paused = true)]
async fn a_value_of_the_largest_size_always_fits_in_the_default_budget() {
    let store = MemoryStore::default();
    for id in 0..64 {
        put(&store, &format!("k{id}"), MIB, Duration::from_secs(60)).await;
    }
    assert_eq!(store.stats().await.unwrap().keys, 64);
}

#[tokio::test(start_paused = true)]
async fn expired_values_are_neither_counted_nor_in_the_way() {
    let store = store_of(8 * MIB);
    for id in 0..10 {
        put(&store, &format!("dead{id}"), 1_000, Duration::from_secs(1)).await;
    }
    tokio::time::advance(Duration::from_secs(1)).await;
    let stats = store.stats().await.unwrap();
    assert_eq!((stats.keys, stats.used_memory, stats.evicted_keys), (0, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_value_over_the_budget_is_refused_and_the_old_one_is_not_left() {
    let store = store_of(MIB);
    put(&store, "k", 10, Duration::from_secs(60)).await;
    let ttl = Ttl::new(Duration::from_secs(60)).unwrap();
    let error = store.set(Record::new("k", Bytes::from(vec![0; 2 * MIB]), ttl)).await.unwrap_err();
    assert_eq!(error.code(), "E_STORE_FULL");
    assert!(!error.is_retryable());
    assert!(!store.exists("k").await.unwrap());
}
