//! Without a network, or on a hidden page: what waits, and what makes it go on.

use samekey::engine::{
    ActionKind, CancelMode, FetchStatus, NetworkMode, ObserverOptions, QueryOptions, RefetchOn,
    RetryDelay, Status,
};

use super::host::{Host, Told, quiet, retried};

fn in_mode(network_mode: NetworkMode) -> QueryOptions {
    QueryOptions { network_mode, ..retried(1) }
}

#[test]
fn a_fetch_begun_offline_pauses_at_once() {
    let mut host = Host::new();
    host.go_offline();
    let query = host.query(r#"["todos"]"#);
    host.fetch(query);
    let state = host.state(query);
    assert_eq!((state.status, state.fetch_status), (Status::Pending, FetchStatus::Paused));
    assert_eq!(
        host.told(),
        [Told::Updated(query, ActionKind::Fetch), Told::Updated(query, ActionKind::Pause),]
    );
}

#[test]
fn a_paused_fetch_runs_when_the_network_is_back() {
    let mut host = Host::new();
    host.go_offline();
    let query = host.query(r#"["todos"]"#);
    host.fetch(query);
    host.told();
    host.go_online();
    assert_eq!(host.told(), [Told::Updated(query, ActionKind::Continue), Told::Run(query)]);
    assert!(host.succeed(query, 1));
}

#[test]
fn callers_join_a_paused_fetch() {
    let mut host = Host::new();
    host.go_offline();
    let query = host.query(r#"["todos"]"#);
    host.fetch(query);
    host.mount(query, ObserverOptions::default());
    host.go_online();
    assert_eq!(host.runs(), 1);
}

#[test]
fn a_mode_that_ignores_the_network_never_pauses_offline() {
    let mut host = Host::new();
    host.go_offline();
    let query = host.query_with(r#"["todos"]"#, in_mode(NetworkMode::Always));
    host.fetch(query);
    host.fail(query, "down");
    host.pass(0.0);
    assert_eq!(host.runs(), 2);
}

#[test]
fn offline_first_runs_the_first_attempt_and_pauses_the_second() {
    let mut host = Host::new();
    host.go_offline();
    let query = host.query_with(r#"["todos"]"#, in_mode(NetworkMode::OfflineFirst));
    host.fetch(query);
    assert_eq!(host.runs(), 1);
    host.fail(query, "down");
    host.pass(0.0);
    assert_eq!(host.state(query).fetch_status, FetchStatus::Paused);
    host.go_online();
    assert_eq!(host.state(query).fetch_status, FetchStatus::Fetching);
    assert_eq!(host.runs(), 1);
}

#[test]
fn a_retry_that_is_due_offline_waits_for_the_network() {
    let mut host = Host::new();
    let query = host.query_with(r#"["todos"]"#, retried(1));
    host.fetch(query);
    host.fail(query, "down");
    host.go_offline();
    host.told();
    host.pass(1000.0);
    assert_eq!(host.told(), [Told::Updated(query, ActionKind::Pause)]);
    host.go_online();
    assert_eq!(host.told(), [Told::Updated(query, ActionKind::Continue), Told::Run(query)]);
}

#[test]
fn a_retry_that_is_due_on_a_hidden_page_waits_for_the_focus() {
    for mode in [NetworkMode::Online, NetworkMode::Always, NetworkMode::OfflineFirst] {
        let mut host = Host::new();
        let query = host.query_with(r#"["todos"]"#, in_mode(mode));
        host.fetch(query);
        host.fail(query, "down");
        host.hide();
        host.pass(1000.0);
        assert_eq!(host.state(query).fetch_status, FetchStatus::Paused, "{mode:?}");
        host.told();
        host.show();
        assert_eq!(host.runs(), 1, "{mode:?}");
    }
}

#[test]
fn the_network_alone_does_not_wake_a_hidden_page() {
    let mut host = Host::new();
    host.go_offline();
    let query = host.query(r#"["todos"]"#);
    host.fetch(query);
    host.hide();
    host.go_online();
    assert_eq!(host.runs(), 0);
    host.show();
    assert_eq!(host.runs(), 1);
}

#[test]
fn the_focus_alone_does_not_wake_an_offline_fetch() {
    let mut host = Host::new();
    host.go_offline();
    let query = host.query(r#"["todos"]"#);
    host.fetch(query);
    host.show();
    assert_eq!(host.state(query).fetch_status, FetchStatus::Paused);
}

#[test]
fn a_first_attempt_runs_on_a_hidden_page() {
    let mut host = Host::new();
    host.hide();
    let query = host.query(r#"["todos"]"#);
    host.fetch(query);
    assert_eq!(host.runs(), 1);
}

#[test]
fn a_running_attempt_is_left_alone_when_the_network_goes() {
    let mut host = Host::new();
    let query = host.query(r#"["todos"]"#);
    host.fetch(query);
    host.go_offline();
    assert!(host.succeed(query, 1));
}

#[test]
fn leaving_a_first_fetch_that_never_ran_cancels_it() {
    let mut host = Host::new();
    host.go_offline();
    let query = host.query(r#"["todos"]"#);
    let observer = host.mount(query, quiet());
    host.unmount(observer);
    assert_eq!(host.state(query).fetch_status, FetchStatus::Idle);
    host.go_online();
    assert_eq!(host.runs(), 0);
}

#[test]
fn leaving_a_paused_background_fetch_lets_it_run_later() {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    let observer = host.mount(query, quiet());
    host.go_offline();
    host.refetch(query);
    host.unmount(observer);
    assert_eq!(host.state(query).fetch_status, FetchStatus::Paused);
    host.go_online();
    assert_eq!(host.runs(), 1);
}

#[test]
fn leaving_a_paused_background_fetch_reverts_it_if_the_query_function_reads_its_signal() {
    // What counts is the last attempt that ran: this one has not.
    let mut host = Host::new();
    let query = host.query(r#"["todos"]"#);
    let observer = host.mount(query, quiet());
    host.read_signal(query);
    host.succeed(query, 1);
    host.go_offline();
    host.refetch(query);
    host.unmount(observer);
    assert_eq!(host.state(query).fetch_status, FetchStatus::Idle);
    host.go_online();
    assert_eq!(host.runs(), 1, "the first fetch only");
}

#[test]
fn a_paused_retry_left_by_its_last_observer_gives_up_when_it_may_go_on() {
    let mut host = Host::new();
    let query = host.query_with(r#"["todos"]"#, retried(3));
    host.set_data(query, 1);
    let observer = host.mount(query, ObserverOptions::default());
    host.fail(query, "down");
    host.go_offline();
    host.pass(1.0);
    host.unmount(observer);
    assert_eq!(host.state(query).fetch_status, FetchStatus::Paused);
    host.told();
    host.go_online();
    assert_eq!(
        host.told(),
        [
            Told::Updated(query, ActionKind::Continue),
            Told::GaveUp(query),
            Told::Updated(query, ActionKind::Error),
        ]
    );
}

#[test]
fn an_observer_whose_trigger_refetches_saves_a_paused_retry_that_was_given_up() {
    let mut host = Host::new();
    let query = host.query_with(r#"["todos"]"#, retried(3));
    host.set_data(query, 1);
    let observer = host.mount(query, ObserverOptions::default());
    host.fail(query, "down");
    host.go_offline();
    host.pass(1.0);
    host.unmount(observer);
    host.mount(query, ObserverOptions { refetch_on_reconnect: RefetchOn::Always, ..quiet() });
    host.told();
    host.go_online();
    let told = host.told();
    assert!(told.contains(&Told::Run(query)) && !told.contains(&Told::GaveUp(query)), "{told:?}");
}

#[test]
fn a_paused_fetch_can_be_cancelled() {
    let mut host = Host::new();
    host.go_offline();
    let query = host.query(r#"["todos"]"#);
    host.fetch(query);
    assert!(host.cancel(query, CancelMode::Revert));
    assert_eq!(host.state(query).fetch_status, FetchStatus::Idle);
    host.go_online();
    assert_eq!(host.runs(), 0);
}

#[test]
fn a_pause_longer_than_the_delay_is_no_second_attempt() {
    let mut host = Host::new();
    let options = QueryOptions { retry_delay: RetryDelay::Millis(50.0), ..retried(3) };
    let query = host.query_with(r#"["todos"]"#, options);
    host.mount(query, quiet());
    host.fail(query, "down");
    host.go_offline();
    host.pass(60.0);
    host.go_online();
    host.go_online();
    host.show();
    assert_eq!(host.runs(), 2);
    assert_eq!(host.state(query).fetch_failure_count, 1);
}
