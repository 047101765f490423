//! Whether a search with reductions goes through the same worlds as one without: that is what makes them sound.

use crate::packed::Packed;
use crate::reduce::{Reduced, Reductions};
use crate::scenario::Scenario;
use crate::search::{Searched, Worlds, search};
use crate::steps::Rules;
use crate::world::World;

/// A search with some reductions beside one without any.
pub struct Compared {
    /// How many worlds each went through.
    pub reduced: usize,
    /// Without reductions.
    pub unreduced: usize,
    /// Worlds that only one of them knows, in their canonical form.
    pub differences: Vec<String>,
}

/// Searches `scenario` without reductions, and with each of these.
///
/// # Panics
/// If something stale is served: then there is nothing to compare.
#[must_use]
pub fn compare(scenario: &Scenario, reductions: &[Reductions]) -> Vec<Compared> {
    let unreduced = search(scenario, Reductions::NONE).expect("nothing stale is served");
    reductions.iter().map(|reductions| beside(scenario, *reductions, &unreduced)).collect()
}

fn beside(scenario: &Scenario, reductions: Reductions, unreduced: &Searched) -> Compared {
    let reduced = Reduced::new(scenario, reductions);
    let canonical = |world: Packed| {
        let stands_for_it = reduced.canonical(World::from(world), |_| ());
        stands_for_it.expect("nothing stale is served")
    };
    let expected: Worlds = unreduced.iter().filter_map(canonical).collect();
    let found = search(scenario, reductions).expect("nothing stale is served");
    // Who loses things late has not yet lost what others lost before they had to.
    let searched: Worlds = if reductions.late_losses {
        let lost = found.iter().flat_map(|world| with_losses(scenario, world));
        lost.filter_map(canonical).collect()
    } else {
        found.iter().collect()
    };
    let left_out = expected.difference(&searched).map(|world| ("left out", world));
    let too_many = searched.difference(&expected).map(|world| ("too many", world));
    Compared {
        reduced: found.worlds(),
        unreduced: unreduced.worlds(),
        differences: left_out
            .chain(too_many)
            .map(|(what, world)| format!("{what}: {:?}", World::from(*world)))
            .collect(),
    }
}

/// This world, and each that comes of it when things are lost.
fn with_losses(scenario: &Scenario, world: Packed) -> Vec<Packed> {
    let rules = Rules { scenario, late_losses: false };
    let mut all = vec![world];
    let mut next = Vec::new();
    let mut at = 0;
    while at < all.len() {
        rules.losses(&World::from(all[at]), &mut next);
        for (world, _) in next.drain(..) {
            let world = Packed::from(&world);
            if !all.contains(&world) {
                all.push(world);
            }
        }
        at += 1;
    }
    all
}
