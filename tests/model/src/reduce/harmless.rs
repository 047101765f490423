//! Worlds of which nothing stale can come are left out.

use super::Reduced;
use crate::world::{Reader, Version, World};

impl Reduced<'_> {
    /// Whether nothing stale can be served from here on, whatever happens.
    ///
    /// Either everybody has asked, and those who are not yet served asked when nothing had been invalidated. Or there is
    /// nothing stale left to be served: the last commit is done, and every value that somebody may still look at or has in
    /// hand is the newest. New values come from the database alone, so that stays so.
    pub(super) fn is_harmless(&self, world: &World) -> bool {
        let nothing_to_fear = |reader: &Reader| reader.returned == 0 && reader.knew == 0;
        if !self.somebody_asks(world) && world.readers.iter().all(nothing_to_fear) {
            return true;
        }
        let newest = |version: Version| version == world.database;
        let mut readers = 0..self.rules.scenario.readers.len();
        self.all_committed(world)
            && world.data.is_none_or(newest)
            && world.nodes.iter().all(|node| node.l1.is_none_or(|held| newest(held.version)))
            && readers.all(|me| !self.value_is_live(world, me) || newest(world.readers[me].value))
    }
}
