//! Cancelling a fetch: by hand, and by leaving.

use samekey::engine::{ActionKind, CancelMode, FetchStatus, Status};

use super::host::{Host, Told, quiet, retried};

#[test]
fn nothing_to_cancel_is_no_error() {
    let mut host = Host::new();
    let query = host.query(r#"["todos"]"#);
    assert!(!host.cancel(query, CancelMode::Revert));
    assert_eq!(host.told(), []);
}

#[test]
fn a_revert_returns_to_the_state_before_the_fetch() {
    let mut host = Host::new();
    let query = host.query_with(r#"["todos"]"#, retried(2));
    host.set_data(query, 1);
    host.invalidate(query);
    let before = host.state(query);
    host.fetch(query);
    host.fail(query, "down");
    host.told();
    assert!(host.cancel(query, CancelMode::Revert));
    assert_eq!(host.state(query), before);
    assert_eq!(
        host.told(),
        [Told::Cancelled(query, CancelMode::Revert), Told::Updated(query, ActionKind::SetState),]
    );
    host.pass(1000.0);
    assert_eq!(host.runs(), 0, "the retry is gone too");
}

#[test]
fn a_revert_of_a_fetch_that_replaced_another_is_idle() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    host.fetch(query);
    host.refetch(query);
    host.cancel(query, CancelMode::Revert);
    assert_eq!(host.state(query).fetch_status, FetchStatus::Idle);
}

#[test]
fn data_written_by_hand_during_the_fetch_survives_the_revert() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    host.fetch(query);
    host.set_data(query, 5);
    host.cancel(query, CancelMode::Revert);
    let state = host.state(query);
    assert_eq!((state.data, state.fetch_status), (Some(5), FetchStatus::Idle));
}

#[test]
fn a_silent_cancel_leaves_the_state() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    host.fetch(query);
    let running = host.state(query);
    host.told();
    assert!(host.cancel(query, CancelMode::Silent));
    assert_eq!(host.state(query), running);
    assert_eq!(host.told(), [Told::Cancelled(query, CancelMode::Silent)]);
}

#[test]
fn a_cancel_as_an_error_is_an_error_like_any_other() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    host.fetch(query);
    host.told();
    assert!(host.cancel(query, CancelMode::Error));
    let state = host.state(query);
    assert_eq!((state.status, state.error), (Status::Error, Some("cancelled")));
    assert_eq!(state.fetch_status, FetchStatus::Idle);
    assert_eq!(
        host.told(),
        [Told::Cancelled(query, CancelMode::Error), Told::Updated(query, ActionKind::Error),]
    );
}

#[test]
fn between_a_cancel_as_an_error_and_its_report_nothing_can_join_the_fetch() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    host.fetch(query);
    let fetch = host.running(query).unwrap();
    host.engine.cancel(query, CancelMode::Error, host.at);
    assert!(!host.engine.cancel(query, CancelMode::Revert, host.at), "it is cancelled already");
    assert!(!host.engine.fetch_succeeded(query, fetch, 2, host.at));
    assert!(!host.engine.join_fetch(query, false, host.at));
    let next = host.engine.start_fetch(query, false, host.at);
    assert!(!host.engine.fetch_rejected(query, fetch, "cancelled", host.at), "replaced meanwhile");
    assert!(host.engine.fetch_succeeded(query, next, 3, host.at));
    assert_eq!(host.state(query).data, Some(3));
}

#[test]
fn the_answer_of_a_cancelled_fetch_means_nothing() {
    let mut host = Host::new();
    let query = host.query(r#"["todos"]"#);
    host.fetch(query);
    let fetch = host.running(query).unwrap();
    host.cancel(query, CancelMode::Revert);
    assert!(!host.engine.fetch_succeeded(query, fetch, 1, host.at));
    assert_eq!(host.state(query).status, Status::Pending);
}

#[test]
fn leaving_cancels_a_fetch_whose_signal_was_read() {
    let mut host = Host::new();
    let query = host.query(r#"["todos"]"#);
    let observer = host.mount(query, quiet());
    host.read_signal(query);
    host.told();
    host.unmount(observer);
    assert_eq!(host.told()[0], Told::Cancelled(query, CancelMode::Revert));
    let state = host.state(query);
    assert_eq!((state.status, state.fetch_status), (Status::Pending, FetchStatus::Idle));
}

#[test]
fn leaving_lets_a_fetch_finish_whose_signal_was_not_read() {
    let mut host = Host::new();
    let query = host.query(r#"["todos"]"#);
    let observer = host.mount(query, quiet());
    host.unmount(observer);
    assert!(host.succeed(query, 1));
    assert_eq!(host.state(query).data, Some(1));
}

#[test]
fn only_the_last_to_leave_cancels() {
    let mut host = Host::new();
    let query = host.query(r#"["todos"]"#);
    let (one, two) = (host.mount(query, quiet()), host.mount(query, quiet()));
    host.read_signal(query);
    host.unmount(one);
    assert_eq!(host.state(query).fetch_status, FetchStatus::Fetching);
    host.unmount(two);
    assert_eq!(host.state(query).fetch_status, FetchStatus::Idle);
}

#[test]
fn each_attempt_reads_its_signal_anew() {
    let mut host = Host::new();
    let query = host.query_with(r#"["todos"]"#, retried(1));
    let observer = host.mount(query, quiet());
    host.read_signal(query);
    host.fail(query, "down");
    host.pass(0.0);
    host.unmount(observer);
    assert_eq!(host.state(query).fetch_status, FetchStatus::Fetching);
}

#[test]
fn the_signal_of_a_replaced_fetch_says_nothing_of_this_one() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    let observer = host.mount(query, quiet());
    host.fetch(query);
    let replaced = host.running(query).unwrap();
    host.refetch(query);
    host.engine.signal_consumed(query, replaced, true);
    host.unmount(observer);
    assert_eq!(host.state(query).fetch_status, FetchStatus::Fetching);
}
