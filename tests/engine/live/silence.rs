//! A connection that says nothing.

use samekey::engine::live::{LinkFault, LinkStatus, Since, Steps};

use super::{BEAT, SECOND, later, link, open, wait, wake};

#[test]
fn a_connection_that_is_silent_for_longer_than_two_beats_is_lost() {
    let (mut link, mut at) = open();
    assert_eq!(wait(&link, at), 2.5 * BEAT);
    let steps = wake(&mut link, &mut at);
    assert!(steps.contains(Steps::DISCONNECT | Steps::UNCOVER | Steps::REPORT));
    assert_eq!((link.status(), link.fault()), (LinkStatus::Waiting, LinkFault::Silence));
}

#[test]
fn whatever_is_heard_counts() {
    let (mut link, mut at) = open();
    for _ in 0..10 {
        at = later(at, 2.0 * BEAT);
        assert_eq!(link.wake(at), Steps::NONE);
        link.heard(at);
    }
    assert_eq!(link.status(), LinkStatus::Open);
}

#[test]
fn the_server_says_how_often_it_beats() {
    let (mut link, at) = link();
    let _ = link.start(at);
    let _ = link.greeted(2.0 * SECOND, Since::LookBack, at);
    assert_eq!(wait(&link, at), 5.0 * SECOND);
    for nonsense in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let _ = link.greeted(nonsense, Since::LastId, at);
        assert_eq!(wait(&link, at), 5.0 * SECOND, "{nonsense} says nothing");
    }
}

#[test]
fn a_machine_that_slept_is_judged_when_somebody_looks() {
    let (mut link, mut at) = open();
    at = later(at, 3600.0 * SECOND);
    let steps = link.surroundings_changed(at);
    assert!(steps.contains(Steps::DISCONNECT | Steps::UNCOVER), "its timer may take a while yet");
    assert_eq!(link.fault(), LinkFault::Silence);
}
