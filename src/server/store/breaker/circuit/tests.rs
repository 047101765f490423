use super::*;
use StoreErrorKind::{Denied, Timeout, Unavailable};

fn circuit() -> (Circuit, Instant) {
    let now = Instant::now();
    (Circuit::new(BreakerConfig::default(), now), now)
}

fn opened() -> (Circuit, Instant) {
    let (mut circuit, now) = circuit();
    for _ in 0..5 {
        circuit.failed(Timeout, None, now);
    }
    (circuit, now)
}

#[test]
fn it_opens_at_the_fifth_failure_in_a_row_and_not_before() {
    let (mut circuit, now) = circuit();
    for _ in 0..4 {
        circuit.failed(Timeout, None, now);
    }
    circuit.answered();
    for _ in 0..4 {
        circuit.failed(Unavailable, None, now);
    }
    assert_eq!(circuit.state(), CircuitState::Closed);
    circuit.failed(Unavailable, None, now);
    assert_eq!((circuit.state(), circuit.opened()), (CircuitState::Open, 1));
}

#[test]
fn the_third_failure_is_a_doubt_that_one_probe_settles_at_once() {
    let doubtful = || {
        let (mut circuit, now) = circuit();
        let answered = Some(now);
        let failed = (0..4).map(|_| circuit.failed(Timeout, answered, now));
        let probes: Vec<_> = failed.collect();
        assert_eq!(probes, [false, false, true, false]);
        assert_eq!((circuit.state(), circuit.next_pause()), (CircuitState::Closed, Duration::ZERO));
        circuit.begin_probe(now);
        (circuit, now)
    };
    let (mut circuit, now) = doubtful();
    for _ in 0..10 {
        assert!(!circuit.failed(Timeout, Some(now), now), "the probe is to decide");
    }
    assert!(circuit.end_probe(None, Some(now), now));
    assert!(!circuit.failed(Timeout, None, now), "it was a part of the store, and counts no more");
    assert_eq!((circuit.state(), circuit.opened()), (CircuitState::Closed, 0));

    let (mut circuit, now) = doubtful();
    assert!(!circuit.end_probe(Some(Timeout), None, now));
    assert_eq!((circuit.state(), circuit.opened()), (CircuitState::Open, 1));

    let (mut circuit, now) = doubtful();
    assert!(!circuit.failed(Timeout, None, now), "the probe is on its way already");
    assert_eq!(circuit.state(), CircuitState::Open);
    assert!(circuit.end_probe(None, None, now));
    assert_eq!((circuit.state(), circuit.opened()), (CircuitState::Closed, 1));
}

#[test]
fn what_ends_late_neither_opens_it_again_nor_closes_it() {
    let (mut circuit, now) = opened();
    assert!(!circuit.failed(Timeout, None, now));
    circuit.answered();
    assert_eq!((circuit.state(), circuit.opened()), (CircuitState::Open, 1));
}

#[test]
fn a_probe_that_succeeds_closes_it_and_one_that_fails_opens_it_again() {
    let (mut circuit, now) = opened();
    circuit.begin_probe(now);
    circuit.end_probe(Some(Unavailable), None, now + Duration::from_secs(1));
    assert_eq!((circuit.state(), circuit.since(), circuit.opened()), (CircuitState::Open, now, 1));
    circuit.begin_probe(now);
    circuit.end_probe(None, None, now + Duration::from_secs(2));
    assert_eq!(circuit.state(), CircuitState::Closed);
    assert_eq!(circuit.since(), now + Duration::from_secs(2));
}

#[test]
fn a_probe_that_meets_a_refusal_has_met_a_store() {
    let (mut circuit, now) = opened();
    circuit.begin_probe(now);
    circuit.end_probe(Some(StoreErrorKind::Full), None, now);
    assert_eq!(circuit.state(), CircuitState::Closed);
}

#[test]
fn pauses_double_up_to_the_longest() {
    let (mut circuit, _) = opened();
    let pauses: Vec<_> = (0..6).map(|_| circuit.next_pause().as_millis()).collect();
    assert_eq!(pauses, [50, 100, 200, 400, 500, 500]);
}

#[test]
fn a_store_that_answers_probes_and_fails_calls_does_not_get_the_short_pauses_back() {
    let (mut circuit, now) = opened();
    for _ in 0..4 {
        circuit.next_pause();
    }
    circuit.begin_probe(now);
    circuit.end_probe(None, None, now);
    for _ in 0..5 {
        circuit.failed(Timeout, None, now);
    }
    assert_eq!(circuit.next_pause(), Duration::from_millis(500));

    circuit.begin_probe(now);
    circuit.end_probe(None, None, now);
    circuit.answered();
    for _ in 0..5 {
        circuit.failed(Timeout, None, now);
    }
    assert_eq!(circuit.next_pause(), Duration::from_millis(50));
}

#[test]
fn a_wrong_password_is_tried_rarely() {
    let (mut circuit, now) = circuit();
    for _ in 0..5 {
        circuit.failed(Denied, None, now);
    }
    assert_eq!(circuit.next_pause(), Duration::from_secs(5));
    circuit.begin_probe(now);
    circuit.end_probe(Some(Denied), None, now);
    assert_eq!(circuit.next_pause(), Duration::from_secs(5));
}
