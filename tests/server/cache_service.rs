//! Values in and out of the cache, typed.

use std::time::Duration;

use samekey::schema::{Key, TypedKey};
use samekey::server::{CacheError, CacheService, Lookup, MemoryStore, Record, Source, Store};
use serde_json::{Value, json};

use crate::fixture::{Counted, LONG, MEDIUM, executive, kpis, memory_cache, nth, schema};

#[tokio::test(start_paused = true)]
async fn what_is_set_is_there_until_it_is_deleted() {
    let cache = memory_cache();
    let key = kpis("ws1");
    assert_eq!(cache.get(&key).await.unwrap(), None);
    cache.set(&key, &json!({ "mrr": 12.5 })).await.unwrap();
    assert_eq!(cache.get(&key).await.unwrap().as_deref(), Some(&json!({ "mrr": 12.5 })));
    assert!(cache.exists(&key).await.unwrap());
    assert!(cache.delete(&key).await.unwrap());
    assert!(!cache.delete(&key).await.unwrap());
    assert_eq!(cache.get(&key).await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn a_value_lives_as_long_as_its_family_says() {
    let cache = memory_cache();
    cache.set(&kpis("ws1"), &json!(1)).await.unwrap();
    cache.get_or_compute(&executive("ws1", "7d"), || Counted::default().call()).await.unwrap();
    assert_eq!(cache.ttl(kpis("ws1")).await.unwrap(), Some(MEDIUM));
    assert_eq!(cache.ttl("exec:dashboard:ws1:7d").await.unwrap(), Some(LONG));
    tokio::time::advance(MEDIUM).await;
    assert!(!cache.exists(kpis("ws1")).await.unwrap());
    assert_eq!(cache.ttl("exec:dashboard:ws1:7d").await.unwrap(), Some(LONG - MEDIUM));
}

#[tokio::test(start_paused = true)]
async fn a_time_of_ones_own_must_be_at_least_a_millisecond() {
    let cache = memory_cache();
    cache.set_for(&kpis("ws1"), &json!(1), Duration::from_secs(5)).await.unwrap();
    assert_eq!(cache.ttl(kpis("ws1")).await.unwrap(), Some(Duration::from_secs(5)));
    let error = cache.set_for(&kpis("ws2"), &json!(1), Duration::ZERO).await.unwrap_err();
    assert_eq!(error.code(), "E_TTL_TOO_SHORT");
    assert!(!cache.exists(kpis("ws2")).await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn a_miss_computes_and_a_hit_does_not() {
    let cache = memory_cache();
    let compute = Counted::default();
    for _ in 0..3 {
        let compute = compute.clone();
        assert_eq!(cache.get_or_compute(&kpis("ws1"), || compute.call()).await.unwrap(), nth(1));
    }
    assert_eq!(compute.calls(), 1);
    tokio::time::advance(MEDIUM).await;
    let again = compute.clone();
    assert_eq!(cache.get_or_compute(&kpis("ws1"), || again.call()).await.unwrap(), nth(2));
}

#[tokio::test(start_paused = true)]
async fn refresh_reads_nothing_and_stores_while_skip_does_neither() {
    let cache = memory_cache();
    let compute = Counted::default();
    let mut answers = Vec::new();
    for lookup in [Lookup::Use, Lookup::Skip, Lookup::Use, Lookup::Refresh, Lookup::Use] {
        let compute = compute.clone();
        answers.push(
            cache.get_or_compute_with(&kpis("ws1"), lookup, || compute.call()).await.unwrap(),
        );
    }
    assert_eq!(answers, [nth(1), nth(2), nth(1), nth(3), nth(3)]);
    let stats = cache.get_cache_stats().await;
    assert_eq!((stats.hits, stats.misses, stats.bypasses, stats.computes), (2, 1, 2, 3));
    assert_eq!(stats.hit_rate_percent, 66.67);
}

#[tokio::test(start_paused = true)]
async fn the_json_form_says_where_it_comes_from_and_how_long_it_stays_fresh() {
    let cache = memory_cache();
    let ask = |lookup| {
        let cache = cache.clone();
        async move {
            let compute = Counted::default();
            cache.get_or_compute_json(&kpis("ws1"), lookup, || compute.call()).await.unwrap()
        }
    };
    let miss = ask(Lookup::Use).await;
    assert_eq!(
        (&miss.body[..], miss.fresh_for, miss.source),
        (&br#"{"call":1}"#[..], MEDIUM, Source::Miss)
    );
    tokio::time::advance(Duration::from_secs(100)).await;
    let hit = ask(Lookup::Use).await;
    assert_eq!(
        (hit.body, hit.fresh_for, hit.source),
        (miss.body, Duration::from_secs(200), Source::Hit)
    );
    let bypass = ask(Lookup::skip_cache(true)).await;
    assert_eq!((bypass.fresh_for, bypass.source), (MEDIUM, Source::Bypass));
}

#[tokio::test(start_paused = true)]
async fn a_compute_error_reaches_the_caller_as_it_was_and_nothing_is_stored() {
    let cache = memory_cache();
    let failing = || async { Err::<Value, _>(std::io::Error::from(std::io::ErrorKind::NotFound)) };
    let error = cache.get_or_compute(&kpis("ws1"), failing).await.unwrap_err();
    assert_eq!(error.code(), "E_COMPUTE_FAILED");
    assert!(error.to_string().contains("exec:kpis:ws1"));
    let cause = error.compute_error::<std::io::Error>().unwrap();
    assert_eq!(cause.kind(), std::io::ErrorKind::NotFound);
    assert!(!cache.exists(kpis("ws1")).await.unwrap());
    let compute = Counted::default();
    assert_eq!(cache.get_or_compute(&kpis("ws1"), || compute.call()).await.unwrap(), nth(1));
    assert_eq!(cache.get_cache_stats().await.compute_errors, 1);
}

/// A JSON text of exactly so many bytes.
fn value_of(bytes: usize) -> Value {
    Value::String("x".repeat(bytes - 2))
}

#[tokio::test(start_paused = true)]
async fn a_value_over_the_limit_is_returned_and_not_stored() {
    let cache = memory_cache();
    for (bytes, stored) in [
        (CacheService::MAX_VALUE_BYTES - 1, true),
        (CacheService::MAX_VALUE_BYTES, true),
        (CacheService::MAX_VALUE_BYTES + 1, false),
    ] {
        let key = kpis(&bytes.to_string());
        let value = value_of(bytes);
        let computed = value.clone();
        let answer =
            cache.get_or_compute(&key, || async { Ok::<_, CacheError>(computed) }).await.unwrap();
        assert!(*answer == value);
        assert_eq!(cache.exists(&key).await.unwrap(), stored, "{bytes}");
    }
    assert_eq!(cache.get_cache_stats().await.refused_too_large, 1);
}

#[tokio::test(start_paused = true)]
async fn a_value_over_the_limit_does_not_leave_the_old_one_behind() {
    let cache = memory_cache();
    let large = value_of(CacheService::MAX_VALUE_BYTES + 1);
    cache.set(&kpis("ws1"), &json!("old")).await.unwrap();
    let error = cache.set(&kpis("ws1"), &large).await.unwrap_err();
    assert_eq!(error.code(), "E_VALUE_TOO_LARGE");
    assert!(!cache.exists(kpis("ws1")).await.unwrap());

    cache.set(&kpis("ws1"), &json!("old")).await.unwrap();
    let refresh = || async { Ok::<_, CacheError>(large) };
    cache.get_or_compute_with(&kpis("ws1"), Lookup::Refresh, refresh).await.unwrap();
    assert!(!cache.exists(kpis("ws1")).await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn a_stored_value_of_another_shape_is_a_miss_and_is_mended() {
    let cache = memory_cache();
    cache.set(&kpis("ws1"), &json!({ "old": "shape" })).await.unwrap();
    let as_number: TypedKey<u64> =
        TypedKey::new(Key::parse("exec:kpis:ws1").unwrap(), "kpis", MEDIUM);
    assert_eq!(cache.get(&as_number).await.unwrap(), None);
    let seven = cache.get_or_compute(&as_number, || async { Ok::<_, CacheError>(7) }).await;
    assert_eq!(*seven.unwrap(), 7);
    assert_eq!(cache.get(&as_number).await.unwrap().as_deref(), Some(&7));
    let stats = cache.get_cache_stats().await;
    assert_eq!((stats.decode_errors, stats.hits, stats.misses), (2, 1, 2));
}

#[tokio::test(start_paused = true)]
async fn a_value_that_json_cannot_hold_is_an_error_and_not_stored() {
    let cache = memory_cache();
    let key: TypedKey<std::collections::BTreeMap<(u8, u8), u8>> =
        TypedKey::new(Key::parse("exec:kpis:ws1").unwrap(), "kpis", MEDIUM);
    let pairs = || async { Ok::<_, CacheError>([((1, 2), 3)].into()) };
    let error = cache.get_or_compute(&key, pairs).await.unwrap_err();
    assert_eq!(error.code(), "E_VALUE_ENCODE");
    assert!(!cache.exists(&key).await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn stats_carry_the_names_of_the_specification() {
    let cache = memory_cache();
    cache.set(&kpis("ws1"), &json!(1)).await.unwrap();
    cache.get(&kpis("ws1")).await.unwrap();
    cache.get(&kpis("ws2")).await.unwrap();
    let stats = serde_json::to_value(cache.get_cache_stats().await).unwrap();
    for (name, value) in [
        ("hits", json!(1)),
        ("misses", json!(1)),
        ("hit_rate_percent", json!(50.0)),
        ("keys", json!(1)),
        ("evicted_keys", json!(0)),
        ("store", json!("memory")),
        ("store_available", json!(true)),
    ] {
        assert_eq!(stats[name], value, "{name}");
    }
    assert!(stats["used_memory"].as_u64().unwrap() > 0);
}

/// Python writes `NaN` unless it is told not to, and who reads JSON cannot read that.
#[tokio::test(start_paused = true)]
async fn what_others_stored_and_no_reader_of_json_can_read_is_not_passed_on() {
    for stored in [r#"{"rate":NaN}"#, "[-Infinity]", r#"{"rows":[1,2"#, "1 2", r#"{"a":1}x"#] {
        let store = std::sync::Arc::new(MemoryStore::default());
        let ttl = samekey::server::Ttl::new(MEDIUM).unwrap();
        let record = Record::new("exec:kpis:ws1", stored.into(), ttl);
        store.set(record).await.unwrap();
        let cache = CacheService::new(schema(), store);
        // It is held here as well: whoever asks for its type finds it unreadable, too.
        assert_eq!(cache.get(&kpis("ws1")).await.unwrap(), None, "{stored}");
        let ask = || async {
            let key = kpis("ws1");
            cache
                .get_or_compute_json(&key, Lookup::Use, || Counted::default().call())
                .await
                .unwrap()
        };
        let answer = ask().await;
        assert_eq!(
            (&answer.body[..], answer.source),
            (&br#"{"call":1}"#[..], Source::Miss),
            "{stored}"
        );
        assert_eq!(ask().await.source, Source::Hit);
    }
    // What is JSON is passed on as it is, blanks and long numbers too.
    let store = std::sync::Arc::new(MemoryStore::default());
    let stored = r#" {"id": 123456789012345678901234567890, "id": 1e999} "#;
    let ttl = samekey::server::Ttl::new(MEDIUM).unwrap();
    store.set(Record::new("exec:kpis:ws1", stored.into(), ttl)).await.unwrap();
    let cache = CacheService::new(schema(), store);
    let key = kpis("ws1");
    let compute = || Counted::default().call();
    let answer = cache.get_or_compute_json(&key, Lookup::Use, compute).await.unwrap();
    assert_eq!((&answer.body[..], answer.source), (stored.as_bytes(), Source::Hit));
}
