//! A fetch: what a query's two statuses are on the way, and that many callers make one fetch.

use samekey::engine::{ActionKind, FetchStatus, ObserverOptions, QueryOptions, Status};

use super::host::{Host, START, quiet, retried};

#[test]
fn a_new_query_is_pending_and_idle() {
    let mut host = Host::new();
    let query = host.query(r#"["todos"]"#);
    let state = host.state(query);
    assert_eq!((state.status, state.fetch_status), (Status::Pending, FetchStatus::Idle));
    assert_eq!((state.data, state.data_updated_at, state.is_fetched()), (None, 0.0, false));
}

#[test]
fn a_first_fetch_goes_from_pending_and_fetching_to_success_and_idle() {
    let mut host = Host::new();
    let query = host.query(r#"["todos"]"#);
    host.fetch(query);
    let state = host.state(query);
    assert_eq!((state.status, state.fetch_status), (Status::Pending, FetchStatus::Fetching));
    host.pass(250.0);
    assert!(host.succeed(query, 7));
    let state = host.state(query);
    assert_eq!((state.status, state.fetch_status), (Status::Success, FetchStatus::Idle));
    assert_eq!((state.data, state.data_updated_at), (Some(7), START + 250.0));
    assert_eq!((state.data_update_count, state.error_update_count), (1, 0));
    assert_eq!(host.actions(query), [ActionKind::Fetch, ActionKind::Success]);
}

#[test]
fn a_background_fetch_keeps_success_and_the_old_data_while_it_runs() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    host.fetch(query);
    let state = host.state(query);
    assert_eq!((state.status, state.fetch_status), (Status::Success, FetchStatus::Fetching));
    assert_eq!(state.data, Some(1));
}

#[test]
fn a_failed_first_fetch_is_an_error_without_data() {
    let mut host = Host::new();
    let query = host.query_with(r#"["todos"]"#, retried(0));
    host.fetch(query);
    host.fail(query, "down");
    let state = host.state(query);
    assert_eq!((state.status, state.fetch_status), (Status::Error, FetchStatus::Idle));
    assert_eq!((state.data, state.error), (None, Some("down")));
    assert_eq!((state.error_update_count, state.error_updated_at), (1, START));
    assert_eq!((state.fetch_failure_count, state.fetch_failure_reason), (1, Some("down")));
}

#[test]
fn a_failed_background_fetch_keeps_the_data_and_calls_it_stale() {
    let mut host = Host::new();
    let query = host.query_with(r#"["todos"]"#, retried(0));
    host.set_data(query, 1);
    host.fetch(query);
    host.fail(query, "down");
    let state = host.state(query);
    assert_eq!((state.status, state.data), (Status::Error, Some(1)));
    assert!(state.is_invalidated);
}

#[test]
fn fetching_after_an_error_without_data_returns_to_pending() {
    let mut host = Host::new();
    let query = host.query_with(r#"["todos"]"#, retried(0));
    host.fetch(query);
    host.fail(query, "down");
    host.fetch(query);
    let state = host.state(query);
    assert_eq!((state.status, state.error), (Status::Pending, None));
    assert_eq!((state.fetch_failure_count, state.fetch_failure_reason), (0, None));
    assert_eq!(state.error_update_count, 1);
}

#[test]
fn fetching_after_an_error_with_data_keeps_the_error_until_it_ends() {
    let mut host = Host::new();
    let query = host.query_with(r#"["todos"]"#, retried(0));
    host.set_data(query, 1);
    host.fetch(query);
    host.fail(query, "down");
    host.fetch(query);
    assert_eq!(host.state(query).status, Status::Error);
    host.succeed(query, 2);
    let state = host.state(query);
    assert_eq!((state.status, state.error, state.is_invalidated), (Status::Success, None, false));
}

#[test]
fn callers_during_a_fetch_join_it() {
    let mut host = Host::new();
    let query = host.query(r#"["todos"]"#);
    host.fetch(query);
    host.fetch(query);
    host.mount(query, ObserverOptions::default());
    host.mount(query, ObserverOptions::default());
    assert_eq!(host.runs(), 1);
    assert_eq!(host.engine.stats().fetches, 1);
}

#[test]
fn a_refetch_replaces_a_fetch_only_if_there_is_data_to_show_meanwhile() {
    let mut host = Host::new();
    let empty = host.query(r#"["empty"]"#);
    host.fetch(empty);
    host.refetch(empty);
    assert_eq!(host.runs(), 1);
    let full = host.query_with_data(r#"["full"]"#, 1);
    host.fetch(full);
    let first = host.running(full);
    host.refetch(full);
    assert_eq!(host.runs(), 2);
    assert_ne!(host.running(full), first);
}

#[test]
fn the_answer_of_a_replaced_fetch_means_nothing() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    host.fetch(query);
    let replaced = host.running(query).unwrap();
    host.refetch(query);
    assert!(!host.engine.fetch_succeeded(query, replaced, 2, host.at));
    assert!(!host.engine.fetch_rejected(query, replaced, "late", host.at));
    assert_eq!(host.state(query).data, Some(1));
    assert!(host.succeed(query, 3));
    assert_eq!(host.state(query).data, Some(3));
}

#[test]
fn a_fetch_in_progress_is_not_announced_again_unless_asked_to() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    host.fetch(query);
    host.told();
    host.refetch(query);
    assert_eq!(host.actions(query), []);
    host.engine.join_fetch(query, true, host.at);
    host.engine.start_fetch(query, true, host.at);
    assert_eq!(host.actions(query), [ActionKind::Fetch]);
}

#[test]
fn a_fetch_without_data_can_be_rejected_whatever_the_retries() {
    let mut host = Host::new();
    let query = host.query_with(r#"["todos"]"#, retried(5));
    host.fetch(query);
    let fetch = host.running(query).unwrap();
    assert!(host.engine.fetch_rejected(query, fetch, "no data", host.at));
    assert_eq!(host.state(query).error, Some("no data"));
    assert_eq!(host.runs(), 1);
}

#[test]
fn an_attempt_answers_once() {
    let mut host = Host::new();
    let query = host.query_with(r#"["todos"]"#, retried(5));
    host.fetch(query);
    let fetch = host.running(query).unwrap();
    host.fail(query, "down");
    let again = host.engine.fetch_failed(query, fetch, "down", host.verdict, host.at);
    assert_eq!(again, samekey::engine::Failure::Ignored);
    assert!(!host.engine.fetch_succeeded(query, fetch, 1, host.at));
    assert_eq!(host.state(query).fetch_failure_count, 1);
}

#[test]
fn two_queries_fetch_independently() {
    let mut host = Host::new();
    let (one, two) = (host.query(r#"["one"]"#), host.query(r#"["two"]"#));
    host.fetch(one);
    host.fetch(two);
    host.succeed(two, 2);
    assert_eq!((host.state(one).data, host.state(two).data), (None, Some(2)));
    host.succeed(one, 1);
    assert_eq!(host.state(one).data, Some(1));
}

#[test]
fn the_options_given_last_before_a_fetch_decide_how_its_failures_are_taken() {
    let mut host = Host::new();
    let query = host.query_with(r#"["todos"]"#, retried(0));
    host.engine.set_query_options(query, retried(1), host.at);
    host.mount(query, quiet());
    host.engine.set_query_options(query, QueryOptions::default(), host.at);
    assert_eq!(host.fail(query, "down"), samekey::engine::Failure::Retrying);
    host.pass(0.0);
    assert_eq!(host.fail(query, "down"), samekey::engine::Failure::Final);
}
