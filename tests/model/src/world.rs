//! Everything there is at one moment: database, store, two nodes, readers, invalidations.

use crate::scenario::{Losses, Scenario};

/// How many readers there can be.
pub(crate) const READERS: usize = 3;
/// How many invalidations there can be.
pub(crate) const INVALIDATIONS: usize = 2;

/// Versions of the value are counted from 0 by the commits to the database.
pub(crate) type Version = u8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct World {
    pub(crate) database: Version,
    /// The store.
    pub(crate) data: Option<Version>,
    /// Whose the lease is.
    pub(crate) lease: Option<u8>,
    pub(crate) nodes: [Node; 2],
    pub(crate) readers: [Reader; READERS],
    pub(crate) invalidations: [Invalidation; INVALIDATIONS],
    /// The newest version whose invalidation has returned.
    pub(crate) returned: Version,
    pub(crate) silent_commits: u8,
    /// How many losses may still come, when they are counted.
    pub(crate) losses: u8,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) l1: Option<Held>,
    /// The pilot of the flight that can be boarded.
    pub(crate) flight: Option<u8>,
    /// The newest version that this node knows to be invalidated, or has refreshed itself.
    pub(crate) knows: Version,
    /// Notices of the log on their way: a bit for each version.
    pub(crate) notices: u8,
    /// The notice that it is about to carry out.
    pub(crate) hears: Hears,
}

/// A node carries out one notice after the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hears {
    pub(crate) version: Version,
    /// What is done of it: nothing is being carried out, or the bump is done, or the removal too.
    pub(crate) done: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) version: Version,
    /// Who put it there and has yet to look at the fence a second time; until then it is not served.
    pub(crate) unconfirmed: Option<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum At {
    Ask,
    AskAgain,
    Get,
    Board,
    Wait,
    Lease,
    Compute,
    BeginWrite,
    SetLeased,
    EndWrite,
    Check,
    Insert,
    Recheck,
    Confirm,
    RemoveWrittenOver,
    Land,
    Done,
}

/// Which of the pilot's counts of seats an answer is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Count {
    Lease,
    Compute,
    Write,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reader {
    pub(crate) at: At,
    /// What had returned, and what its node knew, when it asked.
    pub(crate) returned: Version,
    pub(crate) knew: Version,
    pub(crate) value: Version,
    /// Whether the generation moved since it was sampled.
    pub(crate) overtaken: bool,
    pub(crate) is_pilot: bool,
    pub(crate) holds_lease: bool,
    pub(crate) good_for: Count,
    /// Whether it has seen a flight land whose answer was not for it.
    pub(crate) again: bool,
    /// As a passenger: of whom, and which counts it is among.
    pub(crate) pilot: Option<u8>,
    pub(crate) counted: [bool; 3],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Invalidation {
    /// The next of its steps.
    pub(crate) step: u8,
    pub(crate) version: Version,
}

/// The steps of an invalidation: commit; bump, removal and voiding; leases, data; bump and removal; notice.
pub(crate) const STEPS: u8 = 9;

/// How a search begins: whether the store has version 0, whether the nodes have it.
pub(crate) const BEGINNINGS: [(bool, bool, &str); 3] = [
    (false, false, "nothing is there"),
    (true, false, "the store has version 0"),
    (true, true, "the store and both nodes have version 0"),
];

impl World {
    pub(crate) fn new(scenario: &Scenario, (data, copies, _): (bool, bool, &str)) -> Self {
        let node = Node {
            l1: copies.then_some(Held { version: 0, unconfirmed: None }),
            ..Node::default()
        };
        let mut readers = [Reader::DONE; READERS];
        readers[..scenario.readers.len()].fill(Reader::NEW);
        Self {
            database: 0,
            data: data.then_some(0),
            lease: None,
            nodes: [node; 2],
            readers,
            invalidations: [Invalidation { step: 0, version: 0 }; INVALIDATIONS],
            returned: 0,
            silent_commits: scenario.silent_commits,
            losses: match scenario.losses {
                Losses::AtMost(losses) => losses,
                Losses::Any => 0,
            },
        }
    }

    /// Counts who sits in the flight of `pilot` now.
    pub(crate) fn count_seats(&mut self, pilot: u8, count: Count) {
        for passenger in &mut self.readers {
            if passenger.at == At::Wait && passenger.pilot == Some(pilot) {
                passenger.counted[count as usize] = true;
            }
        }
    }
}

impl Reader {
    pub(crate) const NEW: Self = Self {
        at: At::Ask,
        returned: 0,
        knew: 0,
        value: 0,
        overtaken: false,
        is_pilot: false,
        holds_lease: false,
        good_for: Count::Lease,
        again: false,
        pilot: None,
        counted: [false; 3],
    };

    pub(crate) const DONE: Self = Self { at: At::Done, ..Self::NEW };
}
