//! Data and states written by hand, initial data, invalidation.

use samekey::engine::{ActionKind, FetchStatus, QueryOptions, QueryState, Status};

use super::host::{Host, START, quiet, retried, stale_after};

#[test]
fn written_data_is_there_at_once() {
    let mut host = Host::new();
    let query = host.query(r#"["todos"]"#);
    host.engine.set_data(query, 5, START - 10.0, host.at);
    let state = host.state(query);
    assert_eq!(
        (state.status, state.data, state.data_updated_at),
        (Status::Success, Some(5), START - 10.0)
    );
    assert_eq!(state.data_update_count, 1);
    assert_eq!(host.actions(query), [ActionKind::ManualSuccess]);
}

#[test]
fn written_data_leaves_a_fetch_in_progress_alone() {
    let mut host = Host::new();
    let query = host.query_with(r#"["todos"]"#, retried(2));
    host.fetch(query);
    host.fail(query, "down");
    host.set_data(query, 5);
    let state = host.state(query);
    assert_eq!((state.fetch_status, state.fetch_failure_count), (FetchStatus::Fetching, 1));
    host.pass(0.0);
    host.succeed(query, 6);
    assert_eq!(host.state(query).data, Some(6));
}

#[test]
fn written_data_ends_an_error_and_an_invalidation() {
    let mut host = Host::new();
    let query = host.query_with(r#"["todos"]"#, retried(0));
    host.fetch(query);
    host.fail(query, "down");
    host.set_data(query, 5);
    let state = host.state(query);
    assert_eq!((state.status, state.error, state.is_invalidated), (Status::Success, None, false));
    assert_eq!(state.fetch_failure_count, 1, "which is told until the next fetch");
}

#[test]
fn initial_data_is_no_fetched_data() {
    let mut host = Host::new();
    let initial = QueryState::initial(Some(7), 123.0);
    let query = host.query_in_state(r#"["todos"]"#, QueryOptions::default(), initial);
    let state = host.state(query);
    assert_eq!(
        (state.status, state.data, state.data_updated_at),
        (Status::Success, Some(7), 123.0)
    );
    assert!(!state.is_fetched());
    assert_eq!(host.told(), [], "nothing happened to it");
}

#[test]
fn initial_data_is_as_old_as_it_says() {
    let mut host = Host::new();
    let initial = QueryState::initial(Some(7), START - 60.0);
    let query = host.query_in_state(r#"["todos"]"#, QueryOptions::default(), initial);
    assert!(host.flags(query, &stale_after(50.0)).fetch_on_mount);
    assert!(!host.flags(query, &stale_after(70.0)).fetch_on_mount);
}

#[test]
fn adding_a_query_that_is_there_changes_nothing() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    let same = host.query_in_state(
        r#"["todos"]"#,
        QueryOptions::default(),
        QueryState::initial(Some(9), START),
    );
    assert_eq!((same, host.state(query).data), (query, Some(1)));
}

#[test]
fn later_initial_data_fills_a_query_without_data_only() {
    let mut host = Host::new();
    let (empty, full) = (host.query("[1]"), host.query_with_data("[2]", 1));
    host.told();
    for query in [empty, full] {
        host.engine.set_initial_data(query, 7, 123.0, host.at);
    }
    assert_eq!((host.state(empty).data, host.state(full).data), (Some(7), Some(1)));
    assert_eq!(host.state(empty).data_updated_at, 123.0);
    assert_eq!(host.actions(empty), [ActionKind::SetState]);
    host.set_data(empty, 8);
    host.reset(empty);
    assert_eq!(host.state(empty).data, Some(7), "a reset returns to it");
}

#[test]
fn later_initial_data_leaves_a_fetch_in_progress_alone() {
    let mut host = Host::new();
    let query = host.query(r#"["todos"]"#);
    host.fetch(query);
    host.engine.set_initial_data(query, 7, 123.0, host.at);
    let state = host.state(query);
    assert_eq!((state.status, state.fetch_status), (Status::Success, FetchStatus::Fetching));
}

#[test]
fn later_initial_data_ends_an_error() {
    let mut host = Host::new();
    let query = host.query_with(r#"["todos"]"#, retried(0));
    host.fetch(query);
    host.fail(query, "down");
    host.engine.set_initial_data(query, 7, 123.0, host.at);
    let state = host.state(query);
    assert_eq!((state.status, state.error, state.error_update_count), (Status::Success, None, 1));
}

#[test]
fn a_state_can_be_replaced_whole() {
    let mut host = Host::new();
    let query = host.query(r#"["todos"]"#);
    let state = QueryState { data_update_count: 4, ..QueryState::initial(Some(3), 9.0) };
    host.engine.set_state(query, state, host.at);
    assert_eq!(host.state(query), state);
    assert_eq!(host.actions(query), [ActionKind::SetState]);
}

#[test]
fn an_invalidation_marks_and_does_not_fetch() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    host.mount(query, stale_after(1e9));
    host.told();
    host.invalidate(query);
    assert_eq!(host.actions(query), [ActionKind::Invalidate]);
    assert!(host.state(query).is_invalidated);
    assert_eq!(host.runs(), 0);
}

#[test]
fn an_invalidated_query_is_not_invalidated_again() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    host.invalidate(query);
    host.told();
    host.invalidate(query);
    assert_eq!(host.told(), []);
}

#[test]
fn new_data_ends_an_invalidation() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    host.mount(query, quiet());
    host.invalidate(query);
    host.refetch(query);
    host.succeed(query, 2);
    assert!(!host.state(query).is_invalidated);
}
