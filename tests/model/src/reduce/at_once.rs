//! A step that concerns nobody else is taken at once, before anybody's next.
//!
//! Such a step stays possible whatever the others do, does the same whenever it is done, and nobody can tell whether it was
//! done. So every order of steps in which something stale is served can be re-ordered into one that begins with it: if
//! the order has it, it is moved to the front, past steps that do not mind; if not, it is put there. And as every step brings
//! the end nearer, that cannot go on for ever.

use super::Reduced;
use crate::scenario::Safeguard;
use crate::steps::{Next, Stale, Who};
use crate::world::{At, Count, STEPS, World};

impl Reduced<'_> {
    /// Whose next step concerns nobody else.
    pub(super) fn at_once(&self, world: &World) -> Option<Who> {
        let scenario = self.rules.scenario;
        let reader = (0..scenario.readers.len()).find(|reader| self.is_private(world, *reader));
        let invalidation = || {
            let mut all = 0..scenario.invalidations.len();
            all.find(|index| self.is_idle(world, *index))
        };
        reader.map(Who::Reader).or_else(|| invalidation().map(Who::Invalidation))
    }

    /// The one step of `who`.
    pub(super) fn take(&self, world: &World, who: Who) -> Result<Next, Stale> {
        let mut all = Vec::with_capacity(1);
        match who {
            Who::Reader(reader) => self.rules.reader(world, reader, &mut all)?,
            Who::Invalidation(index) => self.rules.invalidation(world, index, &mut all),
            Who::Node(_) | Who::Chance => {}
        }
        debug_assert_eq!(all.len(), 1, "a step that is taken at once has one end");
        Ok(all.swap_remove(0))
    }

    /// Whether this reader's next step reads and writes what is its own.
    fn is_private(&self, world: &World, me: usize) -> bool {
        let scenario = self.rules.scenario;
        let (reader, node) = (&world.readers[me], scenario.node_of(me));
        let l1_is_dead = !self.l1_is_live(world, node);
        // Who is aboard stays aboard, and nobody comes.
        let is_full = world.nodes[node].flight != Some(me as u8);
        let l1 = world.nodes[node].l1;
        let is_mine = l1.is_some_and(|held| held.unconfirmed == Some(me as u8));
        let lost_lease = self.lost_lease(world, me);
        let fenced = reader.overtaken && scenario.has(Safeguard::FenceOnInsert);
        match reader.at {
            At::Compute => is_full && self.all_committed(world),
            At::BeginWrite => lost_lease || is_full && l1_is_dead,
            At::SetLeased => lost_lease,
            // Who was overtaken stays it.
            At::Check => fenced,
            At::Recheck => !is_mine && reader.good_for != Count::Write,
            At::Confirm => !is_mine,
            At::Land => is_full && !self.rules.tells_its_node(me, reader.good_for),
            _ => false,
        }
    }

    pub(super) fn all_committed(&self, world: &World) -> bool {
        let count = self.rules.scenario.invalidations.len();
        let committed = world.invalidations[..count].iter().all(|one| one.step > 0);
        committed && world.silent_commits == 0
    }

    /// Whether the next step of this invalidation changes nothing that anybody will look at.
    fn is_idle(&self, world: &World, index: usize) -> bool {
        let scenario = self.rules.scenario;
        let node = scenario.invalidations[index];
        let l1_is_dead = |node| !self.l1_is_live(world, node);
        let flight_is_dead = |node| !self.flight_is_live(world, node);
        match (world.invalidations[index].step, scenario.has(Safeguard::LeasesFirst)) {
            (0, _) => !self.database_is_live(world) && !self.somebody_asks(world),
            (1 | 2 | 6 | 7, _) => l1_is_dead(node),
            (3, _) => flight_is_dead(node),
            (4, true) | (5, false) => !self.lease_is_live(world),
            (4 | 5, _) => !self.data_is_live(world),
            (STEPS, _) => false,
            _ => {
                let other = 1 - node;
                l1_is_dead(other) && flight_is_dead(other) && !self.somebody_asks(world)
            }
        }
    }
}
