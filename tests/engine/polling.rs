//! Refetching at an interval: one rhythm per query, resting while the page is hidden.

use samekey::engine::{ObserverId, ObserverOptions, QueryId};

use super::host::{Host, SECOND, quiet};

fn every(millis: f64) -> ObserverOptions {
    ObserverOptions { refetch_interval: Some(millis), ..quiet() }
}

fn every_in_background(millis: f64) -> ObserverOptions {
    ObserverOptions { refetch_interval_in_background: true, ..every(millis) }
}

/// Polls during `millis`, each answered at once.
fn polls(host: &mut Host, query: QueryId, millis: f64) -> Vec<(f64, ObserverId)> {
    host.told();
    let (mut polls, start) = (Vec::new(), host.at.now);
    while host.at.now < start + millis {
        host.pass(1.0);
        for observer in host.fetch_due() {
            polls.push((host.at.now - start, observer));
            if host.running(query).is_some() {
                host.succeed(query, 1);
            }
        }
    }
    polls
}

fn polled(options: &[ObserverOptions]) -> (Host, QueryId, Vec<ObserverId>) {
    let mut host = Host::new();
    let query = host.query_with_data(r#"["todos"]"#, 1);
    let observers = options.iter().map(|options| host.mount(query, *options)).collect();
    (host, query, observers)
}

#[test]
fn a_query_is_polled_at_its_interval() {
    let (mut host, query, observers) = polled(&[every(10.0)]);
    let times = polls(&mut host, query, 35.0);
    assert_eq!(times, [10.0, 20.0, 30.0].map(|time| (time, observers[0])));
}

#[test]
fn several_observers_make_one_poll_at_the_shortest_interval() {
    let (mut host, query, observers) = polled(&[every(30.0), every(10.0), every(20.0)]);
    let times = polls(&mut host, query, 25.0);
    assert_eq!(times, [10.0, 20.0].map(|time| (time, observers[1])));
}

#[test]
fn the_next_shortest_interval_counts_when_the_shortest_leaves() {
    let (mut host, query, observers) = polled(&[every(30.0), every(10.0)]);
    host.unmount(observers[1]);
    assert_eq!(polls(&mut host, query, 35.0), [(30.0, observers[0])]);
}

#[test]
fn nothing_is_waited_for_when_the_last_who_polls_leaves() {
    let (mut host, _, observers) = polled(&[every(10.0), quiet()]);
    host.unmount(observers[0]);
    assert_eq!(host.engine.next_deadline(), None);
}

#[test]
fn an_equal_interval_keeps_the_rhythm_when_one_leaves_or_comes() {
    let (mut host, query, observers) = polled(&[every(10.0), every(10.0)]);
    host.pass(6.0);
    host.unmount(observers[0]);
    let third = host.mount(query, every(10.0));
    let times = polls(&mut host, query, 5.0);
    assert_eq!(times, [(4.0, observers[1])]);
    host.unmount(observers[1]);
    host.unmount(third);
    assert_eq!(polls(&mut host, query, 50.0), []);
}

#[test]
fn a_hidden_page_rests_and_the_rhythm_goes_on() {
    let (mut host, query, observers) = polled(&[every(10.0)]);
    host.hide();
    assert_eq!(polls(&mut host, query, 35.0), []);
    host.at.focused = true;
    assert_eq!(polls(&mut host, query, 6.0), [(5.0, observers[0])]);
}

#[test]
fn an_observer_that_polls_in_the_background_polls_a_hidden_page() {
    let (mut host, query, observers) = polled(&[every_in_background(10.0)]);
    host.hide();
    let times = polls(&mut host, query, 25.0);
    assert_eq!(times, [10.0, 20.0].map(|time| (time, observers[0])));
}

#[test]
fn a_hidden_page_is_polled_at_the_interval_of_those_who_poll_in_the_background() {
    let (mut host, query, observers) = polled(&[every(10.0), every_in_background(25.0)]);
    host.hide();
    let times = polls(&mut host, query, 60.0);
    assert_eq!(times, [25.0, 50.0].map(|time| (time, observers[1])));
}

#[test]
fn every_change_of_state_begins_the_wait_anew() {
    let (mut host, query, observers) = polled(&[every(10.0)]);
    host.pass(6.0);
    host.set_data(query, 2);
    assert_eq!(polls(&mut host, query, 12.0), [(10.0, observers[0])]);
}

#[test]
fn polls_join_a_slow_fetch() {
    let (mut host, query, _) = polled(&[every(10.0)]);
    host.told();
    host.pass(45.0);
    assert_eq!(host.runs(), 1);
    assert_eq!(host.engine.stats().fetches, 1);
    host.succeed(query, 2);
    host.pass(10.0);
    assert_eq!(host.runs(), 1);
}

#[test]
fn a_changed_interval_counts_from_now() {
    let (mut host, query, observers) = polled(&[every(10.0)]);
    host.pass(6.0);
    host.set_options(observers[0], every(20.0));
    assert_eq!(polls(&mut host, query, 25.0), [(20.0, observers[0])]);
    host.set_options(observers[0], quiet());
    assert_eq!(polls(&mut host, query, 25.0), []);
}

#[test]
fn disabled_observers_do_not_poll() {
    let (mut host, query, observers) = polled(&[every(10.0)]);
    host.set_options(observers[0], ObserverOptions { enabled: false, ..every(10.0) });
    assert_eq!(polls(&mut host, query, 25.0), []);
    host.set_options(observers[0], every(10.0));
    assert_eq!(polls(&mut host, query, 15.0), [(10.0, observers[0])]);
}

#[test]
fn intervals_that_are_none_do_not_poll() {
    for interval in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let (mut host, query, _) = polled(&[every(interval)]);
        assert_eq!(polls(&mut host, query, 50.0), [], "{interval}");
    }
}

#[test]
fn a_server_does_not_poll() {
    let mut host = Host::new();
    host.at.server = true;
    let query = host.query_with_data(r#"["todos"]"#, 1);
    host.mount(query, every(10.0));
    host.pass(SECOND);
    assert!(host.fetch_due().is_empty());
}

#[test]
fn a_paused_fetch_is_polled_into_nothing() {
    let (mut host, query, _) = polled(&[every(10.0)]);
    host.go_offline();
    host.refetch(query);
    host.told();
    host.pass(35.0);
    assert_eq!(host.runs(), 0);
    host.go_online();
    assert_eq!(host.runs(), 1);
}
