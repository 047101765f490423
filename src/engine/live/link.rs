//! The states of a link, and how it goes from one to the next by itself.

use super::backoff::Backoff;
use super::gathering::Gathering;
use super::tabs::{Leader, Seat};
use super::{LinkFault, LinkStatus, Steps};
use crate::engine::Moment;

/// Milliseconds from the request to the server's greeting.
const GREETING: f64 = 10_000.0;
/// Heart-beats come so often (ms) until the server says how often they do.
const HEARTBEAT: f64 = 15_000.0;
/// Silence that is longer than so many heart-beats is no silence but a dead connection.
const BEATS: f64 = 2.5;
/// A connection that lasted so long (ms) was a good one: the next failure is the first again.
const STEADY: f64 = 5_000.0;
/// A fetch that began before the link did began so shortly before it (ms): in the same render.
const SAME_RENDER: f64 = 1_000.0;
/// Older data was asked for at most so long (ms) before it came.
const LONGEST_FETCH: f64 = 30_000.0;
/// Who leads looks back further (ms), for tabs that started just before it: a browser that comes back opens many. Not much
/// further, since what it is told it fetches again, though its own data may be newer.
const OPENED_TOGETHER: f64 = 1_000.0;

/// One connection to a stream of invalidations, and its successors; or the tab that has it, and its successors.
///
/// The host connects, reads and tells; each call answers with the [`Steps`] that follow from it. The host wakes it
/// at [`Link::next_deadline`]. A call about a connection that is over must not be made: a link cannot tell an old one's
/// words from a new one's.
#[derive(Debug)]
pub struct Link {
    pub(super) phase: Phase,
    pub(super) seat: Seat,
    pub(super) fault: LinkFault,
    pub(super) backoff: Backoff,
    pub(super) gathering: Gathering,
    pub(super) heartbeat: f64,
    /// The host can get another token.
    pub(super) renews: bool,
    /// It has, and no greeting came since.
    pub(super) renewed: bool,
    /// The network went since the connection began.
    pub(super) was_offline: bool,
    /// The page is frozen, or left and kept for the way back.
    pub(super) suspended: bool,
    started_at: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Phase {
    Stopped,
    /// Greeted by then, or lost; or in the queue for the lock.
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
    /// Another tab has the connection, or is believed to. `asked`: it has to answer until then; else it has to be asked then.
    Led {
        by: Leader,
        until: f64,
        asked: bool,
    },
}

impl Link {
    /// A link that is stopped. `renews`: the host can get another token when one is refused. `shares`: other tabs may be
    /// linked to the same stream, and one is to have the connection for all. `seed` is where chance begins, which spreads
    /// the attempts of many clients.
    pub fn new(renews: bool, shares: bool, seed: u32) -> Self {
        Self {
            phase: Phase::Stopped,
            seat: if shares { Seat::Out } else { Seat::Alone },
            fault: LinkFault::None,
            backoff: Backoff::new(seed),
            gathering: Gathering::new(),
            heartbeat: HEARTBEAT,
            renews,
            renewed: false,
            was_offline: false,
            suspended: false,
            started_at: 0.0,
        }
    }

    /// How the link stands.
    pub fn status(&self) -> LinkStatus {
        match self.phase {
            Phase::Stopped => LinkStatus::Stopped,
            Phase::Connecting { .. } | Phase::Led { by: Leader::Sought, .. } => {
                LinkStatus::Connecting
            }
            Phase::Open { .. } | Phase::Led { by: Leader::Heard { .. }, .. } => LinkStatus::Open,
            Phase::Waiting { .. } | Phase::Led { by: Leader::Trying, .. } => LinkStatus::Waiting,
        }
    }

    /// What went wrong last; forgotten when the server greets.
    pub fn fault(&self) -> LinkFault {
        self.fault
    }

    /// When [`Link::wake`] is due (ms since the epoch).
    pub fn next_deadline(&self) -> Option<f64> {
        let due = self.phase_due().min(self.gathering.due());
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
        self.suspended = false;
        self.backoff.reset();
        if at.online { self.connect(at) } else { self.rest() }
    }

    /// Stops until it is started again. What was gathered is applied: nothing waits any more.
    pub fn stop(&mut self) -> Steps {
        let steps = self.gathering.apply();
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
        let for_others = if self.seat == Seat::Leading { OPENED_TOGETHER } else { 0.0 };
        (at.now - asked_at).max(0.0) + for_others
    }

    /// The deadline is due.
    pub fn wake(&mut self, at: Moment) -> Steps {
        let mut steps = self.gathering.apply_due(at.now);
        if self.phase_due() <= at.now {
            steps |= match self.phase {
                Phase::Waiting { .. } if self.may_try(at) => self.connect(at),
                Phase::Waiting { .. } => self.rest(),
                Phase::Led { asked, .. } => self.leader_is_silent(asked, at),
                _ => self.lost(LinkFault::Silence, at),
            };
        }
        steps
    }

    /// To the server; or to the other tabs first, of which one may be connected already.
    pub(super) fn connect(&mut self, at: Moment) -> Steps {
        self.was_offline = false;
        let how = if self.seat == Seat::Out { Steps::ENTER } else { Steps::CONNECT };
        self.enter(Phase::Connecting { until: at.now + GREETING }) | how
    }

    /// No connection any more: the next attempt waits.
    pub(super) fn lost(&mut self, fault: LinkFault, at: Moment) -> Steps {
        match self.phase {
            Phase::Stopped => return Steps::NONE,
            Phase::Open { since, .. } if at.now - since >= STEADY => self.backoff.reset(),
            _ => {}
        }
        let leads = self.seat == Seat::Leading;
        let steps = self.fail(fault) | Steps::DISCONNECT;
        let told = if leads { Steps::ANNOUNCE } else { Steps::NONE };
        // Tabs that are looked at shall not wait for one that does not try.
        let pauses = !at.online || (leads && !self.may_try(at));
        let waits = if pauses { self.rest() } else { self.wait(at) };
        steps | told | waits
    }

    pub(super) fn wait(&mut self, at: Moment) -> Steps {
        let until = at.now + self.backoff.next();
        self.enter(Phase::Waiting { until })
    }

    /// No attempt before the surroundings change, and nothing held meanwhile that another tab could use.
    pub(super) fn rest(&mut self) -> Steps {
        self.enter(Phase::Waiting { until: f64::INFINITY }) | self.leave()
    }

    pub(super) fn fail(&mut self, fault: LinkFault) -> Steps {
        if fault == LinkFault::None {
            return Steps::NONE;
        }
        self.fault = fault;
        Steps::REPORT
    }

    pub(super) fn enter(&mut self, phase: Phase) -> Steps {
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
            steps |= Steps::DISCONNECT | self.leave();
        }
        steps
    }

    /// How long silence may last (ms).
    pub(super) fn patience(&self) -> f64 {
        BEATS * self.heartbeat
    }

    fn phase_due(&self) -> f64 {
        match self.phase {
            Phase::Stopped => f64::INFINITY,
            Phase::Connecting { until } | Phase::Waiting { until } | Phase::Led { until, .. } => {
                until
            }
            Phase::Open { heard, .. } => heard + self.patience(),
        }
    }
}
