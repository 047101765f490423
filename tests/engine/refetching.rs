//! What makes an observer fetch: mounting, the focus, the network, being enabled.

use samekey::engine::{ObserverOptions, RefetchOn, StaleTime, Status};

use super::host::{Host, disabled, quiet, retried, stale_after, static_data};

const FRESH: StaleTime = StaleTime::Millis(1e6);

/// Whether each trigger refetches: `[with stale data, with fresh data]`.
fn refetches(trigger: fn(RefetchOn) -> ObserverOptions, fire: fn(&mut Host)) -> [[bool; 2]; 3] {
    [RefetchOn::Never, RefetchOn::IfStale, RefetchOn::Always].map(|on| {
        [StaleTime::Millis(0.0), FRESH].map(|stale_time| {
            let mut host = Host::new();
            let query = host.query_with_data(r#"["todos"]"#, 1);
            host.mount(query, ObserverOptions { stale_time, ..trigger(on) });
            fire(&mut host);
            host.runs() > 0
        })
    })
}

const NEVER_IF_STALE_ALWAYS: [[bool; 2]; 3] = [[false, false], [true, false], [true, true]];

#[test]
fn mounting_refetches_never_if_stale_or_always() {
    let on_mount = |on| ObserverOptions { refetch_on_mount: on, ..quiet() };
    assert_eq!(refetches(on_mount, |_| ()), NEVER_IF_STALE_ALWAYS);
}

#[test]
fn the_focus_refetches_never_if_stale_or_always() {
    let on_focus = |on| ObserverOptions { refetch_on_focus: on, ..quiet() };
    assert_eq!(refetches(on_focus, Host::show), NEVER_IF_STALE_ALWAYS);
}

#[test]
fn the_network_refetches_never_if_stale_or_always() {
    let on_reconnect = |on| ObserverOptions { refetch_on_reconnect: on, ..quiet() };
    assert_eq!(refetches(on_reconnect, Host::go_online), NEVER_IF_STALE_ALWAYS);
}

#[test]
fn each_trigger_looks_at_its_own_option() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    host.mount(query, ObserverOptions { refetch_on_focus: RefetchOn::Always, ..quiet() });
    host.go_online();
    assert_eq!(host.runs(), 0);
    host.show();
    assert_eq!(host.runs(), 1);
}

#[test]
fn mounting_without_data_fetches_whatever_the_option() {
    let mut host = Host::new();
    let query = host.query(r#"["todos"]"#);
    host.mount(query, quiet());
    assert_eq!(host.runs(), 1);
}

#[test]
fn static_data_is_loaded_but_never_refetched() {
    let mut host = Host::new();
    let query = host.query(r#"["todos"]"#);
    let always = ObserverOptions {
        refetch_on_mount: RefetchOn::Always,
        refetch_on_focus: RefetchOn::Always,
        refetch_on_reconnect: RefetchOn::Always,
        ..static_data()
    };
    host.mount(query, always);
    assert_eq!(host.runs(), 1);
    host.succeed(query, 1);
    host.mount(query, always);
    host.invalidate(query);
    host.show();
    host.go_online();
    assert_eq!(host.runs(), 0);
}

#[test]
fn a_disabled_observer_never_fetches_by_itself() {
    let mut host = Host::new();
    let query = host.query(r#"["todos"]"#);
    host.mount(query, ObserverOptions { refetch_interval: Some(10.0), ..disabled() });
    host.show();
    host.go_online();
    host.pass(100.0);
    assert_eq!(host.runs(), 0);
    host.fetch(query);
    assert_eq!(host.runs(), 1, "but it may be asked to");
}

#[test]
fn enabling_an_observer_fetches_if_its_data_is_stale() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    assert!(host.flags(query, &stale_after(0.0)).fetch_on_change);
    assert!(!host.flags(query, &stale_after(10.0)).fetch_on_change);
    assert!(!host.flags(query, &disabled()).fetch_on_change);
}

#[test]
fn mounting_after_an_error_without_data_fetches_unless_told_otherwise() {
    let mut host = Host::new();
    let query = host.query_with(r#"["todos"]"#, retried(0));
    host.fetch(query);
    host.fail(query, "down");
    assert_eq!(host.state(query).status, Status::Error);
    assert!(host.flags(query, &quiet()).fetch_on_mount);
    let no_retry = ObserverOptions { retry_on_mount: false, ..ObserverOptions::default() };
    assert!(!host.flags(query, &no_retry).fetch_on_mount);
}

#[test]
fn mounting_after_an_error_with_data_refetches_it_as_stale() {
    let mut host = Host::new();
    let query = host.query_with(r#"["todos"]"#, retried(0));
    host.set_data(query, 1);
    host.fetch(query);
    host.fail(query, "down");
    let no_retry = ObserverOptions { retry_on_mount: false, stale_time: FRESH, ..quiet() };
    assert!(!host.flags(query, &no_retry).fetch_on_mount);
    let if_stale = ObserverOptions { refetch_on_mount: RefetchOn::IfStale, ..no_retry };
    assert!(host.flags(query, &if_stale).fetch_on_mount);
}

#[test]
fn a_suspending_observer_does_not_fetch_again_after_an_error() {
    let mut host = Host::new();
    let query = host.query_with(r#"["todos"]"#, retried(0));
    host.fetch(query);
    host.fail(query, "down");
    let suspending = ObserverOptions { suspense: true, ..ObserverOptions::default() };
    assert!(!host.flags(query, &suspending).fetch_on_change);
    assert!(host.flags(query, &ObserverOptions::default()).fetch_on_change);
}

#[test]
fn a_trigger_fetches_once_however_many_observers_there_are() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    host.mount(query, quiet());
    let first = host
        .mount(query, ObserverOptions { refetch_on_mount: RefetchOn::Never, ..stale_after(0.0) });
    host.mount(query, ObserverOptions { refetch_on_mount: RefetchOn::Never, ..stale_after(0.0) });
    host.told();
    host.show();
    assert_eq!(host.fetch_due(), [first], "the first one that wants it");
    assert_eq!(host.engine.stats().fetches, 1);
}

#[test]
fn triggers_visit_queries_in_the_order_in_which_they_were_added() {
    let mut host = Host::new();
    let queries: Vec<_> = (0..9).map(|i| host.query_with_data(&format!("[{i}]"), 1)).collect();
    let options = ObserverOptions { refetch_on_mount: RefetchOn::Never, ..stale_after(0.0) };
    let mut observers: Vec<_> =
        [4, 0, 8, 2, 6].map(|i: usize| (i, host.mount(queries[i], options))).to_vec();
    observers.sort_unstable();
    host.told();
    host.show();
    let expected: Vec<_> = observers.into_iter().map(|(_, observer)| observer).collect();
    assert_eq!(host.fetch_due(), expected);
}

#[test]
fn a_trigger_joins_a_fetch_in_progress() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    host.mount(query, ObserverOptions::default());
    host.show();
    host.go_online();
    assert_eq!(host.runs(), 1);
}

#[test]
fn unobserved_queries_are_not_refetched() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    let observer = host
        .mount(query, ObserverOptions { refetch_on_mount: RefetchOn::Never, ..stale_after(0.0) });
    host.unmount(observer);
    host.show();
    host.go_online();
    assert_eq!(host.runs(), 0);
}

#[test]
fn one_query_can_be_told_of_the_focus_or_the_network() {
    let mut host = Host::new();
    let (one, two) = (host.query_with_data("[1]", 1), host.query_with_data("[2]", 2));
    let options = ObserverOptions { refetch_on_mount: RefetchOn::Never, ..stale_after(0.0) };
    let (first, second) = (host.mount(one, options), host.mount(two, options));
    host.told();
    host.engine.query_on_focus(one, host.at);
    assert_eq!(host.fetch_due(), [first]);
    host.engine.query_on_online(two, host.at);
    assert_eq!(host.fetch_due(), [second]);
}

#[test]
fn what_mounting_would_do_is_known_before() {
    let mut host = Host::new();
    host.go_offline();
    let query = host.query(r#"["todos"]"#);
    let flags = host.flags(query, &ObserverOptions::default());
    assert!(flags.fetch_on_mount && flags.stale && !flags.can_fetch);
}
