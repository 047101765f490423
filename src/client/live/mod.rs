//! The connection to a stream of invalidations, as JavaScript holds it: a module and a download of its own (feature
//! `client-live`). TypeScript makes the requests and reads what comes; what that means is decided in
//! [`crate::engine::live`].

mod wire;

use wasm_bindgen::prelude::wasm_bindgen;

pub use wire::{LinkAct, LinkFaultCode, LinkPlace, LinkStatusCode, LinkSteps};

use super::environment::moment;
use super::timer::{Timer, Waker};
use crate::engine::live::{Link, Steps};
use wire::{fault, fault_code, since, status_code};

/// A link and its timer.
#[wasm_bindgen]
pub struct LiveLink {
    link: Link,
    timer: Timer,
}

#[wasm_bindgen]
impl LiveLink {
    /// A link that is stopped. `waker` gives what is called when `LinkAct.Wake` is due; `renews` says that a refused token can be
    /// renewed; `shares` that one tab shall have the connection for all; `seed` is any number.
    #[wasm_bindgen(constructor)]
    pub fn new(waker: Waker, renews: bool, shares: bool, seed: u32) -> Self {
        Self { link: Link::new(renews, shares, seed), timer: Timer::new(waker) }
    }

    /// Tells the link something, and answers with the `LinkSteps` that follow.
    pub fn act(
        &mut self,
        act: LinkAct,
        detail: f64,
        extra: f64,
        now: f64,
        environment: u32,
    ) -> u32 {
        let at = moment(now, environment);
        let link = &mut self.link;
        let set_back = self.timer.set_back(now);
        if set_back > 0.0 {
            link.clock_set_back(set_back);
        }
        let steps = match act {
            LinkAct::Start => link.start(at),
            LinkAct::Stop => link.stop(),
            LinkAct::Answered => link.answered(detail as u16, detail == 200.0, extra, at),
            LinkAct::NoStream => link.answered(200, false, extra, at),
            LinkAct::Heard => {
                link.heard(at);
                Steps::NONE
            }
            LinkAct::Greeted => link.greeted(detail, since(extra), at),
            LinkAct::Invalidated => link.invalidated(at),
            LinkAct::Reset => link.reset(),
            LinkAct::RetryAfter => {
                link.retry_after(detail);
                Steps::NONE
            }
            LinkAct::Ended => link.ended(fault(detail), at),
            LinkAct::MovedOn => link.moved_on(),
            LinkAct::Surroundings => link.surroundings_changed(at),
            LinkAct::Wake => {
                self.timer.fired();
                link.wake(at)
            }
            LinkAct::Suspend => link.suspend(),
            LinkAct::Resume => link.resume(at),
            LinkAct::Entered => link.entered(at),
            LinkAct::Elected => link.elected(at),
            LinkAct::Deposed => link.deposed(at),
            LinkAct::LeftAlone => link.left_alone(at),
            LinkAct::Asked => link.asked(),
            LinkAct::Welcomed => link.welcomed(detail, extra, at),
            LinkAct::LeaderTries => link.leader_tries(fault(detail), extra == 1.0, at),
            LinkAct::LeaderChanged => link.leader_changed(detail == 1.0, at),
            LinkAct::LeaderLives => link.relayed(detail, false, at),
            LinkAct::Relayed => link.relayed(detail, true, at),
        };
        self.timer.arm(self.link.next_deadline(), now);
        let status = status_code(self.link.status()) as u32;
        let fault = fault_code(self.link.fault()) as u32;
        steps.bits() | status << 24 | fault << 28
    }

    /// How far back the first connection has to look (ms); `oldest_data_at` is infinite where there is no data.
    #[wasm_bindgen(js_name = lookBack)]
    pub fn look_back(&self, oldest_data_at: f64, now: f64) -> f64 {
        self.link.look_back(oldest_data_at, moment(now, 0))
    }
}
