//! When a link connects, and when it is open.

use samekey::engine::Moment;
use samekey::engine::live::{LinkFault, LinkStatus, Since, Steps};

use super::{BEAT, NONE, SECOND, later, link, offline, open, wait, wake};

#[test]
fn a_started_link_connects_and_is_open_when_the_server_greets() {
    let (mut link, at) = link();
    assert_eq!(link.status(), LinkStatus::Stopped);
    assert_eq!(link.start(at), Steps::CONNECT | Steps::STATUS);
    assert_eq!(link.status(), LinkStatus::Connecting);
    assert_eq!(link.answered(200, true, NONE, at), Steps::NONE, "an answer is no greeting");
    assert_eq!(link.status(), LinkStatus::Connecting);
    let steps = link.greeted(BEAT, Since::LookBack, at);
    assert_eq!(steps, Steps::COVER | Steps::ADOPT | Steps::STATUS);
    assert_eq!(link.status(), LinkStatus::Open);
}

#[test]
fn starting_twice_is_starting_once() {
    let (mut link, at) = open();
    assert_eq!(link.start(at), Steps::NONE);
}

#[test]
fn a_server_render_has_no_stream() {
    let (mut link, at) = link();
    assert_eq!(link.start(Moment { server: true, ..at }), Steps::NONE);
    assert_eq!(link.status(), LinkStatus::Stopped);
}

#[test]
fn without_a_network_it_waits_for_one() {
    let (mut link, at) = link();
    assert_eq!(link.start(offline(at)), Steps::STATUS);
    assert_eq!((link.status(), link.next_deadline()), (LinkStatus::Waiting, None));
    let steps = link.surroundings_changed(later(at, 60.0 * SECOND));
    assert_eq!(steps, Steps::CONNECT | Steps::STATUS);
}

#[test]
fn a_server_that_does_not_greet_in_time_is_lost() {
    let (mut link, mut at) = link();
    let _ = link.start(at);
    let _ = link.answered(200, true, NONE, at);
    assert_eq!(wait(&link, at), 10.0 * SECOND);
    let steps = wake(&mut link, &mut at);
    assert!(steps.contains(Steps::DISCONNECT | Steps::REPORT | Steps::STATUS));
    assert_eq!((link.status(), link.fault()), (LinkStatus::Waiting, LinkFault::Silence));
}

#[test]
fn stopped_it_covers_nothing_and_waits_for_nothing() {
    let (mut link, at) = open();
    assert_eq!(link.stop(), Steps::DISCONNECT | Steps::UNCOVER | Steps::STATUS);
    assert_eq!((link.status(), link.next_deadline()), (LinkStatus::Stopped, None));
    assert_eq!(link.stop(), Steps::NONE);
    assert_eq!(link.ended(LinkFault::Network, at), Steps::NONE);
    assert_eq!(link.start(at), Steps::CONNECT | Steps::STATUS, "and starts again");
}
