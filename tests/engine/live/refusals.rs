//! Answers that are no stream.

use samekey::engine::Moment;
use samekey::engine::live::{Link, LinkFault, LinkStatus, Since, Steps};

use super::{BEAT, NONE, SECOND, START, link, wait, wake};

#[test]
fn a_token_that_is_refused_stops_it() {
    for (status, fault) in [(401, LinkFault::Unauthorized), (403, LinkFault::Forbidden)] {
        let (mut link, at) = link();
        let _ = link.start(at);
        let steps = link.answered(status, false, NONE, at);
        assert_eq!(steps, Steps::REPORT | Steps::DISCONNECT | Steps::STATUS);
        assert_eq!((link.status(), link.fault()), (LinkStatus::Stopped, fault));
        assert_eq!(link.next_deadline(), None, "nothing gets better by asking again");
        assert_eq!(link.surroundings_changed(at), Steps::NONE);
    }
}

#[test]
fn a_token_that_can_be_renewed_is_renewed_once() {
    let (mut link, at) = (Link::new(true, false, 7), Moment::at(START));
    let _ = link.start(at);
    let steps = link.answered(401, false, NONE, at);
    assert!(steps.contains(Steps::DISCONNECT | Steps::CONNECT | Steps::RENEW));
    assert!(!steps.contains(Steps::REPORT));
    let _ = link.answered(401, false, NONE, at);
    assert_eq!(link.status(), LinkStatus::Stopped);
}

#[test]
fn each_token_that_was_good_for_a_while_may_be_renewed() {
    let (mut link, at) = (Link::new(true, false, 7), Moment::at(START));
    let _ = link.start(at);
    for _ in 0..3 {
        assert!(link.answered(401, false, NONE, at).contains(Steps::RENEW));
        let _ = link.greeted(BEAT, Since::LastId, at);
    }
}

#[test]
fn a_forbidden_one_is_not() {
    let (mut link, at) = (Link::new(true, false, 7), Moment::at(START));
    let _ = link.start(at);
    assert!(!link.answered(403, false, NONE, at).contains(Steps::CONNECT));
}

#[test]
fn what_may_pass_is_tried_again() {
    for status in [404, 408, 429, 500, 502, 503] {
        let (mut link, mut at) = link();
        let _ = link.start(at);
        assert!(link.answered(status, false, NONE, at).contains(Steps::REPORT));
        assert_eq!((link.status(), link.fault()), (LinkStatus::Waiting, LinkFault::Refused));
        assert!(wake(&mut link, &mut at).contains(Steps::CONNECT));
    }
}

#[test]
fn a_page_where_a_stream_should_be_is_told_as_such() {
    for status in [200, 204] {
        let (mut link, at) = link();
        let _ = link.start(at);
        let _ = link.answered(status, false, NONE, at);
        assert_eq!((link.status(), link.fault()), (LinkStatus::Waiting, LinkFault::NoStream));
    }
}

#[test]
fn a_server_that_asks_to_be_left_alone_is_left_alone_within_reason() {
    for (asked, given) in [(60.0, 60.0), (86_400.0, 300.0)] {
        let (mut link, at) = link();
        let _ = link.start(at);
        let _ = link.answered(503, false, asked * SECOND, at);
        assert_eq!(wait(&link, at), given * SECOND);
    }
}
