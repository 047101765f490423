//! What the cache counts about itself.

use samekey::engine::{ObserverOptions, StaleTime, Stats};

use super::host::{Host, disabled, kept_for, quiet, stale_after};

#[test]
fn an_empty_cache_has_counted_nothing() {
    let host = Host::new();
    assert_eq!(host.engine.stats(), Stats::default());
    assert_eq!(host.engine.stats().hit_rate_percent(), 0.0);
}

#[test]
fn mounting_on_fresh_data_is_a_hit_and_fetching_a_miss() {
    let mut host = Host::new();
    let query = host.query(r#"["todos"]"#);
    host.mount(query, stale_after(100.0));
    host.succeed(query, 1);
    for _ in 0..3 {
        host.mount(query, stale_after(100.0));
    }
    let stats = host.engine.stats();
    assert_eq!((stats.hits, stats.misses, stats.fetches), (3, 1, 1));
    assert_eq!(stats.hit_rate_percent(), 75.0);
}

#[test]
fn stale_data_that_mounting_refetches_is_a_miss() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    host.mount(query, ObserverOptions::default());
    host.mount(query, quiet());
    let stats = host.engine.stats();
    assert_eq!((stats.hits, stats.misses), (1, 1));
}

#[test]
fn a_disabled_observer_asks_for_nothing() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    host.mount(query, disabled());
    let stats = host.engine.stats();
    assert_eq!((stats.hits, stats.misses), (0, 0));
}

#[test]
fn an_imperative_fetch_counts_like_a_mount() {
    let mut host = Host::new();
    let query = host.query(r#"["todos"]"#);
    assert!(host.engine.needs_fetch(query, StaleTime::Millis(10.0), host.at));
    host.set_data(query, 1);
    assert!(!host.engine.needs_fetch(query, StaleTime::Millis(10.0), host.at));
    let stats = host.engine.stats();
    assert_eq!((stats.hits, stats.misses, stats.hit_rate_percent()), (1, 1, 50.0));
}

#[test]
fn keys_observers_and_collections_are_counted() {
    let mut host = Host::new();
    let (one, two) = (host.query_with("[1]", kept_for(10.0)), host.query("[2]"));
    let observer = host.mount(two, quiet());
    host.mount(two, quiet());
    let stats = host.engine.stats();
    assert_eq!((stats.keys, stats.observers, stats.evicted_keys), (2, 2, 0));
    host.unmount(observer);
    host.pass(10.0);
    assert!(!host.exists(one));
    let stats = host.engine.stats();
    assert_eq!((stats.keys, stats.observers, stats.evicted_keys), (1, 1, 1));
    host.remove(two);
    assert_eq!(host.engine.stats().evicted_keys, 1, "a removal by hand is no eviction");
    assert_eq!((host.engine.stats().keys, host.engine.stats().observers), (0, 1));
}
