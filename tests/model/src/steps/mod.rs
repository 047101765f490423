//! What can happen next, step by step.

mod chance;
mod invalidation;
mod reader;

use std::fmt;

use crate::scenario::{Safeguard, Scenario};
use crate::world::{Version, World};

/// The rules in force.
#[derive(Clone, Copy)]
pub(crate) struct Rules<'a> {
    pub(crate) scenario: &'a Scenario,
    /// Whether what is lost is lost just before somebody looks for it, and not sooner.
    pub(crate) late_losses: bool,
}

/// A world, and what led to it.
pub(crate) type Next = (World, Step);

/// Who did what: told when it went wrong.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) who: Who,
    pub(crate) what: &'static str,
    /// What was lost just before.
    pub(crate) lost: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Reader(usize),
    Invalidation(usize),
    Node(usize),
    Chance,
}

impl Step {
    fn new(who: Who, what: &'static str) -> Self {
        Self { who, what, lost: "" }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { who, what, lost } = self;
        f.write_str(lost)?;
        match who {
            Who::Reader(reader) => write!(f, "reader {reader} {what}"),
            Who::Invalidation(invalidation) => write!(f, "invalidation {invalidation} {what}"),
            Who::Node(node) => write!(f, "node {node} {what}"),
            Who::Chance => f.write_str(what),
        }
    }
}

/// Something stale was served.
#[derive(Debug)]
pub(crate) struct Stale(pub(crate) Step, pub(crate) Version);

impl Rules<'_> {
    /// Everything that can happen next.
    pub(crate) fn next(&self, world: &World, all: &mut Vec<Next>) -> Result<(), Stale> {
        for reader in 0..self.scenario.readers.len() {
            self.reader(world, reader, all)?;
        }
        for index in 0..self.scenario.invalidations.len() {
            self.invalidation(world, index, all);
        }
        self.notices(world, all);
        self.silent_commits(world, all);
        if !self.late_losses {
            self.losses(world, all);
        }
        Ok(())
    }

    fn has(&self, safeguard: Safeguard) -> bool {
        self.scenario.has(safeguard)
    }

    /// Whoever sampled the generation of `node` has been overtaken.
    fn bump(&self, world: &mut World, node: usize, except: Option<usize>) {
        for reader in 0..self.scenario.readers.len() {
            if self.scenario.node_of(reader) == node && Some(reader) != except {
                world.readers[reader].overtaken = true;
            }
        }
    }

    fn void(&self, world: &mut World, node: usize) {
        if self.has(Safeguard::Voiding) {
            world.nodes[node].flight = None;
        }
    }
}
