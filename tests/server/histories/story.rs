//! A story from a seed: who there is, what they are like, and what befalls them.
//!
//! The seed decides what everybody does and when faults come. It does not decide how the machine shares out its time, so a
//! story that went wrong may have to be told some more times before it does again.

use std::time::Duration;

use fastrand::Rng;
use samekey::server::WhenDown;

#[derive(Clone, Debug)]
pub(super) struct Story {
    pub(super) seed: u64,
    /// For each node, whether it holds copies in process.
    pub(super) nodes: Vec<bool>,
    /// On each node.
    pub(super) workers: usize,
    /// The one whose workers change nothing, if any.
    pub(super) quiet: Option<usize>,
    /// Whether everybody stops with the last misfortune: what was done during it is not done over.
    pub(super) ends_with_faults: bool,
    /// Of each worker.
    pub(super) steps: usize,
    /// In percent, how many of them change something.
    pub(super) changes: u8,
    /// Between them, at most.
    pub(super) pause: Duration,
    pub(super) ttl: Duration,
    pub(super) stale: Duration,
    pub(super) when_down: WhenDown,
    /// The longest that a compute takes, but for a few that take ten times as long.
    pub(super) compute: Duration,
    /// What happens, and how long after what happened before: to nodes and, beside that, to Redis.
    pub(super) faults: Vec<(Duration, Fault)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Connections of a node are reset, and new ones too, for so long.
    Cut(usize, Lines, Duration),
    /// Nothing of them arrives for so long, and all of it then.
    Hold(usize, Lines, Duration),
    /// The same of answers.
    HoldAnswers(usize, Lines, Duration),
    /// Answers of so long are lost, and the connections with them.
    LoseAnswers(usize, Lines, Duration),
    /// A node stands still, all of it: as one whose machine is busy with something else.
    Pause(usize, Duration),
    /// Redis closes all connections.
    KillClients,
    /// Redis closes the first connection that it tells of changes.
    KillTracking,
    FlushAll,
    /// Redis stands still.
    Freeze(Duration),
    /// Redis is killed and started again, with what it had or empty.
    Restart {
        keeps: bool,
    },
}

/// Which of a node's lines to Redis: a packet that is lost holds up one connection and not the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lines {
    Both,
    /// On which it reads and writes values, and is told of changes.
    Store,
    /// On which it reads and writes the log of invalidations.
    Log,
}

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

impl Story {
    pub(super) fn of(seed: u64) -> Self {
        let mut random = Rng::with_seed(seed);
        let count = random.usize(2..=3);
        // Every eighth has one misfortune, which lasts so long that a node must notice.
        let is_long = seed % 8 == 5;
        let l1 = if is_long { 3 } else { random.u8(0..4) };
        let nodes = (0..count).map(|node| match l1 {
            0 => false,
            1 => node == 0,
            _ => true,
        });
        let nodes: Vec<_> = nodes.collect();
        // Every fourth goes by without a fault: there, more is promised.
        let is_calm = seed % 4 == 3;
        let lasting = [ms(60_000), ms(60_000), ms(250)][random.usize(..3)];
        let lasting = if is_long { ms(60_000) } else { lasting };
        let stale = [Duration::ZERO, Duration::ZERO, ms(300)][random.usize(..3)];
        // Every eighth is so quiet that values live to be stale.
        let is_quiet = seed % 8 == 7;
        let (lasting, stale) = if is_quiet { (ms(250), ms(300)) } else { (lasting, stale) };
        let when_down = [WhenDown::Compute, WhenDown::Compute, WhenDown::Stale][random.usize(..3)];
        let faults = if is_calm { 0 } else { random.usize(3..8) };
        let faults = (0..if is_long { 1 } else { faults }).map(|_| {
            let (pause, node) = (ms(random.u64(10..120)), random.usize(..count));
            let fault = if is_long {
                Fault::Hold(node, Lines::Both, ms(2_800))
            } else {
                Fault::any(&mut random, node)
            };
            (pause, fault)
        });
        let faults: Vec<_> = faults.collect();
        let last = faults.last().and_then(|(_, fault): &(Duration, Fault)| fault.node());
        let ends_with_faults = !is_calm && !is_long && random.bool();
        Self {
            seed,
            nodes,
            // Its copies are to grow old, or to be what is left.
            quiet: last.filter(|_| is_long || ends_with_faults),
            workers: random.usize(2..=4),
            ends_with_faults,
            steps: if ends_with_faults { 400 } else { 70 },
            pause: ms(if is_long {
                90
            } else if is_quiet {
                40
            } else {
                6
            }),
            changes: if is_quiet { 2 } else { 22 },
            ttl: lasting,
            stale,
            when_down,
            compute: ms(random.u64(1..40)),
            faults,
        }
    }

    pub(super) fn is_calm(&self) -> bool {
        self.faults.is_empty()
    }
}

impl Lines {
    fn any(random: &mut Rng) -> Self {
        [Self::Both, Self::Both, Self::Store, Self::Log][random.usize(..4)]
    }
}

impl Fault {
    /// Whose it is; nobody's is Redis's.
    pub(super) fn node(&self) -> Option<usize> {
        match self {
            Self::Cut(node, ..)
            | Self::Hold(node, ..)
            | Self::HoldAnswers(node, ..)
            | Self::LoseAnswers(node, ..)
            | Self::Pause(node, _) => Some(*node),
            _ => None,
        }
    }

    fn any(random: &mut Rng, node: usize) -> Self {
        let (lines, time) = (Lines::any(random), ms(random.u64(5..260)));
        match random.u8(0..14) {
            0 | 1 => Self::Cut(node, lines, time),
            2 | 3 => Self::Hold(node, lines, time),
            4 | 5 => Self::HoldAnswers(node, lines, time),
            6 | 7 => Self::LoseAnswers(node, lines, time),
            8 => Self::Pause(node, time),
            9 => Self::KillClients,
            10 => Self::KillTracking,
            11 => Self::FlushAll,
            12 => Self::Freeze(time),
            _ => Self::Restart { keeps: random.bool() },
        }
    }
}
