//! How long it waits before it tries again, and for what.

use samekey::engine::Moment;
use samekey::engine::live::{Link, LinkFault, LinkStatus, Since, Steps};

use super::{BEAT, SECOND, START, hidden, later, link, offline, open, wait, wake};

#[test]
fn waits_double_up_to_half_a_minute_and_half_of_each_is_chance() {
    let (mut link, mut at) = link();
    let _ = link.start(at);
    for longest in [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0] {
        let steps = link.ended(LinkFault::Network, at);
        assert!(steps.contains(Steps::DISCONNECT | Steps::REPORT), "{steps:?}");
        let wait = wait(&link, at) / SECOND;
        assert!(wait > longest / 2.0 - 0.001 && wait <= longest, "{wait} of {longest}");
        assert_eq!(wake(&mut link, &mut at), Steps::CONNECT | Steps::STATUS);
    }
}

#[test]
fn clients_do_not_come_back_in_the_same_instant() {
    let mut waits: Vec<_> = (0..100)
        .map(|seed| {
            let (mut link, at) = (Link::new(false, false, seed * 7919), Moment::at(START));
            let _ = link.start(at);
            let _ = link.ended(LinkFault::Network, at);
            wait(&link, at) as u32
        })
        .collect();
    waits.sort_unstable();
    waits.dedup();
    assert!(waits.len() > 60, "{} different waits of 100", waits.len());
}

#[test]
fn a_connection_that_lasted_makes_the_next_failure_the_first() {
    let (mut link, mut at) = link();
    let _ = link.start(at);
    for _ in 0..5 {
        let _ = link.ended(LinkFault::Network, at);
        let _ = wake(&mut link, &mut at);
    }
    let _ = link.greeted(BEAT, Since::LastId, at);
    at = later(at, 6.0 * SECOND);
    let _ = link.ended(LinkFault::Network, at);
    assert!(wait(&link, at) <= SECOND);
}

#[test]
fn a_server_that_greets_and_hangs_up_is_not_hammered() {
    let (mut link, mut at) = link();
    let _ = link.start(at);
    for _ in 0..5 {
        let _ = link.greeted(BEAT, Since::LastId, at);
        let _ = link.ended(LinkFault::None, at);
        let _ = wake(&mut link, &mut at);
    }
    let _ = link.ended(LinkFault::None, at);
    assert!(wait(&link, at) > 10.0 * SECOND);
}

#[test]
fn the_server_may_say_how_long_the_first_wait_is() {
    let (mut link, at) = open();
    link.retry_after(100.0);
    let _ = link.ended(LinkFault::None, at);
    assert!(wait(&link, at) <= 100.0);
}

#[test]
fn an_end_that_the_server_announced_is_no_fault() {
    let (mut link, at) = open();
    let steps = link.ended(LinkFault::None, at);
    assert_eq!(steps, Steps::DISCONNECT | Steps::UNCOVER | Steps::STATUS);
    assert_eq!(link.fault(), LinkFault::None);
}

#[test]
fn without_a_network_no_time_is_waited_for() {
    let (mut link, at) = open();
    let _ = link.ended(LinkFault::Network, offline(at));
    assert_eq!((link.status(), link.next_deadline()), (LinkStatus::Waiting, None));
    assert!(link.surroundings_changed(at).contains(Steps::CONNECT));
}

#[test]
fn the_network_that_goes_ends_the_wait_for_a_time() {
    let (mut link, at) = open();
    let _ = link.ended(LinkFault::Network, at);
    assert_eq!(link.surroundings_changed(offline(at)), Steps::NONE);
    assert_eq!(link.next_deadline(), None);
    assert!(link.surroundings_changed(at).contains(Steps::CONNECT));
}

#[test]
fn a_connection_from_before_an_outage_is_replaced() {
    let (mut link, at) = open();
    assert_eq!(link.surroundings_changed(offline(at)), Steps::NONE, "it may yet live");
    let steps = link.surroundings_changed(at);
    assert!(steps.contains(Steps::DISCONNECT | Steps::CONNECT | Steps::UNCOVER));
    assert_eq!(link.status(), LinkStatus::Connecting);
    let _ = link.greeted(BEAT, Since::LastId, at);
    assert_eq!(link.surroundings_changed(at), Steps::NONE, "once");
}

#[test]
fn a_hidden_page_does_not_try() {
    let (mut link, mut at) = open();
    let _ = link.ended(LinkFault::Network, at);
    at = hidden(at);
    assert_eq!(wake(&mut link, &mut at), Steps::NONE);
    assert_eq!((link.status(), link.next_deadline()), (LinkStatus::Waiting, None));
    let steps = link.surroundings_changed(Moment { focused: true, ..at });
    assert_eq!(steps, Steps::CONNECT | Steps::STATUS, "seen again, it does at once");
}

#[test]
fn a_look_at_the_page_does_not_shorten_a_wait() {
    let (mut link, at) = open();
    let _ = link.ended(LinkFault::Network, at);
    assert_eq!(link.surroundings_changed(hidden(at)), Steps::NONE);
    assert_eq!(link.surroundings_changed(at), Steps::NONE);
    assert_eq!(link.status(), LinkStatus::Waiting);
}
