//! Fewer worlds to search, and none that differs in what can be served.
//!
//! Each reduction stands in a file of its own with the reason why it is sound, can be switched off by itself, and
//! is compared with the search without it (`tests/reductions.rs`).

mod at_once;
mod forget;
mod harmless;
mod round;
mod symmetry;

use crate::packed::Packed;
use crate::scenario::Scenario;
use crate::steps::{Next, Rules, Stale, Step};
use crate::world::World;

use symmetry::Symmetries;

/// Which reductions are on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reductions {
    /// What no step looks at any more is forgotten.
    pub forget: bool,
    /// Worlds in which nothing stale can be served any more are left out.
    pub harmless: bool,
    /// A step that concerns nobody else is taken at once.
    pub at_once: bool,
    /// Of worlds that are each other's mirror images, one is searched.
    pub symmetry: bool,
    /// What is lost is lost just before somebody looks for it.
    pub late_losses: bool,
}

impl Reductions {
    /// Every order of every step.
    pub const NONE: Self = Self {
        forget: false,
        harmless: false,
        at_once: false,
        symmetry: false,
        late_losses: false,
    };

    /// All of them.
    pub const ALL: Self =
        Self { forget: true, harmless: true, at_once: true, symmetry: true, late_losses: true };
}

/// The rules with their reductions: from one world to those that are searched next.
pub(crate) struct Reduced<'a> {
    pub(crate) rules: Rules<'a>,
    reductions: Reductions,
    symmetries: Symmetries,
}

impl<'a> Reduced<'a> {
    pub(crate) fn new(scenario: &'a Scenario, reductions: Reductions) -> Self {
        Self {
            rules: Rules { scenario, late_losses: reductions.late_losses },
            reductions,
            symmetries: Symmetries::of(scenario),
        }
    }

    /// The worlds that come after `world`, before they are brought to their canonical form.
    pub(crate) fn next(&self, world: &World, all: &mut Vec<Next>) -> Result<(), Stale> {
        self.rules.next(world, all)
    }

    /// The world that stands for this one and all like it; `None` when nothing stale can come of it. `told` hears of the
    /// steps that were taken on the way.
    pub(crate) fn canonical(
        &self,
        mut world: World,
        mut told: impl FnMut(Step),
    ) -> Result<Option<Packed>, Stale> {
        let Reductions { forget, harmless, at_once, symmetry, .. } = self.reductions;
        loop {
            if forget {
                self.forget(&mut world);
            }
            match if at_once { self.at_once(&world) } else { None } {
                Some(who) => {
                    let (next, step) = self.take(&world, who)?;
                    told(step);
                    world = next;
                }
                None => break,
            }
        }
        if harmless && self.is_harmless(&world) {
            return Ok(None);
        }
        Ok(Some(if symmetry { self.symmetries.least(&world) } else { Packed::from(&world) }))
    }
}
