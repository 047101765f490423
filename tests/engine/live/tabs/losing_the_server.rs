//! The one that leads has lost the server.

use samekey::engine::live::{LinkFault, LinkStatus, Steps};

use super::{BEAT, SECOND, follower, hidden, leader, wait, wake};

#[test]
fn who_leads_tells_the_others_and_keeps_the_lock_while_it_tries() {
    let (mut link, at) = leader();
    let steps = link.ended(LinkFault::Network, at);
    assert!(steps.contains(Steps::ANNOUNCE | Steps::DISCONNECT | Steps::UNCOVER));
    assert!(!steps.contains(Steps::LEAVE));
    assert!(wait(&link, at) <= SECOND);
}

#[test]
fn a_hidden_leader_lets_another_try() {
    let (mut link, at) = leader();
    let steps = link.ended(LinkFault::Network, hidden(at));
    assert!(steps.contains(Steps::ANNOUNCE | Steps::LEAVE));
    assert_eq!((link.status(), link.next_deadline()), (LinkStatus::Waiting, None));
    assert!(link.surroundings_changed(at).contains(Steps::ENTER), "seen again, it asks");
}

#[test]
fn who_follows_says_so_too() {
    let (mut link, at) = follower();
    let steps = link.leader_tries(LinkFault::Network, true, at);
    assert_eq!(steps, Steps::UNCOVER | Steps::REPORT | Steps::STATUS);
    assert_eq!((link.status(), link.fault()), (LinkStatus::Waiting, LinkFault::Network));
    assert_eq!(link.leader_tries(LinkFault::Network, true, at), Steps::NONE, "once");
    assert_eq!(link.leader_changed(true, at), Steps::ASK, "it has connected");
    let _ = link.welcomed(BEAT, 0.0, at);
    assert_eq!((link.status(), link.fault()), (LinkStatus::Open, LinkFault::None));
}

#[test]
fn a_hidden_follower_leaves_the_queue_to_those_that_would_try() {
    let (mut link, at) = follower();
    let steps = link.leader_tries(LinkFault::Network, true, hidden(at));
    assert!(steps.contains(Steps::LEAVE | Steps::UNCOVER));
    assert_eq!(link.next_deadline(), None);
}

#[test]
fn who_takes_over_from_one_that_tried_does_not_ask_the_server_at_once() {
    let (mut link, mut at) = follower();
    let _ = link.leader_tries(LinkFault::Refused, true, at);
    assert_eq!(link.elected(at), Steps::NONE);
    assert!((500.0..=SECOND).contains(&wait(&link, at)));
    assert!(wake(&mut link, &mut at).contains(Steps::CONNECT));
}

#[test]
fn a_leader_that_tries_is_asked_now_and_then_whether_it_does() {
    let (mut link, mut at) = follower();
    let _ = link.leader_tries(LinkFault::Network, true, at);
    assert_eq!(wake(&mut link, &mut at), Steps::ASK);
    let _ = link.leader_tries(LinkFault::Network, true, at);
    assert_eq!(wait(&link, at), 20.0 * SECOND);
}
