//! Garbage collection: how long an unobserved query is kept.

use samekey::engine::{FetchStatus, QueryOptions, Retry};

use super::host::{Host, MINUTE, Told, kept_for, quiet};

#[test]
fn an_unobserved_query_is_kept_for_five_minutes() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    host.pass(5.0 * MINUTE - 1.0);
    assert!(host.exists(query));
    host.told();
    host.pass(1.0);
    assert_eq!(host.told(), [Told::Removed(query), Told::Released(query)]);
    assert!(!host.exists(query));
    assert_eq!(host.engine.stats().evicted_keys, 1);
}

#[test]
fn an_observed_query_is_kept_for_ever() {
    let mut host = Host::new();
    let query = host.query_with(r#"["todos"]"#, kept_for(0.0));
    host.set_data(query, 1);
    host.mount(query, quiet());
    host.pass(1e12);
    assert!(host.exists(query));
}

#[test]
fn the_gc_time_begins_when_the_last_observer_leaves() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    let (one, two) = (host.mount(query, quiet()), host.mount(query, quiet()));
    host.pass(10.0 * MINUTE);
    host.unmount(one);
    host.pass(10.0 * MINUTE);
    host.unmount(two);
    host.pass(5.0 * MINUTE - 1.0);
    assert!(host.exists(query));
    host.pass(1.0);
    assert!(!host.exists(query));
}

#[test]
fn a_new_observer_stops_the_collection() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    host.pass(4.0 * MINUTE);
    let observer = host.mount(query, quiet());
    host.pass(2.0 * MINUTE);
    assert!(host.exists(query));
    host.unmount(observer);
    host.pass(4.0 * MINUTE);
    assert!(host.exists(query));
}

#[test]
fn the_longest_gc_time_ever_asked_for_wins() {
    let mut host = Host::new();
    let query = host.query_with(r#"["todos"]"#, kept_for(100.0));
    for gc_time in [200.0, 10.0] {
        host.engine.set_query_options(query, kept_for(gc_time), host.at);
    }
    let observer = host.mount(query, quiet());
    host.succeed(query, 1);
    host.unmount(observer);
    host.pass(199.0);
    assert!(host.exists(query));
    host.pass(1.0);
    assert!(!host.exists(query));
}

#[test]
fn the_default_counts_as_asked_for() {
    let mut host = Host::new();
    let query = host.query_with(r#"["todos"]"#, kept_for(100.0));
    host.engine.set_query_options(query, QueryOptions::default(), host.at);
    let observer = host.mount(query, quiet());
    host.succeed(query, 1);
    host.unmount(observer);
    host.pass(5.0 * MINUTE - 1.0);
    assert!(host.exists(query));
}

#[test]
fn a_gc_time_of_zero_collects_as_soon_as_nobody_looks() {
    let mut host = Host::new();
    let query = host.query_with(r#"["todos"]"#, kept_for(0.0));
    host.fetch(query);
    host.pass(10.0);
    assert!(host.exists(query), "not while it fetches");
    host.succeed(query, 1);
    host.pass(0.0);
    assert!(!host.exists(query));
}

#[test]
fn a_negative_gc_time_is_zero() {
    for gc_time in [-1.0, f64::NEG_INFINITY] {
        let mut host = Host::new();
        let query = host.query_with(r#"["todos"]"#, kept_for(gc_time));
        host.pass(0.0);
        assert!(!host.exists(query), "{gc_time}");
    }
}

#[test]
fn an_infinite_gc_time_never_collects() {
    let mut host = Host::new();
    let query = host.query_with(r#"["todos"]"#, kept_for(f64::INFINITY));
    host.set_data(query, 1);
    assert_eq!(host.engine.next_deadline(), None);
    host.pass(1e13);
    assert!(host.exists(query));
}

#[test]
fn a_server_keeps_everything_by_default() {
    let mut host = Host::new();
    host.at.server = true;
    host.query_with_data(r#"["todos"]"#, 1);
    assert_eq!(host.engine.next_deadline(), None);
}

#[test]
fn the_gc_time_begins_anew_after_a_fetch() {
    let mut host = Host::new();
    let query = host.query_with(r#"["todos"]"#, kept_for(100.0));
    host.fetch(query);
    host.pass(90.0);
    host.succeed(query, 1);
    host.pass(99.0);
    assert!(host.exists(query));
    host.pass(1.0);
    assert!(!host.exists(query));
}

#[test]
fn a_failed_query_is_collected_in_its_time() {
    let mut host = Host::new();
    let options = QueryOptions { retry: Retry::Count(0), ..kept_for(100.0) };
    let query = host.query_with(r#"["todos"]"#, options);
    host.fetch(query);
    host.pass(500.0);
    host.fail(query, "down");
    host.pass(99.0);
    assert!(host.exists(query));
    host.pass(1.0);
    assert!(!host.exists(query));
}

#[test]
fn a_paused_query_is_not_collected() {
    let mut host = Host::new();
    host.go_offline();
    let query = host.query_with(r#"["todos"]"#, kept_for(100.0));
    host.fetch(query);
    host.pass(1000.0);
    assert_eq!(host.state(query).fetch_status, FetchStatus::Paused);
}

#[test]
fn writing_data_does_not_prolong_the_gc_time() {
    let mut host = Host::new();
    let query = host.query_with(r#"["todos"]"#, kept_for(100.0));
    host.pass(90.0);
    host.set_data(query, 1);
    host.pass(10.0);
    assert!(!host.exists(query));
}

#[test]
fn a_reset_query_is_collected_in_its_time() {
    // (In TanStack Query a reset stops the collection of an unobserved query for good.)
    let mut host = Host::new();
    let query = host.query_with(r#"["todos"]"#, kept_for(100.0));
    host.set_data(query, 1);
    host.reset(query);
    host.pass(100.0);
    assert!(!host.exists(query));
}

#[test]
fn a_collected_query_can_be_added_anew() {
    let mut host = Host::new();
    let first = host.query_with(r#"["todos"]"#, kept_for(0.0));
    host.set_data(first, 1);
    host.pass(0.0);
    let second = host.query(r#"["todos"]"#);
    assert_eq!(host.state(second).data, None);
    assert_eq!(host.engine.get(r#"["todos"]"#), Some(second));
}
