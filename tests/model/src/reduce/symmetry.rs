//! Of worlds that are each other's mirror images, one is searched.
//!
//! Two readers on one node who ask alike do the same; so do two invalidations of one node, and the two nodes if their
//! readers and invalidations are alike. Who is called 0 and who 1 changes nothing, if everybody who names them calls them
//! so. The least of all such worlds stands for them.

use crate::packed::Packed;
use crate::scenario::Scenario;
use crate::world::{INVALIDATIONS, READERS, World};

/// A way of calling everybody by other names: the new name of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Renaming {
    readers: [u8; READERS],
    invalidations: [u8; INVALIDATIONS],
    nodes: [u8; 2],
}

/// All the renamings that a scenario does not notice.
pub(super) struct Symmetries(Vec<Renaming>);

impl Symmetries {
    pub(super) fn of(scenario: &Scenario) -> Self {
        const ORDERS: [[u8; READERS]; 6] =
            [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        let mut all = Vec::new();
        for nodes in [[0, 1], [1, 0]] {
            for invalidations in [[0, 1], [1, 0]] {
                for readers in ORDERS {
                    all.push(Renaming { readers, invalidations, nodes });
                }
            }
        }
        all.retain(|renaming| renaming.is_unnoticed(scenario));
        Self(all)
    }

    /// The least of all the worlds that are like this one.
    pub(super) fn least(&self, world: &World) -> Packed {
        let like = self.0.iter().map(|renaming| Packed::from(&renaming.of(world)));
        like.min().expect("everybody may keep his name")
    }
}

impl Renaming {
    fn is_unnoticed(&self, scenario: &Scenario) -> bool {
        let node = |old: usize| usize::from(self.nodes[old]);
        let reader =
            |old: usize| -> Option<_> { scenario.readers.get(usize::from(self.readers[old])) };
        let readers = (0..READERS).all(|old| {
            let renamed = scenario.readers.get(old).map(|(at, asks)| (node(*at), *asks));
            reader(old).copied() == renamed
        });
        let invalidations = (0..INVALIDATIONS).all(|old| {
            let new = scenario.invalidations.get(usize::from(self.invalidations[old]));
            new.copied() == scenario.invalidations.get(old).map(|at| node(*at))
        });
        readers && invalidations
    }

    /// `world` with everybody renamed.
    fn of(&self, world: &World) -> World {
        let mut renamed = *world;
        let reader = |old: u8| self.readers[usize::from(old)];
        let name = |who: &mut Option<u8>| *who = who.map(reader);
        name(&mut renamed.lease);
        for (old, state) in world.readers.iter().enumerate() {
            let new = &mut renamed.readers[usize::from(self.readers[old])];
            *new = *state;
            name(&mut new.pilot);
        }
        for (old, state) in world.invalidations.iter().enumerate() {
            renamed.invalidations[usize::from(self.invalidations[old])] = *state;
        }
        for (old, state) in world.nodes.iter().enumerate() {
            let new = &mut renamed.nodes[usize::from(self.nodes[old])];
            *new = *state;
            name(&mut new.flight);
            if let Some(held) = &mut new.l1 {
                name(&mut held.unconfirmed);
            }
        }
        renamed
    }
}
