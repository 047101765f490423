//! Who has the connection, and who is in the queue for it.

use samekey::engine::Moment;
use samekey::engine::live::{Link, LinkFault, LinkStatus, Since, Steps};

use super::{BEAT, SECOND, START, follower, leader, queued, wake};

#[test]
fn a_tab_asks_the_others_before_it_connects() {
    let (mut link, at) = (Link::new(false, true, 7), Moment::at(START));
    assert_eq!(link.start(at), Steps::ENTER | Steps::STATUS);
    assert_eq!(link.entered(at), Steps::ASK);
    assert_eq!(link.status(), LinkStatus::Connecting);
    assert_eq!(link.elected(at), Steps::CONNECT);
    let steps = link.greeted(BEAT, Since::LookBack, at);
    assert!(steps.contains(Steps::ANNOUNCE | Steps::ADOPT | Steps::COVER));
}

#[test]
fn a_tab_that_is_answered_is_open_and_polls_rest() {
    let (mut link, at) = queued();
    let steps = link.welcomed(BEAT, 7.0, at);
    assert_eq!(steps, Steps::COVER | Steps::TAKE | Steps::STATUS);
    assert_eq!(link.status(), LinkStatus::Open);
    assert_eq!(link.elected(at), Steps::CONNECT | Steps::UNCOVER | Steps::STATUS, "its turn");
}

#[test]
fn who_cannot_get_a_place_among_the_tabs_tries_again() {
    let (mut link, mut at) = (Link::new(false, true, 7), Moment::at(START));
    let _ = link.start(at);
    let steps = link.ended(LinkFault::Network, at);
    assert!(steps.contains(Steps::REPORT | Steps::STATUS));
    assert!(wake(&mut link, &mut at).contains(Steps::ENTER));
}

#[test]
fn where_there_are_no_locks_a_tab_connects_by_itself() {
    let (mut link, at) = queued();
    assert_eq!(link.left_alone(at), Steps::CONNECT | Steps::LEAVE, "nobody is there to be heard");
    let steps = link.greeted(BEAT, Since::LookBack, at);
    assert!(!steps.contains(Steps::ANNOUNCE), "to whom?");
    assert_eq!(link.asked(), Steps::NONE);
}

#[test]
fn a_tab_that_is_stopped_gives_up_its_place() {
    for (mut link, at) in [queued(), leader(), follower()] {
        assert!(link.stop().contains(Steps::LEAVE | Steps::STATUS));
        assert_eq!(link.elected(at), Steps::LEAVE, "a lock that comes too late");
        assert_eq!(link.entered(at), Steps::LEAVE);
        assert_eq!(link.status(), LinkStatus::Stopped);
    }
}

#[test]
fn who_leads_is_not_elected_again() {
    let (mut link, at) = leader();
    assert_eq!(link.elected(at), Steps::NONE);
    assert_eq!(link.status(), LinkStatus::Open);
}

#[test]
fn a_token_that_is_refused_lets_another_try_its_own() {
    let (mut link, at) = queued();
    let _ = link.elected(at);
    let steps = link.answered(401, false, f64::NAN, at);
    assert!(steps.contains(Steps::LEAVE | Steps::REPORT));
}

#[test]
fn only_who_leads_answers() {
    assert_eq!(leader().0.asked(), Steps::WELCOME);
    assert_eq!(follower().0.asked(), Steps::NONE);
    let (mut link, at) = leader();
    let _ = link.ended(LinkFault::Network, at);
    assert_eq!(link.asked(), Steps::ANNOUNCE, "it is there, and not connected");
}

#[test]
fn who_leads_looks_back_for_those_that_were_opened_just_before_it() {
    let (mut link, at) = queued();
    let own = link.look_back(f64::INFINITY, at);
    let _ = link.elected(at);
    assert_eq!(link.look_back(f64::INFINITY, at), own + SECOND);
}
