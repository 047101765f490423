//! The connection to a stream of invalidations, with a clock turned by hand: when it connects, what it believes, when
//! it gives up.

use samekey::engine::Moment;
use samekey::engine::live::{Link, LinkFault, LinkStatus, Since, Steps};

const START: f64 = 1_700_000_000_000.0;
const SECOND: f64 = 1_000.0;
const BEAT: f64 = 15.0 * SECOND;
const NONE: f64 = f64::NAN;

fn link() -> (Link, Moment) {
    (Link::new(false, false, 7), Moment::at(START))
}

/// A link whose server has just greeted it.
fn open() -> (Link, Moment) {
    let (mut link, at) = link();
    let _ = link.start(at);
    let _ = link.greeted(BEAT, Since::LookBack, at);
    (link, at)
}

fn later(at: Moment, millis: f64) -> Moment {
    Moment { now: at.now + millis, ..at }
}

fn offline(at: Moment) -> Moment {
    Moment { online: false, ..at }
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

mod connecting {
    use super::*;

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
}

mod trying_again {
    use super::*;

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
}

mod silence {
    use super::*;

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
}

mod refusals {
    use super::*;

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
}

mod believing {
    use super::*;

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
}

mod any_order {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug, Clone, Copy)]
    enum Call {
        Start,
        Stop,
        Answered(u16),
        Greeted,
        Heard,
        Invalidated,
        Reset,
        Ended,
        Surroundings(bool, bool),
        Pass(u32),
    }

    fn calls() -> impl Strategy<Value = Vec<Call>> {
        let call = prop_oneof![
            Just(Call::Start),
            Just(Call::Stop),
            prop::sample::select(vec![200, 204, 401, 403, 404, 500]).prop_map(Call::Answered),
            Just(Call::Greeted),
            Just(Call::Heard),
            Just(Call::Invalidated),
            Just(Call::Reset),
            Just(Call::Ended),
            (any::<bool>(), any::<bool>()).prop_map(|(on, seen)| Call::Surroundings(on, seen)),
            (0u32..60_000).prop_map(Call::Pass),
        ];
        prop::collection::vec(call, 0..80)
    }

    proptest! {
        /// Whatever happens in whatever order: polls rest exactly while the link is open, there is a connection exactly
        /// while one is wanted, every pattern is applied or voided, and a link that is not stopped has something to
        /// wait for.
        #[test]
        fn holds_together(calls in calls(), renews: bool, seed: u32) {
            let mut link = Link::new(renews, false, seed);
            let mut at = Moment::at(START);
            let (mut covered, mut connected, mut gathered) = (false, false, false);
            for call in calls {
                // A host tells nothing of a connection that it has not.
                let told = matches!(
                    call,
                    Call::Answered(_) | Call::Greeted | Call::Heard | Call::Invalidated | Call::Reset | Call::Ended
                );
                if told && !connected {
                    continue;
                }
                let before = link.status();
                let steps = match call {
                    Call::Start => link.start(at),
                    Call::Stop => link.stop(),
                    Call::Answered(status) => link.answered(status, status == 200, NONE, at),
                    Call::Greeted => link.greeted(BEAT, Since::LastId, at),
                    Call::Heard => { link.heard(at); Steps::NONE }
                    Call::Invalidated => link.invalidated(at),
                    Call::Reset => link.reset(),
                    Call::Ended => link.ended(LinkFault::Network, at),
                    Call::Surroundings(online, focused) => {
                        at = Moment { online, focused, ..at };
                        link.surroundings_changed(at)
                    }
                    Call::Pass(millis) => {
                        at.now += f64::from(millis);
                        link.wake(at)
                    }
                };
                let (has, status) = (|step| steps.contains(step), link.status());
                prop_assert!(status == before || has(Steps::STATUS), "nobody is told");
                connected &= !has(Steps::DISCONNECT);
                prop_assert!(!has(Steps::CONNECT) || !connected, "two connections");
                connected |= has(Steps::CONNECT);
                prop_assert!(!has(Steps::UNCOVER) || covered);
                covered &= !has(Steps::UNCOVER);
                prop_assert!(!has(Steps::COVER) || !covered);
                covered |= has(Steps::COVER);
                prop_assert_eq!(covered, status == LinkStatus::Open);
                let wanted = matches!(status, LinkStatus::Open | LinkStatus::Connecting);
                prop_assert_eq!(connected, wanted);
                gathered |= matches!(call, Call::Invalidated);
                gathered &= !has(Steps::RESET) && !has(Steps::APPLY);
                prop_assert!(!gathered || link.next_deadline().is_some(), "never applied");
                if at.online && at.focused && status != LinkStatus::Stopped {
                    prop_assert!(link.next_deadline().is_some(), "waits for nothing");
                }
            }
        }
    }
}
