//! When data counts as fresh, and what an observer is told when it no longer does.

use samekey::engine::{ObserverOptions, StaleTime};

use super::host::{Host, SECOND, Told, disabled, quiet, stale_after, static_data};

#[test]
fn data_is_stale_at_once_by_default() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    assert!(host.flags(query, &ObserverOptions::default()).stale);
}

#[test]
fn data_is_fresh_until_its_stale_time_is_over() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    let options = stale_after(10.0);
    host.pass(9.0);
    assert!(!host.flags(query, &options).stale);
    host.pass(1.0);
    assert!(host.flags(query, &options).stale);
}

#[test]
fn no_data_is_stale_whatever_the_stale_time() {
    let mut host = Host::new();
    let query = host.query(r#"["todos"]"#);
    for options in [stale_after(f64::INFINITY), static_data()] {
        assert!(host.flags(query, &options).stale);
    }
}

#[test]
fn an_infinite_stale_time_ends_with_an_invalidation_only() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    let options = stale_after(f64::INFINITY);
    host.mount(query, options);
    host.pass(1e12);
    assert!(!host.flags(query, &options).stale);
    host.invalidate(query);
    assert!(host.flags(query, &options).stale);
}

#[test]
fn static_data_is_never_stale_not_even_when_invalidated() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    host.invalidate(query);
    assert!(!host.flags(query, &static_data()).stale);
}

#[test]
fn a_disabled_observer_sees_nothing_stale() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    assert!(!host.flags(query, &disabled()).stale);
}

#[test]
fn an_observer_is_told_one_millisecond_after_its_data_became_stale() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    let observer = host.mount(query, stale_after(100.0));
    host.pass(100.0);
    assert_eq!(
        host.told().last(),
        Some(&Told::Updated(query, samekey::engine::ActionKind::ManualSuccess))
    );
    host.pass(1.0);
    assert_eq!(host.told(), [Told::BecameStale(observer)]);
    host.pass(1e9);
    assert_eq!(host.told(), []);
}

#[test]
fn each_observer_is_told_at_its_own_stale_time() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    let late = host.mount(query, stale_after(300.0));
    let early = host.mount(query, stale_after(100.0));
    host.told();
    host.pass(101.0);
    assert_eq!(host.told(), [Told::BecameStale(early)]);
    host.pass(200.0);
    assert_eq!(host.told(), [Told::BecameStale(late)]);
}

#[test]
fn new_data_begins_the_stale_time_anew() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    let observer = host.mount(query, stale_after(100.0));
    host.pass(80.0);
    host.set_data(query, 2);
    host.told();
    host.pass(100.0);
    assert_eq!(host.told(), []);
    host.pass(1.0);
    assert_eq!(host.told(), [Told::BecameStale(observer)]);
}

#[test]
fn a_longer_stale_time_given_later_counts() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    let observer = host.mount(query, stale_after(100.0));
    host.set_options(observer, stale_after(500.0));
    host.told();
    host.pass(500.0);
    assert_eq!(host.told(), []);
    host.pass(1.0);
    assert_eq!(host.told(), [Told::BecameStale(observer)]);
}

#[test]
fn an_observer_that_left_or_was_disabled_is_not_told() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    let left = host.mount(query, stale_after(100.0));
    let off = host.mount(query, stale_after(100.0));
    host.unmount(left);
    host.set_options(off, ObserverOptions { enabled: false, ..stale_after(100.0) });
    host.told();
    host.pass(10.0 * SECOND);
    assert_eq!(host.told(), []);
}

#[test]
fn invalidated_data_does_not_become_stale_a_second_time() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    host.mount(query, stale_after(100.0));
    host.invalidate(query);
    host.told();
    host.pass(10.0 * SECOND);
    assert_eq!(host.told(), []);
}

#[test]
fn on_a_server_time_makes_nothing_stale_for_observers() {
    let mut host = Host::new();
    host.at.server = true;
    let query = host.query_with_data(r#"["todos"]"#, 1);
    host.mount(query, stale_after(100.0));
    assert_eq!(host.engine.next_deadline(), None);
}

#[test]
fn data_from_the_future_is_fresh_until_its_time_and_stale_time_are_over() {
    let mut host = Host::new();
    let query = host.query(r#"["todos"]"#);
    host.engine.set_data(query, 1, host.at.now + 50.0, host.at);
    let options = ObserverOptions { stale_time: StaleTime::Millis(0.0), ..quiet() };
    assert!(!host.flags(query, &options).stale);
    host.pass(50.0);
    assert!(host.flags(query, &options).stale);
}

#[test]
fn an_imperative_fetch_is_needed_when_the_data_is_too_old_for_it() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    host.pass(10.0);
    let stale = |host: &Host, millis| {
        host.engine.is_stale_by_time(query, StaleTime::Millis(millis), host.at)
    };
    assert!(stale(&host, 0.0) && stale(&host, 10.0) && stale(&host, f64::NAN));
    assert!(!stale(&host, 11.0));
    assert!(!host.engine.is_stale_by_time(query, StaleTime::Static, host.at));
}
