//! What nobody does: expiry, eviction, commits that are not announced.

use super::{Next, Rules, Step, Who};
use crate::scenario::Losses;
use crate::world::{At, Held, World};

/// What can be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loss {
    Value,
    Lease,
    Copy(usize),
}

impl Loss {
    const ALL: [Self; 4] = [Self::Value, Self::Lease, Self::Copy(0), Self::Copy(1)];

    fn name(self) -> &'static str {
        match self {
            Self::Value => "the value expires",
            Self::Lease => "the lease expires or is evicted",
            Self::Copy(_) => "a copy is evicted",
        }
    }

    /// `world` without it; `None` when it is not there.
    fn from(self, world: &World) -> Option<World> {
        let mut next = *world;
        match self {
            Self::Value => next.data.take().map(|_| ()),
            Self::Lease => next.lease.take().map(|_| ()),
            Self::Copy(node) => next.nodes[node].l1.take().map(|_| ()),
        }?;
        Some(next)
    }
}

impl Rules<'_> {
    /// `world` without what is lost, if so much may be lost.
    fn lose(&self, world: &World, loss: Loss) -> Option<World> {
        let mut next = loss.from(world)?;
        if let Losses::AtMost(_) = self.scenario.losses {
            next.losses = world.losses.checked_sub(1)?;
        }
        Some(next)
    }

    /// Each loss as a step of its own, whenever it likes.
    pub(crate) fn losses(&self, world: &World, all: &mut Vec<Next>) {
        for loss in Loss::ALL {
            if let Some(next) = self.lose(world, loss) {
                all.push((next, Step::new(Who::Chance, loss.name())));
            }
        }
    }

    /// The worlds in which what this reader's step would have found was lost just before: one thing of those that it
    /// looks for, or that and the next.
    pub(super) fn just_lost(
        &self,
        world: &World,
        me: usize,
    ) -> impl Iterator<Item = (World, &'static str)> {
        let first =
            self.looks_for(world, me).and_then(|loss| Some((self.lose(world, loss)?, loss)));
        let second = first.and_then(|(world, _)| {
            let loss = self.looks_for(&world, me)?;
            Some((self.lose(&world, loss)?, loss))
        });
        let told = |loss| match loss {
            Loss::Value => "the value expires; ",
            Loss::Lease => "the lease expires or is evicted; ",
            Loss::Copy(_) => "a copy is evicted; ",
        };
        [first, second].into_iter().flatten().map(move |(world, loss)| (world, told(loss)))
    }

    /// What the next step of this reader looks for, and finds.
    fn looks_for(&self, world: &World, me: usize) -> Option<Loss> {
        let node = self.scenario.node_of(me);
        let uses = !self.scenario.refreshes(me);
        match world.readers[me].at {
            At::Ask | At::AskAgain if uses => match world.nodes[node].l1 {
                Some(Held { unconfirmed: None, .. }) => Some(Loss::Copy(node)),
                _ => None,
            },
            At::Get => world.data.map(|_| Loss::Value),
            At::Lease if uses => {
                world.data.map(|_| Loss::Value).or(world.lease.map(|_| Loss::Lease))
            }
            At::SetLeased => (world.lease == Some(me as u8)).then_some(Loss::Lease),
            _ => None,
        }
    }

    /// Somebody changes the database and tells nobody.
    pub(super) fn silent_commits(&self, world: &World, all: &mut Vec<Next>) {
        if world.silent_commits > 0 {
            let mut next = *world;
            next.silent_commits -= 1;
            next.database += 1;
            all.push((next, Step::new(Who::Chance, "somebody commits")));
        }
    }
}
