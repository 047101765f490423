//! Whatever happens in whatever order.

use proptest::prelude::*;
use samekey::engine::Moment;
use samekey::engine::live::{Link, LinkFault, LinkStatus, Since, Steps};

use super::{BEAT, NONE, START};

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
