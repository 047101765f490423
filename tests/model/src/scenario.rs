//! What happens in one search: who reads, who invalidates, what is lost, and which safeguard is left out.

/// What the protocol consists of; one can be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Safeguard {
    /// A compute's answer is stored only while its lease is its own.
    LeaseOnWrite,
    /// An invalidation deletes leases.
    LeasesDeleted,
    /// It deletes them before the data.
    LeasesFirst,
    /// What was overtaken on its way is not put into L1.
    FenceOnInsert,
    /// And is served only after another look, when it is in.
    RecheckOnInsert,
    /// Copies are dropped again after the store has deleted.
    SecondDrop,
    /// A passenger does not take an answer that may be older than his question.
    Tickets,
    /// A write that is not put into the process drops what it wrote over.
    DropWrittenOver,
    /// A write overtakes the reads during it.
    WriteEnds,
    /// Copies are dropped before the store deletes.
    FirstDrop,
    /// Nobody boards a flight that was invalidated here.
    Voiding,
}

/// How a reader asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// `Lookup::Use`.
    Use,
    /// `Lookup::Refresh`.
    Refresh,
}

/// How often a value expires, a lease ends or a copy is evicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Losses {
    /// At most so often.
    AtMost(u8),
    /// As often as can be, each at any time.
    Any,
}

/// What happens in one search.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// At most three: on which node (0 or 1), and how they ask.
    pub readers: &'static [(usize, Asks)],
    /// The nodes that invalidate, each after a commit to the database; at most two.
    pub invalidations: &'static [usize],
    /// Commits that nobody announces.
    pub silent_commits: u8,
    /// What is lost on the way.
    pub losses: Losses,
    /// The safeguard that is left out, if any.
    pub without: Option<Safeguard>,
}

/// A reader on the first node.
pub const A: (usize, Asks) = (0, Asks::Use);
/// A reader on the second node.
pub const B: (usize, Asks) = (1, Asks::Use);
/// A reader on the first node who wants the value computed, whatever there is.
pub const REFRESH: (usize, Asks) = (0, Asks::Refresh);

impl Scenario {
    /// Nobody who asks for a refresh, no commit unannounced, losses as often as can be.
    #[must_use]
    pub const fn new(readers: &'static [(usize, Asks)], invalidations: &'static [usize]) -> Self {
        Self { readers, invalidations, silent_commits: 0, losses: Losses::Any, without: None }
    }

    /// The same without one of the safeguards.
    #[must_use]
    pub const fn without(self, safeguard: Safeguard) -> Self {
        Self { without: Some(safeguard), ..self }
    }

    /// The same with other losses.
    #[must_use]
    pub const fn losing(self, losses: Losses) -> Self {
        Self { losses, ..self }
    }

    /// Whether the protocol has this safeguard.
    pub(crate) fn has(&self, safeguard: Safeguard) -> bool {
        self.without != Some(safeguard)
    }

    pub(crate) fn node_of(&self, reader: usize) -> usize {
        self.readers[reader].0
    }

    pub(crate) fn refreshes(&self, reader: usize) -> bool {
        self.readers[reader].1 == Asks::Refresh
    }
}
