//! The states of a connection, and what leads from one to the next.

use super::Steps;
use super::backoff::Backoff;
use crate::engine::Moment;

/// Milliseconds from the request to the server's greeting.
const GREETING: f64 = 10_000.0;
/// Heart-beats come so often (ms) until the server says how often they do.
const HEARTBEAT: f64 = 15_000.0;
/// Silence that is longer than so many heart-beats is no silence but a dead connection.
const BEATS: f64 = 2.5;
/// A connection that lasted so long (ms) was a good one: the next failure is the first again.
const STEADY: f64 = 5_000.0;
/// Changes that come within so many milliseconds are applied together, but for the first.
const GATHER: f64 = 100.0;
/// The longest that a server may ask to be left alone (ms).
const LONGEST_REST: f64 = 300_000.0;
/// A fetch that began before the link did began so shortly before it (ms): in the same render.
const SAME_RENDER: f64 = 1_000.0;
/// Older data was asked for at most so long (ms) before it came.
const LONGEST_FETCH: f64 = 30_000.0;

/// How a link stands, as people see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkStatus {
    /// Not running: never started, stopped by hand, or refused for good.
    Stopped,
    /// A request is under way.
    Connecting,
    /// The server has greeted and is heard.
    Open,
    /// The next attempt waits for its time, the network or the focus.
    Waiting,
}

/// What went wrong last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkFault {
    /// Nothing yet.
    None,
    /// The request failed or the connection broke.
    Network,
    /// Nothing was heard for too long.
    Silence,
    /// The server answered with a status that may pass.
    Refused,
    /// The answer was no stream.
    NoStream,
    /// The token is missing or has expired (401): the link stops.
    Unauthorized,
    /// The token does not allow it (403): the link stops.
    Forbidden,
}

/// From where on a stream tells of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// From the greeting on: what came before is lost.
    Now,
    /// It has looked back, as it was asked to: see [`Link::look_back`].
    LookBack,
    /// From the id on that the host sent.
    LastId,
}

/// One connection to a stream of invalidations, and its successors.
///
/// The host connects, reads and tells; each call answers with the [`Steps`] that follow from it. The host wakes it
/// at [`Link::next_deadline`]. A call about a connection that is over must not be made: a link cannot tell an old one's
/// words from a new one's.
#[derive(Debug)]
pub struct Link {
    phase: Phase,
    fault: LinkFault,
    backoff: Backoff,
    heartbeat: f64,
    /// The host can get another token.
    renews: bool,
    /// It has, and no greeting came since.
    renewed: bool,
    /// The network went since the connection began.
    was_offline: bool,
    started_at: f64,
    /// When patterns were applied last, and when those gathered since will be; infinite if there are none.
    applied_at: f64,
    apply_due: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Phase {
    Stopped,
    /// Greeted by then, or lost.
    Connecting {
        until: f64,
    },
    Open {
        since: f64,
        heard: f64,
    },
    /// Infinite while the network or the focus is what it waits for.
    Waiting {
        until: f64,
    },
}

impl Link {
    /// A link that is stopped. `renews`: the host can get another token when one is refused. `seed` is where chance
    /// begins, which spreads the attempts of many clients.
    pub fn new(renews: bool, seed: u32) -> Self {
        Self {
            phase: Phase::Stopped,
            fault: LinkFault::None,
            backoff: Backoff::new(seed),
            heartbeat: HEARTBEAT,
            renews,
            renewed: false,
            was_offline: false,
            started_at: 0.0,
            applied_at: f64::NEG_INFINITY,
            apply_due: f64::INFINITY,
        }
    }

    /// How the link stands.
    pub fn status(&self) -> LinkStatus {
        match self.phase {
            Phase::Stopped => LinkStatus::Stopped,
            Phase::Connecting { .. } => LinkStatus::Connecting,
            Phase::Open { .. } => LinkStatus::Open,
            Phase::Waiting { .. } => LinkStatus::Waiting,
        }
    }

    /// What went wrong last; forgotten when the server greets.
    pub fn fault(&self) -> LinkFault {
        self.fault
    }

    /// When [`Link::wake`] is due (ms since the epoch).
    pub fn next_deadline(&self) -> Option<f64> {
        let due = self.phase_due().min(self.apply_due);
        due.is_finite().then_some(due)
    }

    /// Connects, unless it runs. A server render has no use for a stream.
    pub fn start(&mut self, at: Moment) -> Steps {
        if self.phase != Phase::Stopped || at.server {
            return Steps::NONE;
        }
        self.started_at = at.now;
        self.fault = LinkFault::None;
        self.renewed = false;
        self.backoff.reset();
        if at.online { self.connect(at) } else { self.wait_until(f64::INFINITY) }
    }

    /// Stops until it is started again. What was gathered is applied: nothing waits any more.
    pub fn stop(&mut self) -> Steps {
        let gathered = std::mem::replace(&mut self.apply_due, f64::INFINITY) < f64::INFINITY;
        let steps = if gathered { Steps::APPLY } else { Steps::NONE };
        if self.phase == Phase::Stopped { steps } else { steps | self.enter(Phase::Stopped) }
    }

    /// How far back, in milliseconds, the first connection has to look: data that is there already was true at most so
    /// long ago. `oldest_data_at` is when the oldest came (infinite without any).
    pub fn look_back(&self, oldest_data_at: f64, at: Moment) -> f64 {
        let asked_at = if oldest_data_at < self.started_at {
            oldest_data_at - LONGEST_FETCH
        } else {
            self.started_at - SAME_RENDER
        };
        (at.now - asked_at).max(0.0)
    }

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
                self.fault = fault;
                self.enter(Phase::Stopped) | Steps::REPORT
            }
            _ => {
                let steps = self.lost(Some(fault), at);
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
        if heartbeat > 0.0 && heartbeat.is_finite() {
            self.heartbeat = heartbeat;
        }
        self.fault = LinkFault::None;
        self.renewed = false;
        let steps = self.enter(Phase::Open { since: at.now, heard: at.now });
        match since {
            // The greeting's id is ahead of what is still to come: adopted, it would skip that, should the connection
            // break now.
            Since::LastId => steps,
            Since::LookBack => steps | Steps::ADOPT,
            Since::Now => steps | Steps::ADOPT | self.begin_anew(),
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
        self.apply_due = self.apply_due.min(self.applied_at + GATHER);
        Steps::ADOPT | self.apply(at)
    }

    /// The server cannot say what was missed.
    pub fn reset(&mut self) -> Steps {
        Steps::ADOPT | self.begin_anew()
    }

    /// The server says how long to wait before the first attempt of a row (ms).
    pub fn retry_after(&mut self, millis: f64) {
        self.backoff.set_base(millis);
    }

    /// The connection ended; without a fault, because the server said so.
    pub fn ended(&mut self, fault: Option<LinkFault>, at: Moment) -> Steps {
        self.lost(fault, at)
    }

    /// The network or the focus came or went. What waited for them goes on; and a connection from before an outage is
    /// most likely dead, though nothing says so.
    pub fn surroundings_changed(&mut self, at: Moment) -> Steps {
        let back = std::mem::replace(&mut self.was_offline, !at.online) && at.online;
        match self.phase {
            Phase::Waiting { until } if until == f64::INFINITY && may_try(at) => self.connect(at),
            Phase::Waiting { .. } if !at.online => self.rest(),
            Phase::Connecting { .. } | Phase::Open { .. } if back => {
                self.connect(at) | Steps::DISCONNECT
            }
            _ => Steps::NONE,
        }
    }

    /// The deadline is due.
    pub fn wake(&mut self, at: Moment) -> Steps {
        let mut steps = self.apply(at);
        if self.phase_due() <= at.now {
            steps |= match self.phase {
                Phase::Waiting { .. } if may_try(at) => self.connect(at),
                Phase::Waiting { .. } => self.rest(),
                _ => self.lost(Some(LinkFault::Silence), at),
            };
        }
        steps
    }

    fn connect(&mut self, at: Moment) -> Steps {
        self.was_offline = false;
        self.enter(Phase::Connecting { until: at.now + GREETING }) | Steps::CONNECT
    }

    /// No connection any more: the next attempt waits.
    fn lost(&mut self, fault: Option<LinkFault>, at: Moment) -> Steps {
        match self.phase {
            Phase::Stopped => return Steps::NONE,
            Phase::Open { since, .. } if at.now - since >= STEADY => self.backoff.reset(),
            _ => {}
        }
        let until = if at.online { at.now + self.backoff.next() } else { f64::INFINITY };
        let steps = self.wait_until(until) | Steps::DISCONNECT;
        match fault {
            Some(fault) => {
                self.fault = fault;
                steps | Steps::REPORT
            }
            None => steps,
        }
    }

    fn wait_until(&mut self, until: f64) -> Steps {
        self.enter(Phase::Waiting { until })
    }

    /// No attempt before the surroundings change.
    fn rest(&mut self) -> Steps {
        self.phase = Phase::Waiting { until: f64::INFINITY };
        Steps::NONE
    }

    fn enter(&mut self, phase: Phase) -> Steps {
        let before = self.status();
        self.phase = phase;
        let mut steps = match (before, self.status()) {
            (LinkStatus::Open, LinkStatus::Open) => Steps::NONE,
            (LinkStatus::Open, _) => Steps::UNCOVER,
            (_, LinkStatus::Open) => Steps::COVER,
            _ => Steps::NONE,
        };
        if before != self.status() {
            steps |= Steps::STATUS;
        }
        if phase == Phase::Stopped {
            steps |= Steps::DISCONNECT;
        }
        steps
    }

    fn begin_anew(&mut self) -> Steps {
        self.apply_due = f64::INFINITY;
        Steps::RESET
    }

    /// Applies what was gathered, if it is time.
    fn apply(&mut self, at: Moment) -> Steps {
        if self.apply_due > at.now {
            return Steps::NONE;
        }
        self.applied_at = at.now;
        self.apply_due = f64::INFINITY;
        Steps::APPLY
    }

    fn phase_due(&self) -> f64 {
        match self.phase {
            Phase::Stopped => f64::INFINITY,
            Phase::Connecting { until } | Phase::Waiting { until } => until,
            Phase::Open { heard, .. } => heard + BEATS * self.heartbeat,
        }
    }
}

/// A hidden page does not try: nobody looks, and after a restart those who do come first.
fn may_try(at: Moment) -> bool {
    at.online && at.focused
}
