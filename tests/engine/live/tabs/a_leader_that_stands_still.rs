//! A leader that holds the lock and says nothing.

use samekey::engine::Moment;
use samekey::engine::live::{Link, LinkStatus, Since, Steps};

use super::{BEAT, SECOND, START, follower, hidden, later, leader, queued, wait, wake};

#[test]
fn is_asked_when_it_is_silent_and_deposed_when_it_does_not_answer() {
    let (mut link, mut at) = follower();
    assert_eq!(wait(&link, at), 2.5 * BEAT);
    assert_eq!(wake(&mut link, &mut at), Steps::ASK);
    assert!((5.0 * SECOND..=7.5 * SECOND).contains(&wait(&link, at)));
    let steps = wake(&mut link, &mut at);
    assert_eq!(steps, Steps::SEIZE | Steps::UNCOVER | Steps::STATUS);
    assert_eq!(link.elected(at), Steps::CONNECT);
}

#[test]
fn is_noticed_soon_after_somebody_looks() {
    let (mut link, at) = follower();
    let mut at = later(at, 3.0 * SECOND);
    assert_eq!(link.surroundings_changed(at), Steps::ASK);
    assert_eq!(link.status(), LinkStatus::Open, "it may well live");
    assert!(wait(&link, at) <= 7.5 * SECOND);
    assert!(wake(&mut link, &mut at).contains(Steps::SEIZE));
}

#[test]
fn that_answers_in_time_stays() {
    let (mut link, mut at) = follower();
    let _ = wake(&mut link, &mut at);
    assert_eq!(link.welcomed(BEAT, 7.0, at), Steps::TAKE, "nothing changes for the user");
    assert_eq!(wait(&link, at), 2.5 * BEAT);
}

#[test]
fn is_not_deposed_by_a_hidden_page() {
    let (mut link, mut at) = follower();
    at = hidden(at);
    assert_eq!(wake(&mut link, &mut at), Steps::ASK);
    let steps = wake(&mut link, &mut at);
    assert_eq!(steps, Steps::LEAVE | Steps::UNCOVER | Steps::STATUS);
    let seen = Moment { focused: true, ..at };
    assert!(link.surroundings_changed(seen).contains(Steps::ENTER));
}

#[test]
fn is_not_deposed_by_all_in_the_same_instant() {
    let mut waits: Vec<_> = (0..100)
        .map(|seed: u32| {
            let (mut link, at) = (Link::new(false, true, seed * 7919), Moment::at(START));
            let _ = link.start(at);
            let _ = link.entered(at);
            wait(&link, at) as u32
        })
        .collect();
    waits.sort_unstable();
    waits.dedup();
    assert!(waits.len() > 60, "{} different waits of 100", waits.len());
}

#[test]
fn learns_that_it_was_deposed_and_asks_the_new_one() {
    let (mut link, at) = leader();
    let steps = link.deposed(at);
    assert!(steps.contains(Steps::DISCONNECT | Steps::UNCOVER | Steps::ENTER));
    assert_eq!(link.entered(at), Steps::ASK);
    assert_eq!(link.deposed(at), Steps::NONE, "only who leads can be");
}

#[test]
fn lets_go_when_the_browser_says_that_it_is_about_to() {
    for (mut link, at) in [queued(), leader(), follower()] {
        let steps = link.suspend();
        assert!(steps.contains(Steps::DISCONNECT | Steps::LEAVE));
        assert_eq!((link.status(), link.next_deadline()), (LinkStatus::Waiting, None));
        assert_eq!(link.surroundings_changed(at), Steps::NONE, "not before it goes on");
        assert!(link.resume(later(at, SECOND)).contains(Steps::ENTER));
        assert_eq!(link.resume(at), Steps::NONE, "once");
    }
}

#[test]
fn lets_go_of_a_connection_of_its_own_as_well() {
    let (mut link, at) = (Link::new(false, false, 7), Moment::at(START));
    assert_eq!(link.suspend(), Steps::NONE, "it does not run");
    let _ = link.start(at);
    let _ = link.greeted(BEAT, Since::LookBack, at);
    let steps = link.suspend();
    assert_eq!(steps, Steps::DISCONNECT | Steps::UNCOVER | Steps::STATUS);
    assert_eq!(link.resume(at), Steps::CONNECT | Steps::STATUS);
}
