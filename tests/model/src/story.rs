//! How it came to a mistake: the search once more, one step after the other, with a note of where each world came from.

use std::collections::VecDeque;

use crate::packed::Packed;
use crate::reduce::Reduced;
use crate::search::Worlds;
use crate::steps::Stale;
use crate::world::{BEGINNINGS, World};

/// A world, the one before it, and which of that one's next it is.
struct Reached {
    world: Packed,
    before: Option<(usize, usize)>,
    beginning: usize,
}

/// The steps from a beginning to a mistake, the fewest there are.
///
/// # Panics
/// If there is no mistake.
pub(crate) fn shortest(reduced: &Reduced<'_>) -> Vec<String> {
    let mut known = Worlds::default();
    let mut reached: Vec<Reached> = Vec::new();
    let mut open = VecDeque::new();
    for (beginning, how) in BEGINNINGS.into_iter().enumerate() {
        let first = World::new(reduced.rules.scenario, how);
        let Ok(first) = reduced.canonical(first, |_| ()) else { continue };
        let Some(world) = first.filter(|world| known.insert(*world)) else { continue };
        open.push_back(reached.len());
        reached.push(Reached { world, before: None, beginning });
    }
    while let Some(at) = open.pop_front() {
        let world = World::from(reached[at].world);
        let mut next = Vec::new();
        if let Err(stale) = reduced.next(&world, &mut next) {
            return told(reduced, &reached, at, None, stale);
        }
        for (step, (world, _)) in next.into_iter().enumerate() {
            match reduced.canonical(world, |_| ()) {
                Ok(Some(world)) if known.insert(world) => {
                    open.push_back(reached.len());
                    let beginning = reached[at].beginning;
                    reached.push(Reached { world, before: Some((at, step)), beginning });
                }
                Ok(_) => {}
                Err(stale) => return told(reduced, &reached, at, Some(step), stale),
            }
        }
    }
    panic!("the search found a mistake, and this one did not");
}

/// The story up to the world `at`, then perhaps one step more, and what was stale at its end.
fn told(
    reduced: &Reduced<'_>,
    reached: &[Reached],
    at: usize,
    last: Option<usize>,
    Stale(end, version): Stale,
) -> Vec<String> {
    let mut path: Vec<(usize, usize)> = last.map(|step| (at, step)).into_iter().collect();
    let mut now = at;
    while let Some((before, step)) = reached[now].before {
        path.push((before, step));
        now = before;
    }
    let mut steps = vec![BEGINNINGS[reached[at].beginning].2.to_owned()];
    for (from, step) in path.into_iter().rev() {
        let mut next = Vec::new();
        let _ = reduced.next(&World::from(reached[from].world), &mut next);
        let (world, what) = next[step];
        steps.push(what.to_string());
        let _ = reduced.canonical(world, |step| steps.push(step.to_string()));
    }
    steps.push(format!("{end}: version {version}"));
    steps
}
