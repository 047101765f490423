//! Versions that no comparison tells apart are one.
//!
//! A value is only ever compared with what had returned when somebody asked. So of the versions between two of those, one is
//! enough; and once everybody has asked, only those count that somebody asked after.

use super::Reduced;
use crate::world::{Version, World};

impl Reduced<'_> {
    /// A refresh promises the version that it brought, which can be any: then all versions matter.
    pub(super) fn may_round(&self) -> bool {
        self.rules.scenario.silent_commits == 0
    }

    /// What a value may be compared with, from now on: a bit for each version. What is committed later is newer than all
    /// values there are.
    fn thresholds(&self, world: &World) -> u8 {
        let mut bits = 0;
        for reader in &world.readers {
            bits |= 1 << reader.returned | 1 << reader.knew;
        }
        if self.somebody_asks(world) {
            bits |= 1 << world.returned;
            for invalidation in &world.invalidations {
                bits |= 1 << invalidation.version;
            }
            for node in &world.nodes {
                bits |= node.notices | 1 << node.hears.version | 1 << node.knows;
            }
        }
        bits
    }

    /// Each value becomes the oldest that no comparison tells from it.
    pub(super) fn round_versions(&self, world: &mut World) {
        let thresholds = self.thresholds(world);
        let round = |version: &mut Version| {
            while *version > 0 && thresholds & 1 << *version == 0 {
                *version -= 1;
            }
        };
        world.data.iter_mut().for_each(round);
        // Until the last commit it also counts them.
        if self.all_committed(world) {
            round(&mut world.database);
        }
        for node in &mut world.nodes {
            node.l1.iter_mut().for_each(|held| round(&mut held.version));
        }
        world.readers.iter_mut().for_each(|reader| round(&mut reader.value));
    }
}
