//! Where a removal has been carried out already.

use crate::server::store::Shard;

/// Servers that have carried out a removal. Not any more once keys have moved to one that was there before: such a key may
/// have left a server that had not for one that had.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct DoneOn {
    shards: Vec<Shard>,
    /// How often keys had moved when they began.
    moves: u64,
}

impl DoneOn {
    pub(in super::super) fn new(shards: Vec<Shard>, moves: u64) -> Self {
        Self { shards, moves }
    }

    /// Whether it is done there, if keys have moved so often by now.
    pub(in super::super) fn has(&self, shard: &Shard, moves: u64) -> bool {
        self.moves == moves && self.shards.contains(shard)
    }

    pub(super) fn is_nowhere(&self) -> bool {
        self.shards.is_empty()
    }

    /// These as well, or instead where keys have moved.
    pub(super) fn add(&mut self, more: &Self) {
        if self.moves == more.moves {
            self.shards.extend_from_slice(&more.shards);
        } else {
            self.clone_from(more);
        }
    }
}
