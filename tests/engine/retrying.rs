//! Retries: how often, how long between, and what is counted.

use samekey::engine::{
    ActionKind, CancelMode, Failure, FetchStatus, QueryOptions, Retry, RetryDelay, Status, Verdict,
};

use super::host::{Host, SECOND, Told, quiet, retried};

#[test]
fn a_fetch_is_tried_four_times_by_default() {
    let mut host = Host::new();
    let query = host.query(r#"["todos"]"#);
    host.fetch(query);
    for _ in 0..3 {
        assert_eq!(host.fail(query, "down"), Failure::Retrying);
        host.pass(30.0 * SECOND);
    }
    assert_eq!(host.fail(query, "down"), Failure::Final);
    assert_eq!(host.state(query).fetch_failure_count, 4);
    assert_eq!(host.runs(), 4);
}

#[test]
fn a_server_does_not_retry_by_default() {
    let mut host = Host::new();
    host.at.server = true;
    let query = host.query(r#"["todos"]"#);
    host.fetch(query);
    assert_eq!(host.fail(query, "down"), Failure::Final);
}

#[test]
fn an_error_that_no_attempt_mends_is_final_at_once_by_default() {
    let mut host = Host::new();
    let query = host.query(r#"["todos"]"#);
    host.fetch(query);
    assert_eq!(host.fail(query, "down"), Failure::Retrying);
    host.pass(SECOND);
    host.verdict.retry = false;
    assert_eq!(host.fail(query, "no such workspace"), Failure::Final);
    assert_eq!(host.state(query).error, Some("no such workspace"));
    assert_eq!(host.state(query).fetch_failure_count, 2);
}

#[test]
fn the_backoff_doubles_from_one_second_to_thirty() {
    let mut host = Host::new();
    let options = QueryOptions { retry: Retry::Always, ..QueryOptions::default() };
    let query = host.query_with(r#"["todos"]"#, options);
    host.mount(query, quiet());
    for seconds in [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0] {
        host.fail(query, "down");
        host.told();
        host.pass(seconds * SECOND - 1.0);
        assert_eq!(host.runs(), 0, "not before {seconds} s");
        host.pass(1.0);
        assert_eq!(host.runs(), 1, "after {seconds} s");
    }
}

#[test]
fn a_failure_is_counted_and_shown_while_the_fetch_goes_on() {
    let mut host = Host::new();
    let query = host.query_with(r#"["todos"]"#, retried(1));
    host.fetch(query);
    host.fail(query, "down");
    let state = host.state(query);
    assert_eq!((state.fetch_failure_count, state.fetch_failure_reason), (1, Some("down")));
    assert_eq!((state.status, state.fetch_status), (Status::Pending, FetchStatus::Fetching));
    assert_eq!((state.error, state.error_update_count), (None, 0));
    host.pass(0.0);
    host.succeed(query, 1);
    let state = host.state(query);
    assert_eq!((state.fetch_failure_count, state.fetch_failure_reason), (0, None));
    assert_eq!(host.actions(query), [ActionKind::Fetch, ActionKind::Failed, ActionKind::Success]);
}

#[test]
fn a_fixed_delay_is_kept() {
    let mut host = Host::new();
    let options = QueryOptions { retry_delay: RetryDelay::Millis(70.0), ..retried(2) };
    let query = host.query_with(r#"["todos"]"#, options);
    host.fetch(query);
    for _ in 0..2 {
        host.fail(query, "down");
        host.told();
        host.pass(69.0);
        assert_eq!(host.runs(), 0);
        host.pass(1.0);
        assert_eq!(host.runs(), 1);
    }
}

#[test]
fn negative_and_nan_delays_mean_at_once() {
    for delay in [-5.0, f64::NAN, f64::NEG_INFINITY] {
        let mut host = Host::new();
        let options = QueryOptions { retry_delay: RetryDelay::Millis(delay), ..retried(1) };
        let query = host.query_with(r#"["todos"]"#, options);
        host.fetch(query);
        host.fail(query, "down");
        host.pass(0.0);
        assert_eq!(host.runs(), 2, "{delay}");
    }
}

#[test]
fn an_infinite_delay_waits_until_the_fetch_is_cancelled() {
    let mut host = Host::new();
    let options = QueryOptions { retry_delay: RetryDelay::Millis(f64::INFINITY), ..retried(1) };
    let query = host.query_with(r#"["todos"]"#, options);
    host.fetch(query);
    host.fail(query, "down");
    host.pass(1e12);
    assert_eq!(host.state(query).fetch_status, FetchStatus::Fetching);
    assert!(host.cancel(query, CancelMode::Revert));
    assert_eq!(host.state(query).fetch_status, FetchStatus::Idle);
}

#[test]
fn the_users_functions_decide_where_the_options_ask_them() {
    let mut host = Host::new();
    let options =
        QueryOptions { retry: Retry::Ask, retry_delay: RetryDelay::Ask, ..QueryOptions::default() };
    let query = host.query_with(r#"["todos"]"#, options);
    host.fetch(query);
    host.verdict = Verdict { retry: true, delay: 40.0 };
    assert_eq!(host.fail(query, "down"), Failure::Retrying);
    assert_eq!(host.engine.next_deadline(), Some(host.at.now + 40.0));
    host.pass(40.0);
    host.verdict = Verdict { retry: false, delay: 40.0 };
    assert_eq!(host.fail(query, "gone"), Failure::Final);
    assert_eq!(host.state(query).error, Some("gone"));
}

#[test]
fn the_users_functions_are_not_heard_where_the_options_give_numbers() {
    let mut host = Host::new();
    host.verdict = Verdict { retry: true, delay: 9e9 };
    let query = host.query_with(r#"["todos"]"#, retried(0));
    host.fetch(query);
    assert_eq!(host.fail(query, "down"), Failure::Final);
    host.verdict = Verdict { retry: false, delay: 9e9 };
    let query = host.query_with(r#"["users"]"#, retried(1));
    host.fetch(query);
    assert_eq!(host.fail(query, "down"), Failure::Retrying);
}

#[test]
fn each_fetch_has_all_its_retries() {
    let mut host = Host::new();
    let query = host.query_with(r#"["todos"]"#, retried(1));
    for _ in 0..2 {
        host.fetch(query);
        assert_eq!(host.fail(query, "down"), Failure::Retrying);
        host.pass(0.0);
        assert_eq!(host.fail(query, "down"), Failure::Final);
    }
    assert_eq!(host.state(query).error_update_count, 2);
}

#[test]
fn after_the_last_observer_left_the_attempt_may_finish_but_no_other_begins() {
    let mut host = Host::new();
    let query = host.query_with(r#"["todos"]"#, retried(3));
    let observer = host.mount(query, quiet());
    host.unmount(observer);
    assert_eq!(host.state(query).fetch_status, FetchStatus::Fetching);
    assert_eq!(host.fail(query, "down"), Failure::Final);
    assert_eq!(host.state(query).error, Some("down"));
}

#[test]
fn a_fetch_left_between_two_attempts_gives_up_when_the_delay_is_over() {
    let mut host = Host::new();
    let options = QueryOptions { retry_delay: RetryDelay::Millis(50.0), ..retried(3) };
    let query = host.query_with(r#"["todos"]"#, options);
    let observer = host.mount(query, quiet());
    host.fail(query, "down");
    host.unmount(observer);
    host.told();
    host.pass(50.0);
    assert_eq!(host.told(), [Told::GaveUp(query), Told::Updated(query, ActionKind::Error)]);
    let state = host.state(query);
    assert_eq!((state.error, state.fetch_failure_count), (Some("down"), 2));
}

#[test]
fn one_who_joins_in_time_lets_the_retries_go_on() {
    let mut host = Host::new();
    let options = QueryOptions { retry_delay: RetryDelay::Millis(50.0), ..retried(3) };
    let query = host.query_with(r#"["todos"]"#, options);
    let observer = host.mount(query, quiet());
    host.fail(query, "down");
    host.unmount(observer);
    host.mount(query, quiet());
    host.told();
    host.pass(50.0);
    assert_eq!(host.told(), [Told::Run(query)]);
}

#[test]
fn a_fetch_that_was_never_observed_keeps_its_retries() {
    let mut host = Host::new();
    let query = host.query_with(r#"["todos"]"#, retried(1));
    host.fetch(query);
    assert_eq!(host.fail(query, "down"), Failure::Retrying);
    host.pass(0.0);
    assert!(host.succeed(query, 1));
}
