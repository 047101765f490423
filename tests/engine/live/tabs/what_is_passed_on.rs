//! What a tab believes of what the leader passes on.

use samekey::engine::live::{LinkFault, LinkStatus, Steps};

use super::{BEAT, follower, later, leader, wait};

#[test]
fn is_taken_in_its_order() {
    let (mut link, mut at) = follower();
    for told in [8.0, 9.0, 10.0] {
        at = later(at, 2.0 * BEAT);
        assert_eq!(link.relayed(told, true, at), Steps::TAKE);
        assert_eq!(wait(&link, at), 2.5 * BEAT, "and shows that the leader lives");
    }
    assert_eq!(link.relayed(10.0, false, at), Steps::NONE, "a sign of life");
}

#[test]
fn is_not_taken_when_something_before_it_is_missing() {
    let (mut link, at) = follower();
    assert_eq!(link.relayed(9.0, true, at), Steps::ASK);
    assert_eq!(link.relayed(10.0, true, at), Steps::NONE, "it has been asked");
    assert_eq!(link.status(), LinkStatus::Open);
    assert_eq!(link.welcomed(BEAT, 10.0, at), Steps::TAKE);
    assert_eq!(link.relayed(11.0, true, at), Steps::TAKE);
}

#[test]
fn is_missed_when_a_sign_of_life_is_ahead_of_it() {
    let (mut link, at) = follower();
    assert_eq!(link.relayed(8.0, false, at), Steps::ASK);
}

#[test]
fn by_another_than_the_leader_makes_the_tab_ask_who_leads() {
    let (mut link, at) = follower();
    assert_eq!(link.leader_changed(false, at), Steps::ASK);
    assert_eq!(link.leader_changed(false, at), Steps::NONE, "once");
    assert_eq!(link.leader_changed(true, at), Steps::ASK, "one that was not there before");
}

#[test]
fn of_a_lost_connection_by_another_than_the_leader_is_asked_about_first() {
    let (mut link, at) = follower();
    assert_eq!(link.leader_tries(LinkFault::Network, false, at), Steps::ASK);
    assert_eq!(link.status(), LinkStatus::Open);
    let _ = link.leader_tries(LinkFault::Network, false, at);
    assert_eq!(link.status(), LinkStatus::Waiting, "the answer");
}

#[test]
fn is_nothing_to_who_leads_or_is_out() {
    let (mut out, at) = follower();
    let _ = out.stop();
    for mut link in [leader().0, out] {
        let before = link.status();
        assert_eq!(link.welcomed(BEAT, 7.0, at), Steps::NONE);
        assert_eq!(link.relayed(8.0, true, at), Steps::NONE);
        assert_eq!(link.leader_tries(LinkFault::Network, true, at), Steps::NONE);
        assert_eq!(link.leader_changed(true, at), Steps::NONE);
        assert_eq!(link.status(), before);
    }
}

#[test]
fn is_not_told_again_by_a_second_answer_to_a_second_question() {
    let (mut link, at) = follower();
    let _ = link.leader_changed(false, at);
    let _ = link.leader_changed(true, at);
    assert_eq!(link.welcomed(BEAT, 0.0, at), Steps::TAKE);
    assert_eq!(link.relayed(1.0, true, at), Steps::TAKE);
    assert_eq!(link.welcomed(BEAT, 1.0, at), Steps::NONE);
    assert_eq!(link.relayed(2.0, true, at), Steps::TAKE);
}
