//! One tab has the connection for all that are linked to the same stream as the same caller, and tells the others.
//!
//! The browser says who leads: it gives a lock to one tab at a time, and to the next in the queue when that one is closed
//! or crashes. A leader that stands still keeps its lock and says nothing, so one that does not answer is deposed.
//!
//! Nothing is lost at a hand-over, because each tab knows its own place in the log. It tells it to who leads, who then
//! passes on what the tab has missed, or says that it cannot. What a leader passes on is numbered: a number that does not
//! follow the last one is a gap, and the place is told again.
//!
//! A tab that waits for the focus or the network is out of the queue: it would not try, and others would wait for it.

use super::link::{Link, Phase};
use super::{LinkFault, LinkStatus, Steps};
use crate::engine::Moment;

/// Milliseconds in which a leader answers, or half as many again: not all who ask depose it in the same instant.
const ANSWER: f64 = 5_000.0;
/// Milliseconds after which a leader that tries to connect is asked whether it still does.
const TRYING: f64 = 20_000.0;

/// What a tab has to say among the others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Seat {
    /// There are no others, or there is no way to reach them.
    Alone,
    /// Neither leads nor wants to.
    Out,
    /// Leads when those before it are gone.
    Queued,
    /// Has the lock, and thereby the connection.
    Leading,
}

/// What a tab in the queue knows of the one that leads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Leader {
    /// Nothing yet.
    Sought,
    /// It is connected, and passes on what it hears. `told` is the number of the last frame that was taken.
    Heard { told: f64 },
    /// It is there, and not connected.
    Trying,
}

impl Link {
    /// This tab is in the queue for the lock, and hears what a leader says. Nobody answers where there is none.
    pub fn entered(&mut self, at: Moment) -> Steps {
        if self.seat != Seat::Out || !matches!(self.phase, Phase::Connecting { .. }) {
            return Steps::LEAVE;
        }
        self.seat = Seat::Queued;
        let until = self.answer_due(at);
        self.enter(Phase::Led { by: Leader::Sought, until, asked: true }) | Steps::ASK
    }

    /// The lock is this tab's.
    pub fn elected(&mut self, at: Moment) -> Steps {
        let Phase::Led { by, .. } = self.phase else {
            let is_out = self.seat != Seat::Leading;
            return if is_out { Steps::LEAVE } else { Steps::NONE };
        };
        self.seat = Seat::Leading;
        // The server has just refused or lost another tab of this browser: it is not asked at once.
        if by == Leader::Trying { self.wait(at) } else { self.connect(at) }
    }

    /// The lock is another tab's: this one stood still for too long. Or the token is another caller's, and the lock that
    /// goes with it is another lock.
    pub fn deposed(&mut self, at: Moment) -> Steps {
        if self.seat != Seat::Leading {
            return Steps::NONE;
        }
        self.seat = Seat::Out;
        Steps::DISCONNECT | self.connect(at)
    }

    /// The browser gives no locks here.
    pub fn left_alone(&mut self, at: Moment) -> Steps {
        if !matches!(self.phase, Phase::Led { .. }) {
            return Steps::NONE;
        }
        self.seat = Seat::Alone;
        Steps::LEAVE | self.connect(at)
    }

    /// Another tab tells its place, and asks what it has missed.
    pub fn asked(&self) -> Steps {
        match self.seat {
            Seat::Leading if self.status() == LinkStatus::Open => Steps::WELCOME,
            Seat::Leading => Steps::ANNOUNCE,
            _ => Steps::NONE,
        }
    }

    /// The leader answers that it is connected, and what was missed: to be taken, if [`Steps::TAKE`] says so. `heartbeat`
    /// is the server's (ms), `told` the number of the leader's last frame.
    pub fn welcomed(&mut self, heartbeat: f64, told: f64, at: Moment) -> Steps {
        // Who asked twice is answered twice: the second answer may tell again what was passed on since the first.
        let Phase::Led { asked: true, .. } = self.phase else { return Steps::NONE };
        self.believe_heartbeat(heartbeat);
        self.fault = LinkFault::None;
        self.backoff.reset();
        let until = at.now + self.patience();
        self.enter(Phase::Led { by: Leader::Heard { told }, until, asked: false }) | Steps::TAKE
    }

    /// A tab that leads says that it is not connected, and why. `is_ours`: it is the one that is followed; another's word
    /// is believed when it answers to a question.
    pub fn leader_tries(&mut self, fault: LinkFault, is_ours: bool, at: Moment) -> Steps {
        let Phase::Led { by, asked, .. } = self.phase else { return Steps::NONE };
        let steps = match by {
            Leader::Heard { .. } if !is_ours && !asked => return self.ask(at),
            // It has been told.
            Leader::Trying => Steps::NONE,
            Leader::Heard { .. } | Leader::Sought => self.fail(fault),
        };
        // A hidden page would not try when its turn comes.
        if !self.may_try(at) {
            return steps | self.rest();
        }
        let until = at.now + TRYING;
        steps | self.enter(Phase::Led { by: Leader::Trying, until, asked: false })
    }

    /// A tab says that it has connected (`is_new`); or what is passed on does not follow what is known, or is by another than
    /// the one that is followed.
    pub fn leader_changed(&mut self, is_new: bool, at: Moment) -> Steps {
        match self.phase {
            // Whoever leads has been asked.
            Phase::Led { asked: true, .. } if !is_new => Steps::NONE,
            _ => self.ask(at),
        }
    }

    /// The leader lives; or it passes on a frame, to be taken if [`Steps::TAKE`] says so. `told` is the number of its
    /// last frame, this one included.
    pub fn relayed(&mut self, told: f64, is_frame: bool, at: Moment) -> Steps {
        let Phase::Led { by: Leader::Heard { told: before }, .. } = self.phase else {
            return Steps::NONE;
        };
        let (expected, take) =
            if is_frame { (before + 1.0, Steps::TAKE) } else { (before, Steps::NONE) };
        if told != expected {
            return self.leader_changed(false, at);
        }
        let until = at.now + self.patience();
        self.phase = Phase::Led { by: Leader::Heard { told }, until, asked: false };
        take
    }

    /// Tells the leader this tab's place.
    pub(super) fn ask(&mut self, at: Moment) -> Steps {
        let due = self.answer_due(at);
        let Phase::Led { until, asked, .. } = &mut self.phase else { return Steps::NONE };
        *until = if *asked { until.min(due) } else { due };
        *asked = true;
        Steps::ASK
    }

    /// It said nothing for too long, or did not answer.
    pub(super) fn leader_is_silent(&mut self, asked: bool, at: Moment) -> Steps {
        if !asked {
            return self.ask(at);
        }
        if !self.may_try(at) {
            return self.rest();
        }
        let until = self.answer_due(at);
        self.enter(Phase::Led { by: Leader::Sought, until, asked }) | Steps::SEIZE
    }

    /// Gives up the lock, or the place in its queue.
    pub(super) fn leave(&mut self) -> Steps {
        match self.seat {
            Seat::Alone | Seat::Out => Steps::NONE,
            Seat::Queued | Seat::Leading => {
                self.seat = Seat::Out;
                Steps::LEAVE
            }
        }
    }

    fn answer_due(&mut self, at: Moment) -> f64 {
        at.now + ANSWER * (1.0 + 0.5 * self.backoff.chance())
    }
}
