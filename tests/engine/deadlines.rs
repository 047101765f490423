//! The one timer: when the host has to wake the engine, and in which order things are due.

use samekey::engine::{ActionKind, ObserverOptions, QueryOptions, RetryDelay};

use super::host::{Host, SECOND, START, Told, kept_for, quiet, retried, stale_after};

/// The longest delay of `setTimeout` (ms): a longer one fires at once.
const LONGEST_TIMEOUT: f64 = 2_147_483_647.0;

#[test]
fn nothing_to_wait_for_is_no_deadline() {
    let mut host = Host::new();
    assert_eq!(host.engine.next_deadline(), None);
    let query = host.query_with("[1]", kept_for(f64::INFINITY));
    host.set_data(query, 1);
    assert_eq!(host.engine.next_deadline(), None);
}

#[test]
fn the_earliest_deadline_is_the_next() {
    let mut host = Host::new();
    for gc_time in [300.0, 100.0, 200.0] {
        host.query_with(&format!("[{gc_time}]"), kept_for(gc_time));
        assert!(host.engine.next_deadline().is_some());
    }
    assert_eq!(host.engine.next_deadline(), Some(START + 100.0));
    host.pass(100.0);
    assert_eq!(host.engine.next_deadline(), Some(START + 200.0));
}

#[test]
fn equal_deadlines_are_due_in_the_order_in_which_they_were_set() {
    let mut host = Host::new();
    let queries: Vec<_> =
        (0..20).map(|i| host.query_with(&format!("[{i}]"), kept_for(100.0))).collect();
    host.pass(100.0);
    let expected: Vec<_> = queries
        .into_iter()
        .flat_map(|query| [Told::Removed(query), Told::Released(query)])
        .collect();
    assert_eq!(host.told(), expected);
}

#[test]
fn a_deadline_set_again_for_the_same_time_goes_to_the_end() {
    let mut host = Host::new();
    let [one, two] = ["[1]", "[2]"].map(|key| host.query_with(key, kept_for(100.0)));
    host.engine.reset(one, host.at);
    host.told();
    host.pass(100.0);
    assert_eq!(host.told()[0], Told::Removed(two));
}

#[test]
fn a_deadline_moved_later_is_not_due_at_its_old_time() {
    let mut host = Host::new();
    let query = host.query_with_data("[1]", 1);
    let observer = host.mount(query, stale_after(100.0));
    for _ in 0..10 {
        host.pass(50.0);
        host.set_data(query, 2);
    }
    assert_eq!(host.engine.next_deadline(), Some(START + 601.0));
    host.told();
    host.pass(100.0);
    assert_eq!(host.told(), []);
    host.pass(1.0);
    assert_eq!(host.told(), [Told::BecameStale(observer)]);
}

#[test]
fn a_deadline_moved_earlier_is_due_at_its_new_time_only() {
    let mut host = Host::new();
    let query = host.query_with_data("[1]", 1);
    let observer = host.mount(query, stale_after(500.0));
    host.set_options(observer, stale_after(100.0));
    assert_eq!(host.engine.next_deadline(), Some(START + 101.0));
    host.told();
    host.pass(101.0);
    assert_eq!(host.told(), [Told::BecameStale(observer)]);
    host.pass(SECOND);
    assert_eq!(host.told(), []);
}

#[test]
fn a_deadline_moved_earlier_and_later_again_is_due_once() {
    let mut host = Host::new();
    let query = host.query_with_data("[1]", 1);
    let poll = |millis| ObserverOptions { refetch_interval: Some(millis), ..quiet() };
    let observer = host.mount(query, poll(100.0));
    for interval in [50.0, 200.0, 25.0, 100.0] {
        host.set_options(observer, poll(interval));
    }
    host.told();
    host.pass(99.0);
    assert_eq!(host.told(), []);
    host.pass(1.0);
    assert_eq!(host.fetch_due(), [observer]);
}

#[test]
fn what_is_set_during_a_round_of_waking_waits_for_the_next() {
    let mut host = Host::new();
    let query = host.query_with("[1]", retried(3));
    host.fetch(query);
    host.fail(query, "down");
    host.told();
    let mark = host.engine.wake_mark();
    assert!(host.engine.wake(mark, host.at));
    host.perform();
    host.fail(query, "down");
    assert!(!host.engine.wake(mark, host.at), "due, but set after the mark");
    let mark = host.engine.wake_mark();
    assert!(host.engine.wake(mark, host.at));
}

#[test]
fn waking_early_does_nothing() {
    let mut host = Host::new();
    host.query_with("[1]", kept_for(100.0));
    host.at.now += 99.0;
    host.wake();
    assert_eq!(host.told(), []);
}

#[test]
fn waking_late_handles_everything_that_is_due_in_order() {
    let mut host = Host::new();
    let late = host.query_with("[1]", kept_for(300.0));
    let early = host.query_with("[2]", kept_for(100.0));
    host.at.now += SECOND;
    host.wake();
    let told = host.told();
    assert_eq!((told[0], told[2]), (Told::Removed(early), Told::Removed(late)));
    assert_eq!(host.engine.next_deadline(), None);
}

#[test]
fn delays_longer_than_a_timer_can_be_are_not_over_early() {
    let mut host = Host::new();
    let month = 30.0 * 24.0 * 3600.0 * SECOND;
    assert!(month > LONGEST_TIMEOUT);
    let query = host.query_with("[1]", kept_for(month));
    assert_eq!(host.engine.next_deadline(), Some(START + month));
    // A host sets its timer as far as it can, is woken, finds nothing due, and sets it again.
    host.at.now += LONGEST_TIMEOUT;
    host.wake();
    assert!(host.exists(query));
    assert_eq!(host.engine.next_deadline(), Some(START + month));
    host.pass(month - LONGEST_TIMEOUT);
    assert!(!host.exists(query));
}

#[test]
fn retries_too_may_wait_longer_than_a_timer_can() {
    let mut host = Host::new();
    let delay = 3.0 * LONGEST_TIMEOUT;
    let options = QueryOptions { retry_delay: RetryDelay::Millis(delay), ..retried(1) };
    let query = host.query_with("[1]", options);
    host.fetch(query);
    host.fail(query, "down");
    host.told();
    host.pass(delay - 1.0);
    assert_eq!(host.runs(), 0);
    host.pass(1.0);
    assert_eq!(host.runs(), 1);
}

#[test]
fn many_moved_and_cancelled_deadlines_leave_the_right_ones() {
    // Enough of them that the heap is rebuilt many times.
    let mut host = Host::new();
    let query = host.query_with_data("[1]", 1);
    let observer = host.mount(query, stale_after(10.0));
    for i in 0..5_000 {
        host.set_options(observer, stale_after(f64::from(5_000 - i)));
        let other = host.query_with(&format!("[2,{i}]"), kept_for(f64::from(i) + 10_000.0));
        if i % 10 > 0 {
            host.remove(other);
        }
    }
    assert_eq!(host.engine.next_deadline(), Some(START + 2.0));
    host.told();
    host.pass(9_999.0);
    assert_eq!(host.told(), [Told::BecameStale(observer)]);
    host.pass(5_000.0);
    let removed = host.told().iter().filter(|told| matches!(told, Told::Removed(_))).count();
    assert_eq!(removed, 500);
}

#[test]
fn a_poll_during_a_retry_leaves_the_retry_in_its_place() {
    let mut host = Host::new();
    let options = QueryOptions { retry_delay: RetryDelay::Millis(100.0), ..retried(1) };
    let query = host.query_with("[1]", options);
    host.mount(query, ObserverOptions { refetch_interval: Some(30.0), ..quiet() });
    host.fail(query, "down");
    host.told();
    host.pass(99.0);
    assert_eq!(host.runs(), 0);
    host.pass(1.0);
    assert_eq!(host.told(), [Told::Run(query)]);
    host.succeed(query, 1);
    assert_eq!(host.actions(query), [ActionKind::Success]);
}

#[test]
fn a_clock_that_is_set_back_makes_nothing_wait_longer() {
    const HOUR: f64 = 3600.0 * SECOND;
    let mut host = Host::new();
    let kept = host.query_with("[1]", kept_for(10.0 * SECOND));
    let delay = QueryOptions { retry_delay: RetryDelay::Millis(SECOND), ..retried(1) };
    let tried = host.query_with("[2]", delay);
    host.fetch(tried);
    host.fail(tried, "away");
    let polled = host.query_with_data("[3]", 1);
    host.mount(
        polled,
        ObserverOptions { refetch_interval: Some(4.0 * SECOND), ..stale_after(HOUR) },
    );
    host.pass(500.0);
    host.told();
    host.at.now -= HOUR;
    host.engine.clock_set_back(HOUR);
    host.pass(SECOND);
    assert!(host.told().contains(&Told::Run(tried)));
    for _ in 0..3 {
        host.pass(4.0 * SECOND);
        assert_eq!(host.fetch_due().len(), 1, "the rhythm goes on");
        host.succeed(polled, 2);
    }
    assert!(!host.exists(kept));
}
