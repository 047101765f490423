//! Tabs of one browser that share a connection, with a clock turned by hand: who has it, who takes it over, and what a tab
//! believes of what another passes on.

use samekey::engine::Moment;
use samekey::engine::live::{Link, LinkFault, LinkStatus, Since, Steps};

const START: f64 = 1_700_000_000_000.0;
const SECOND: f64 = 1_000.0;
const BEAT: f64 = 15.0 * SECOND;

/// A tab in the queue, that knows of nobody.
fn queued() -> (Link, Moment) {
    let (mut link, at) = (Link::new(false, true, 7), Moment::at(START));
    let _ = link.start(at);
    let _ = link.entered(at);
    (link, at)
}

/// A tab that the server has greeted.
fn leader() -> (Link, Moment) {
    let (mut link, at) = queued();
    let _ = link.elected(at);
    let _ = link.greeted(BEAT, Since::LookBack, at);
    (link, at)
}

/// A tab that a leader has answered; the next frame is number 8.
fn follower() -> (Link, Moment) {
    let (mut link, at) = queued();
    let _ = link.welcomed(BEAT, 7.0, at);
    (link, at)
}

fn later(at: Moment, millis: f64) -> Moment {
    Moment { now: at.now + millis, ..at }
}

fn hidden(at: Moment) -> Moment {
    Moment { focused: false, ..at }
}

/// Milliseconds until the deadline.
fn wait(link: &Link, at: Moment) -> f64 {
    link.next_deadline().expect("a deadline") - at.now
}

/// Turns the clock to the next deadline.
fn wake(link: &mut Link, at: &mut Moment) -> Steps {
    at.now = link.next_deadline().expect("a deadline");
    link.wake(*at)
}

mod electing {
    use super::*;

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
        assert_eq!(link.left_alone(at), Steps::CONNECT);
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
        assert_eq!(link.look_back(f64::INFINITY, at), own + 10.0 * SECOND);
    }
}

mod losing_the_server {
    use super::*;

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
}

mod a_leader_that_stands_still {
    use super::*;

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
}

mod what_is_passed_on {
    use super::*;

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
}
