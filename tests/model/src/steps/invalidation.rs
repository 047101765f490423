//! The steps of an invalidation, and of those who hear of it.

use super::{Next, Rules, Step, Who};
use crate::scenario::Safeguard;
use crate::world::{Invalidation, STEPS, World};

impl Rules<'_> {
    /// `Inner::remove_matching`, after a commit to the database and before the notice.
    pub(crate) fn invalidation(&self, world: &World, index: usize, all: &mut Vec<Next>) {
        let node = self.scenario.invalidations[index];
        let mut next = *world;
        let Invalidation { step, version } = world.invalidations[index];
        if step == STEPS {
            return;
        }
        let leases_first = self.has(Safeguard::LeasesFirst);
        let what = match (step, leases_first) {
            (0, _) => {
                next.database += 1;
                next.invalidations[index].version = next.database;
                "commits"
            }
            (1, _) => {
                if self.has(Safeguard::FirstDrop) {
                    self.drop_copies(&mut next, node);
                }
                self.void(&mut next, node);
                "drops the copies here"
            }
            (2, true) | (3, false) => {
                if self.has(Safeguard::LeasesDeleted) {
                    next.lease = None;
                }
                "deletes the leases"
            }
            (2 | 3, _) => {
                next.data = None;
                "deletes the data"
            }
            (4, _) => {
                if self.has(Safeguard::SecondDrop) {
                    self.drop_copies(&mut next, node);
                }
                "drops the copies here again"
            }
            _ => {
                next.nodes[1 - node].notices |= 1 << version;
                next.nodes[node].knows = next.nodes[node].knows.max(version);
                next.returned = next.returned.max(version);
                "gives notice and returns"
            }
        };
        let done = &mut next.invalidations[index];
        done.step += 1;
        if done.step == STEPS {
            done.version = 0;
        }
        all.push((next, Step::new(Who::Invalidation(index), what)));
    }

    /// A node hears what another has invalidated: `Copies::forget`.
    pub(super) fn notices(&self, world: &World, all: &mut Vec<Next>) {
        for node in 0..2 {
            for version in 1..=2 {
                if world.nodes[node].notices & 1 << version == 0 {
                    continue;
                }
                let mut next = *world;
                next.nodes[node].notices &= !(1 << version);
                self.drop_copies(&mut next, node);
                self.void(&mut next, node);
                next.nodes[node].knows = next.nodes[node].knows.max(version);
                all.push((next, Step::new(Who::Node(node), "hears a notice")));
            }
        }
    }
}
