//! What it believes of what it hears.

use samekey::engine::live::{LinkFault, Since, Steps};

use super::{BEAT, SECOND, later, link, open, wait, wake};

#[test]
fn what_was_there_before_the_first_greeting_may_have_missed_changes() {
    let (mut link, at) = link();
    let _ = link.start(at);
    let steps = link.greeted(BEAT, Since::Now, at);
    assert!(steps.contains(Steps::RESET | Steps::ADOPT), "{steps:?}");
}

#[test]
fn a_server_that_looks_back_spares_that() {
    let (mut link, at) = link();
    let _ = link.start(at);
    let steps = link.greeted(BEAT, Since::LookBack, at);
    assert!(!steps.contains(Steps::RESET) && steps.contains(Steps::ADOPT));
}

#[test]
fn resumed_the_greetings_id_is_not_adopted() {
    let (mut link, mut at) = open();
    let _ = link.ended(LinkFault::Network, at);
    let _ = wake(&mut link, &mut at);
    let steps = link.greeted(BEAT, Since::LastId, at);
    assert_eq!(steps, Steps::COVER | Steps::STATUS, "what was missed is still to come");
}

#[test]
fn the_first_change_is_applied_at_once_and_those_behind_it_together() {
    let (mut link, mut at) = open();
    assert_eq!(link.invalidated(at), Steps::ADOPT | Steps::APPLY);
    at = later(at, 10.0);
    for _ in 0..50 {
        assert_eq!(link.invalidated(at), Steps::ADOPT);
    }
    assert_eq!(wait(&link, at), 90.0);
    assert_eq!(wake(&mut link, &mut at), Steps::APPLY);
    at = later(at, 200.0);
    assert_eq!(link.invalidated(at), Steps::ADOPT | Steps::APPLY);
}

#[test]
fn what_was_gathered_is_applied_though_the_connection_is_lost() {
    let (mut link, mut at) = open();
    let _ = link.invalidated(at);
    let _ = link.invalidated(at);
    let _ = link.ended(LinkFault::None, at);
    assert_eq!(wake(&mut link, &mut at), Steps::APPLY);
}

#[test]
fn what_was_gathered_is_applied_before_it_stops() {
    let (mut link, at) = open();
    let _ = link.invalidated(at);
    let _ = link.invalidated(at);
    assert!(link.stop().contains(Steps::APPLY));
    assert_eq!(link.next_deadline(), None);
}

#[test]
fn a_reset_outdates_everything_and_voids_what_was_gathered() {
    let (mut link, at) = open();
    let _ = link.invalidated(at);
    let _ = link.invalidated(at);
    assert_eq!(link.reset(), Steps::ADOPT | Steps::RESET);
    assert_eq!(link.wake(later(at, SECOND)), Steps::NONE);
}

#[test]
fn the_first_connection_looks_back_as_far_as_the_data_goes() {
    let (mut link, at) = link();
    let _ = link.start(at);
    let now = later(at, 200.0);
    assert_eq!(link.look_back(f64::INFINITY, now), 1_200.0, "nothing was there");
    assert_eq!(link.look_back(at.now + 100.0, now), 1_200.0, "asked for after the start");
    let before = at.now - 5.0 * SECOND;
    assert_eq!(link.look_back(before, now), 35_200.0, "and it took its time to come");
}

#[test]
fn a_clock_that_is_set_back_holds_no_change_back() {
    let (mut link, mut at) = open();
    let _ = link.invalidated(at);
    let _ = link.invalidated(later(at, 10.0));
    at = later(at, -3600.0 * SECOND + 10.0);
    link.clock_set_back(3600.0 * SECOND);
    assert_eq!(wait(&link, at), 90.0);
    assert_eq!(wake(&mut link, &mut at), Steps::APPLY);
    assert_eq!(wait(&link, at), 2.5 * BEAT - 100.0, "nor does silence last longer");
}
