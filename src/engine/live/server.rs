//! What the server of an own connection says. Frames that another tab passes on are told by the same calls.

use super::link::{Link, Phase};
use super::tabs::Seat;
use super::{LinkFault, Since, Steps};
use crate::engine::Moment;

/// The longest that a server may ask to be left alone (ms).
const LONGEST_REST: f64 = 300_000.0;

impl Link {
    /// The server answered the request. `rest` is how long it asks to be left alone (ms, not a number if it does not).
    pub fn answered(&mut self, status: u16, is_stream: bool, rest: f64, at: Moment) -> Steps {
        let fault = match status {
            200 if is_stream => return Steps::NONE,
            200..300 => LinkFault::NoStream,
            401 => LinkFault::Unauthorized,
            403 => LinkFault::Forbidden,
            _ => LinkFault::Refused,
        };
        match fault {
            LinkFault::Unauthorized if self.renews && !self.renewed => {
                self.renewed = true;
                self.connect(at) | Steps::DISCONNECT | Steps::RENEW
            }
            LinkFault::Unauthorized | LinkFault::Forbidden => {
                self.fail(fault) | self.enter(Phase::Stopped)
            }
            _ => {
                let steps = self.lost(fault, at);
                if let Phase::Waiting { until } = &mut self.phase
                    && rest > 0.0
                {
                    *until = until.max(at.now + rest.min(LONGEST_REST));
                }
                steps
            }
        }
    }

    /// The first frame: from here on no change is missed. `heartbeat` is how often the server lets hear from itself
    /// (ms); `since` is from where on it tells.
    pub fn greeted(&mut self, heartbeat: f64, since: Since, at: Moment) -> Steps {
        self.believe_heartbeat(heartbeat);
        self.fault = LinkFault::None;
        self.renewed = false;
        let mut steps = self.enter(Phase::Open { since: at.now, heard: at.now });
        if self.seat == Seat::Leading {
            steps |= Steps::ANNOUNCE;
        }
        match since {
            // The greeting's id is ahead of what is still to come: adopted, it would skip that, should the connection
            // break now.
            Since::LastId => steps,
            Since::LookBack => steps | Steps::ADOPT,
            Since::Now => steps | self.reset(),
        }
    }

    pub(super) fn believe_heartbeat(&mut self, millis: f64) {
        if millis > 0.0 && millis.is_finite() {
            self.heartbeat = millis;
        }
    }

    /// Something was heard, if only a heart-beat.
    pub fn heard(&mut self, at: Moment) {
        if let Phase::Open { heard, .. } = &mut self.phase {
            *heard = at.now;
        }
    }

    /// The server has come further in its log, past what is not for this client. It says so when all that was for it is
    /// told.
    pub fn moved_on(&self) -> Steps {
        Steps::ADOPT
    }

    /// A frame with patterns came. The first is applied at once, those that follow it shortly together.
    pub fn invalidated(&mut self, at: Moment) -> Steps {
        Steps::ADOPT | self.gathering.add(at.now)
    }

    /// The server cannot say what was missed.
    pub fn reset(&mut self) -> Steps {
        self.gathering.void();
        Steps::ADOPT | Steps::RESET
    }

    /// The server says how long to wait before the first attempt of a row (ms).
    pub fn retry_after(&mut self, millis: f64) {
        self.backoff.set_base(millis);
    }

    /// The connection, or the attempt at one, ended; without a fault, because the server said so.
    pub fn ended(&mut self, fault: LinkFault, at: Moment) -> Steps {
        self.lost(fault, at)
    }
}
