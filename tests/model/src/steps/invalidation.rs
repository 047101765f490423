//! The steps of an invalidation, and of those who hear of it.

use super::{Next, Rules, Step, Who};
use crate::scenario::Safeguard;
use crate::world::{Hears, Invalidation, STEPS, World};

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
                    self.bump(&mut next, node, None);
                }
                "bumps the generation"
            }
            (2, _) => {
                if self.has(Safeguard::FirstDrop) {
                    next.nodes[node].l1 = None;
                }
                "drops the copies here"
            }
            (3, _) => {
                self.void(&mut next, node);
                "voids the flights here"
            }
            (4, true) | (5, false) => {
                if self.has(Safeguard::LeasesDeleted) {
                    next.lease = None;
                }
                "deletes the leases"
            }
            (4 | 5, _) => {
                next.data = None;
                "deletes the data"
            }
            (6, _) => {
                if self.has(Safeguard::SecondDrop) {
                    self.bump(&mut next, node, None);
                }
                "bumps the generation again"
            }
            (7, _) => {
                if self.has(Safeguard::SecondDrop) {
                    next.nodes[node].l1 = None;
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
            let Hears { version, done } = world.nodes[node].hears;
            let mut next = *world;
            let what = match done {
                0 => {
                    self.next_notice(world, node, all);
                    continue;
                }
                1 => {
                    next.nodes[node].l1 = None;
                    next.nodes[node].hears.done = 2;
                    "drops the copies of which it has heard"
                }
                _ => {
                    self.void(&mut next, node);
                    next.nodes[node].knows = next.nodes[node].knows.max(version);
                    next.nodes[node].hears = Hears::default();
                    "voids the flights of which it has heard"
                }
            };
            all.push((next, Step::new(Who::Node(node), what)));
        }
    }

    /// Whichever comes first.
    fn next_notice(&self, world: &World, node: usize, all: &mut Vec<Next>) {
        for version in 1..=2 {
            if world.nodes[node].notices & 1 << version == 0 {
                continue;
            }
            let mut next = *world;
            next.nodes[node].notices &= !(1 << version);
            next.nodes[node].hears = Hears { version, done: 1 };
            self.bump(&mut next, node, None);
            all.push((
                next,
                Step::new(Who::Node(node), "hears a notice, and bumps the generation"),
            ));
        }
    }
}
