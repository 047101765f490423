//! What the host has to do after a call.

use std::fmt;
use std::ops::{BitOr, BitOrAssign};

/// Steps for the host, taken in the order in which they are declared here: those that run the user's code last.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
#[must_use = "the host has to take them"]
pub struct Steps(u32);

impl Steps {
    /// Nothing to do.
    pub const NONE: Self = Self(0);
    /// Give up the connection, or the attempt at one.
    pub const DISCONNECT: Self = Self(1);
    /// The stream would not tell of changes any more: polls go on.
    pub const UNCOVER: Self = Self(2);
    /// The stream would tell of changes: polls of what it covers may rest.
    pub const COVER: Self = Self(4);
    /// The id seen last is where the stream is resumed.
    pub const ADOPT: Self = Self(8);
    /// Tell the other tabs that the stream is open, or is not: see [`Link::status`](super::Link::status).
    pub const ANNOUNCE: Self = Self(16);
    /// Give up the lock or the place in its queue, and what the other tabs say.
    pub const LEAVE: Self = Self(32);
    /// Ask for the lock, and say when that is done: [`Link::entered`](super::Link::entered).
    pub const ENTER: Self = Self(64);
    /// Ask the leader what was missed.
    pub const ASK: Self = Self(128);
    /// Take the lock from whoever has it.
    pub const SEIZE: Self = Self(256);
    /// Tell the tab that asks what it has missed.
    pub const WELCOME: Self = Self(512);
    /// Connect, and resume where the stream was left.
    pub const CONNECT: Self = Self(1024);
    /// With [`Steps::CONNECT`]: the token was refused, so get another.
    pub const RENEW: Self = Self(2048);
    /// What the leader has just told is the next: take it as one's own.
    pub const TAKE: Self = Self(4096);
    /// Changes may have been missed: all that the stream covers is outdated, and what was gathered is void.
    pub const RESET: Self = Self(8192);
    /// What the patterns gathered so far match is outdated.
    pub const APPLY: Self = Self(16_384);
    /// Tell the user of [`Link::fault`](super::Link::fault).
    pub const REPORT: Self = Self(32_768);
    /// Tell those who look at [`Link::status`](super::Link::status).
    pub const STATUS: Self = Self(65_536);

    /// As a number, a bit for each step.
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// Whether all of `steps` are among these.
    pub const fn contains(self, steps: Self) -> bool {
        self.0 & steps.0 == steps.0
    }
}

impl BitOr for Steps {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Steps {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

impl fmt::Debug for Steps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NAMES: [&str; 17] = [
            "DISCONNECT",
            "UNCOVER",
            "COVER",
            "ADOPT",
            "ANNOUNCE",
            "LEAVE",
            "ENTER",
            "ASK",
            "SEIZE",
            "WELCOME",
            "CONNECT",
            "RENEW",
            "TAKE",
            "RESET",
            "APPLY",
            "REPORT",
            "STATUS",
        ];
        let named = NAMES.iter().enumerate().filter(|(bit, _)| self.0 >> bit & 1 == 1);
        f.debug_set().entries(named.map(|(_, name)| name)).finish()
    }
}
