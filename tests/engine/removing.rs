//! Removing and resetting queries, and those who still look at what was removed.

use samekey::engine::{
    ActionKind, CancelMode, FetchStatus, Filter, ObserverOptions, QueryState, Status,
};

use super::host::{Host, Told, kept_for, quiet, stale_after};

#[test]
fn a_removed_query_is_found_no_more_and_its_id_is_free() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    host.told();
    host.remove(query);
    assert_eq!(host.told(), [Told::Removed(query), Told::Released(query)]);
    assert_eq!(host.engine.get(r#"["todos"]"#), None);
    assert!(host.find(Filter::default()).is_empty());
    assert!(!host.exists(query));
    assert_eq!(host.engine.next_deadline(), None);
}

#[test]
fn removing_cancels_the_fetch_and_only_then_frees_the_id() {
    let mut host = Host::new();
    let query = host.query(r#"["todos"]"#);
    host.fetch(query);
    let fetch = host.running(query).unwrap();
    host.told();
    host.remove(query);
    assert_eq!(
        host.told(),
        [Told::Cancelled(query, CancelMode::Silent), Told::Removed(query), Told::Released(query),]
    );
    assert!(!host.engine.fetch_succeeded(query, fetch, 1, host.at));
}

#[test]
fn removing_twice_is_removing_once() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    host.mount(query, quiet());
    host.remove(query);
    host.told();
    host.remove(query);
    assert_eq!(host.told(), []);
}

#[test]
fn those_who_observe_a_removed_query_go_on_reading_it() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    let observer = host.mount(query, quiet());
    host.told();
    host.remove(query);
    assert_eq!(host.told(), [Told::Removed(query)]);
    assert_eq!(host.state(query).data, Some(1));
    host.pass(1e9);
    assert!(host.exists(query));
    host.unmount(observer);
    assert_eq!(host.told(), [Told::Released(query)]);
    assert!(!host.exists(query));
}

#[test]
fn a_removed_query_and_its_successor_are_two() {
    let mut host = Host::new();
    let old = host.query_with_data(r#"["todos"]"#, 1);
    let observer = host.mount(old, quiet());
    host.remove(old);
    let new = host.query_with_data(r#"["todos"]"#, 2);
    assert_ne!(old, new);
    assert_eq!((host.state(old).data, host.state(new).data), (Some(1), Some(2)));
    assert_eq!(host.find_prefix(r#"["todos"]"#), [new]);
    host.unmount(observer);
    assert_eq!(host.engine.get(r#"["todos"]"#), Some(new));
    assert_eq!(host.find(Filter::default()), [new]);
}

#[test]
fn the_focus_and_the_network_pass_a_removed_query_by() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    host.mount(
        query,
        ObserverOptions { refetch_on_mount: quiet().refetch_on_mount, ..stale_after(0.0) },
    );
    host.remove(query);
    host.told();
    host.show();
    host.go_online();
    assert_eq!(host.told(), []);
}

#[test]
fn a_removed_query_whose_fetch_was_cancelled_as_an_error_goes_with_the_report() {
    let mut host = Host::new();
    let query = host.query(r#"["todos"]"#);
    host.fetch(query);
    let fetch = host.running(query).unwrap();
    host.engine.cancel(query, CancelMode::Error, host.at);
    host.engine.remove(query, host.at);
    assert!(host.engine.state(query).is_some());
    assert!(host.engine.fetch_rejected(query, fetch, "cancelled", host.at));
    assert!(host.engine.state(query).is_none());
}

#[test]
fn a_reset_returns_to_pending() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    host.invalidate(query);
    host.told();
    host.reset(query);
    assert_eq!(host.state(query), QueryState::initial(None, 0.0));
    assert_eq!(host.actions(query), [ActionKind::SetState]);
}

#[test]
fn a_reset_cancels_the_fetch() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    host.fetch(query);
    host.reset(query);
    let state = host.state(query);
    assert_eq!((state.status, state.fetch_status), (Status::Pending, FetchStatus::Idle));
    host.fetch(query);
    assert_eq!(host.runs(), 2, "a new one, not the cancelled one");
}

#[test]
fn a_reset_returns_to_the_initial_data() {
    let mut host = Host::new();
    let initial = QueryState::initial(Some(7), 123.0);
    let query = host.query_in_state(r#"["todos"]"#, kept_for(1e9), initial);
    host.set_data(query, 8);
    host.reset(query);
    assert_eq!(host.state(query), initial);
}

#[test]
fn a_reset_does_not_return_to_data_that_the_query_was_restored_with() {
    // As in TanStack Query: a hydrated state is where a query was, not what it began with.
    let mut host = Host::new();
    let restored = QueryState { data_update_count: 3, ..QueryState::initial(Some(7), 123.0) };
    let query = host.query_in_state(r#"["todos"]"#, kept_for(1e9), restored);
    assert_eq!(host.state(query), restored);
    host.reset(query);
    assert_eq!(host.state(query), QueryState::initial(None, 0.0));
}

#[test]
fn observers_stay_with_a_reset_query() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    host.mount(query, quiet());
    host.reset(query);
    assert!(host.engine.query_flags(query, host.at).active);
    host.pass(1e9);
    assert!(host.exists(query));
}
