//! What was changed elsewhere: marked stale, fetched again where it is looked at, and never believed too early.

use samekey::engine::{CancelMode, ObserverOptions, QueryId, QueryOptions, StaleTime};

use super::host::{Host, MINUTE, SECOND, disabled, quiet, retried, stale_after, static_data};

/// A query with data that an observer looks at, which does nothing by itself.
fn observed(options: ObserverOptions) -> (Host, QueryId) {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["exec","kpis","ws1"]"#, 1);
    host.mount(query, ObserverOptions { ..options });
    host.told();
    (host, query)
}

fn fresh_for(millis: f64) -> ObserverOptions {
    ObserverOptions { stale_time: StaleTime::Millis(millis), ..quiet() }
}

fn polled(millis: f64, stale_time: f64) -> ObserverOptions {
    ObserverOptions { refetch_interval: Some(millis), ..fresh_for(stale_time) }
}

#[test]
fn what_is_looked_at_is_fetched_again() {
    let (mut host, query) = observed(fresh_for(MINUTE));
    host.outdate(query);
    assert!(host.state(query).is_invalidated, "stale until the answer is there");
    assert_eq!(host.runs(), 1);
    host.succeed(query, 2);
    assert!(!host.state(query).is_invalidated);
    assert_eq!(host.runs(), 0, "once is enough");
}

#[test]
fn what_nobody_looks_at_is_only_marked() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["exec"]"#, 1);
    host.outdate(query);
    assert_eq!(host.runs(), 0);
    assert!(host.flags(query, &stale_after(MINUTE)).fetch_on_mount, "whoever comes fetches it");
}

#[test]
fn disabled_and_static_observers_are_left_alone() {
    for options in [disabled(), static_data()] {
        let (mut host, query) = observed(options);
        host.outdate(query);
        assert_eq!(host.runs(), 0);
        assert!(host.state(query).is_invalidated);
    }
}

#[test]
fn a_fetch_under_way_is_followed_by_another() {
    let (mut host, query) = observed(fresh_for(MINUTE));
    host.fetch(query);
    host.told();
    host.outdate(query);
    assert_eq!(host.runs(), 0, "the one under way goes on");
    host.succeed(query, 2);
    assert_eq!(host.state(query).data, Some(2), "its answer is shown");
    assert!(host.state(query).is_invalidated, "and not believed");
    assert_eq!(host.runs(), 1);
    host.succeed(query, 3);
    assert_eq!((host.state(query).data, host.state(query).is_invalidated), (Some(3), false));
    assert_eq!(host.runs(), 0);
}

#[test]
fn the_first_fetch_is_followed_too() {
    let mut host = Host::new();
    let query = host.query(r#"["exec"]"#);
    host.mount(query, fresh_for(MINUTE));
    host.fetch(query);
    host.told();
    host.outdate(query);
    host.succeed(query, 1);
    assert_eq!(host.runs(), 1);
}

#[test]
fn many_changes_during_a_fetch_are_one_fetch_more() {
    let (mut host, query) = observed(fresh_for(MINUTE));
    host.outdate(query);
    host.told();
    for _ in 0..10 {
        host.outdate(query);
    }
    host.succeed(query, 2);
    assert_eq!(host.runs(), 1);
    host.succeed(query, 3);
    assert_eq!(host.runs(), 0);
}

#[test]
fn an_answer_that_nobody_looks_at_any_more_stays_stale() {
    let mut host = Host::new();
    let query = host.query(r#"["exec"]"#);
    host.fetch(query);
    host.told();
    host.outdate(query);
    host.succeed(query, 1);
    assert_eq!(host.runs(), 0);
    assert!(host.state(query).is_invalidated);
}

#[test]
fn an_attempt_that_begins_after_the_change_needs_no_other() {
    let mut host = Host::new();
    let query = host.query_with(r#"["exec"]"#, retried(1));
    host.mount(query, fresh_for(MINUTE));
    host.fetch(query);
    host.outdate(query);
    host.fail(query, "away");
    host.pass(SECOND);
    host.told();
    host.succeed(query, 1);
    assert_eq!(host.runs(), 0);
    assert!(!host.state(query).is_invalidated);
}

#[test]
fn a_fetch_that_waits_for_the_network_needs_no_other() {
    let (mut host, query) = observed(fresh_for(MINUTE));
    host.go_offline();
    host.fetch(query);
    host.outdate(query);
    host.go_online();
    assert_eq!(host.runs(), 1);
    host.succeed(query, 2);
    assert_eq!(host.runs(), 0);
    assert!(!host.state(query).is_invalidated);
}

#[test]
fn a_cancelled_fetch_does_not_bring_back_the_belief() {
    let (mut host, query) = observed(fresh_for(MINUTE));
    host.fetch(query);
    host.outdate(query);
    host.cancel(query, CancelMode::Revert);
    assert!(host.state(query).is_invalidated);
    assert!(host.flags(query, &stale_after(MINUTE)).stale);
}

#[test]
fn data_written_by_hand_meanwhile_is_asked_for_again() {
    let (mut host, query) = observed(fresh_for(MINUTE));
    host.fetch(query);
    host.outdate(query);
    host.set_data(query, 5);
    host.told();
    host.succeed(query, 6);
    assert_eq!(host.runs(), 1);
}

#[test]
fn a_hidden_page_fetches_when_it_is_seen_again() {
    let (mut host, query) = observed(fresh_for(MINUTE));
    host.hide();
    host.outdate(query);
    host.outdate(query);
    assert_eq!(host.runs(), 0, "nobody sees it");
    assert!(host.state(query).is_invalidated, "but whoever reads it knows");
    host.show();
    assert_eq!(host.runs(), 1, "though the observer refetches nothing on focus");
    host.succeed(query, 2);
    host.hide();
    host.show();
    assert_eq!(host.runs(), 0, "it is paid once");
}

#[test]
fn a_hidden_page_follows_no_fetch_by_another_before_it_is_seen() {
    let (mut host, query) = observed(fresh_for(MINUTE));
    host.fetch(query);
    host.told();
    host.hide();
    host.outdate(query);
    host.succeed(query, 2);
    assert_eq!(host.runs(), 0, "changes may come faster than answers, for hours");
    assert!(host.state(query).is_invalidated);
    host.show();
    assert_eq!(host.runs(), 1);
}

#[test]
fn what_a_hidden_page_fetched_meanwhile_is_not_fetched_again() {
    let (mut host, query) = observed(fresh_for(MINUTE));
    host.hide();
    host.outdate(query);
    host.refetch(query);
    host.succeed(query, 2);
    host.told();
    host.show();
    assert_eq!(host.runs(), 0);
}

#[test]
fn one_focus_makes_one_fetch() {
    let (mut host, query) = observed(stale_after(MINUTE));
    host.hide();
    host.outdate(query);
    host.show();
    assert_eq!(host.fetch_due().len(), 1, "owed, and wanted by the focus too");
}

#[test]
fn polling_rests_while_a_stream_would_tell() {
    let (mut host, query) = observed(polled(SECOND, MINUTE));
    host.engine.set_covered(query, true);
    host.pass(30.0 * SECOND);
    assert_eq!(host.runs(), 0);
    host.engine.set_covered(query, false);
    host.pass(SECOND);
    assert_eq!(host.runs(), 1, "the rhythm went on");
}

#[test]
fn polling_does_not_rest_longer_than_the_data_is_fresh() {
    let (mut host, query) = observed(polled(SECOND, 10.0 * SECOND));
    host.engine.set_covered(query, true);
    host.pass(10.0 * SECOND - 1.0);
    assert_eq!(host.runs(), 0);
    host.pass(1.0);
    assert_eq!(host.runs(), 1, "a window of an hour moves on though nothing happens");
    host.succeed(query, 2);
    host.pass(9.0 * SECOND);
    assert_eq!(host.runs(), 0, "fresh again");
}

#[test]
fn who_gives_no_stale_time_leaves_it_to_the_stream() {
    let (mut host, query) = observed(polled(SECOND, 0.0));
    host.engine.set_covered(query, true);
    host.pass(MINUTE);
    assert_eq!(host.runs(), 0);
}

#[test]
fn a_refetch_that_failed_is_tried_again_by_polling() {
    let mut host = Host::new();
    let query = host.query_with(r#"["exec"]"#, QueryOptions { ..retried(0) });
    host.set_data(query, 1);
    host.mount(query, polled(SECOND, 0.0));
    host.engine.set_covered(query, true);
    host.outdate(query);
    host.fail(query, "away");
    host.told();
    host.pass(SECOND);
    assert_eq!(host.runs(), 1);
    host.succeed(query, 2);
    host.pass(MINUTE);
    assert_eq!(host.runs(), 0, "and rests again");
}

#[test]
fn a_query_that_is_gone_is_no_error() {
    let mut host = Host::new();
    let query = host.query(r#"["exec"]"#);
    host.remove(query);
    host.outdate(query);
    host.engine.set_covered(query, true);
    assert!(!host.exists(query));
}
