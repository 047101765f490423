//! The network, the focus, a page that stands still, and a clock that is set back.

use super::Steps;
use super::link::{Link, Phase};
use crate::engine::Moment;

impl Link {
    /// The network or the focus came or went. What waited for them goes on; a connection from before an outage is
    /// most likely dead, though nothing says so; and another tab may have been frozen while nobody looked.
    pub fn surroundings_changed(&mut self, at: Moment) -> Steps {
        let back = std::mem::replace(&mut self.was_offline, !at.online) && at.online;
        match self.phase {
            Phase::Waiting { until } if until == f64::INFINITY && self.may_try(at) => {
                self.connect(at)
            }
            Phase::Waiting { .. } if !at.online => self.rest(),
            Phase::Connecting { .. } | Phase::Open { .. } if back => {
                self.connect(at) | Steps::DISCONNECT
            }
            Phase::Led { asked: false, .. } if self.may_try(at) => self.ask(at),
            // A machine that slept wakes its timers late; who looks at it looks now.
            _ => self.wake(at),
        }
    }

    /// The page is frozen, or left and kept for the way back. It is not kept with a connection, and while it stands still
    /// it must not lead others.
    pub fn suspend(&mut self) -> Steps {
        if self.phase == Phase::Stopped {
            return Steps::NONE;
        }
        self.suspended = true;
        Steps::DISCONNECT | self.rest()
    }

    /// The page goes on. What it missed is told as after any break.
    pub fn resume(&mut self, at: Moment) -> Steps {
        let was_suspended = std::mem::replace(&mut self.suspended, false);
        if was_suspended { self.surroundings_changed(at) } else { Steps::NONE }
    }

    /// The clock was set back by so many milliseconds: nothing waits longer for that.
    pub fn clock_set_back(&mut self, millis: f64) {
        self.gathering.bring_forward(millis);
        match &mut self.phase {
            Phase::Stopped => {}
            Phase::Connecting { until } | Phase::Waiting { until } | Phase::Led { until, .. } => {
                *until -= millis;
            }
            Phase::Open { since, heard } => {
                *since -= millis;
                *heard -= millis;
            }
        }
    }

    /// A hidden page does not try: nobody looks, and after a restart those who do come first.
    pub(super) fn may_try(&self, at: Moment) -> bool {
        at.online && at.focused && !self.suspended
    }
}
