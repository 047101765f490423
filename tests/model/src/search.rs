//! The search: every world that can come, each once.
//!
//! In rounds. In each, two threads bring what comes next of the worlds that were new in the round before; then each takes
//! in those that are its own by their hash, and forgets those that it knows. So nothing is locked, and what is found does
//! not depend on who was faster.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};
use std::thread;

use crate::packed::Packed;
use crate::reduce::{Reduced, Reductions};
use crate::scenario::Scenario;
use crate::steps::Stale;
use crate::story;
use crate::world::{BEGINNINGS, World};

/// More threads than this find no more cores where the tests run.
const THREADS: usize = 2;

/// So many worlds of a round are gone through before what comes next of them is taken in: it bounds the memory.
const AT_A_TIME: usize = 1 << 20;

/// The worlds that were seen.
pub(crate) type Worlds = HashSet<Packed, BuildHasherDefault<Mix>>;

/// How a search without a mistake ended.
#[derive(Debug)]
pub struct Searched {
    parts: Vec<Worlds>,
    /// How many steps were tried.
    pub steps: u64,
}

impl Searched {
    /// How many worlds there are.
    #[must_use]
    pub fn worlds(&self) -> usize {
        self.parts.iter().map(HashSet::len).sum()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Packed> {
        self.parts.iter().flatten().copied()
    }
}

/// Searches all orders.
///
/// # Errors
/// The steps to something stale that is served, the fewest there are.
pub fn search(scenario: &Scenario, reductions: Reductions) -> Result<Searched, Vec<String>> {
    let reduced = Reduced::new(scenario, reductions);
    explore(&reduced).map_err(|Mistake| story::shortest(&reduced))
}

/// Something stale was served.
pub(crate) struct Mistake;

impl From<Stale> for Mistake {
    fn from(_: Stale) -> Self {
        Self
    }
}

fn explore(reduced: &Reduced<'_>) -> Result<Searched, Mistake> {
    let mut parts: Vec<Part> = (0..THREADS).map(|_| Part::default()).collect();
    let mut steps = 0;
    for beginning in BEGINNINGS {
        let world = World::new(reduced.rules.scenario, beginning);
        if let Some(first) = reduced.canonical(world, |_| ())? {
            parts[owner(first)].take_in([first]);
        }
    }
    loop {
        let fresh: Vec<Packed> = parts.iter_mut().flat_map(|part| part.fresh.drain(..)).collect();
        if fresh.is_empty() {
            break;
        }
        for some in fresh.chunks(AT_A_TIME) {
            let share = some.len().div_ceil(THREADS);
            let found = thread::scope(|scope| {
                let threads: Vec<_> = some
                    .chunks(share)
                    .map(|share| scope.spawn(move || next_of(reduced, share)))
                    .collect();
                let join =
                    |thread: thread::ScopedJoinHandle<'_, _>| thread.join().expect("it ends");
                threads.into_iter().map(join).collect::<Result<Vec<Found>, Mistake>>()
            })?;
            steps += found.iter().flatten().map(|worlds| worlds.len() as u64).sum::<u64>();
            thread::scope(|scope| {
                for (owner, part) in parts.iter_mut().enumerate() {
                    let found = &found;
                    scope.spawn(move || {
                        part.take_in(found.iter().flat_map(|found| found[owner].iter().copied()));
                    });
                }
            });
        }
    }
    Ok(Searched { parts: parts.into_iter().map(|part| part.known).collect(), steps })
}

/// What comes next, by its owner.
type Found = [Vec<Packed>; THREADS];

fn next_of(reduced: &Reduced<'_>, worlds: &[Packed]) -> Result<Found, Mistake> {
    let mut found = Found::default();
    let mut next = Vec::new();
    for world in worlds {
        reduced.next(&World::from(*world), &mut next)?;
        for (next, _) in next.drain(..) {
            if let Some(next) = reduced.canonical(next, |_| ())? {
                found[owner(next)].push(next);
            }
        }
    }
    Ok(found)
}

/// The worlds of one thread.
#[derive(Default)]
struct Part {
    known: Worlds,
    /// Those that came last.
    fresh: Vec<Packed>,
}

impl Part {
    fn take_in(&mut self, worlds: impl IntoIterator<Item = Packed>) {
        for world in worlds {
            if self.known.insert(world) {
                self.fresh.push(world);
            }
        }
    }
}

fn owner(world: Packed) -> usize {
    // Not the bits by which the set finds its place.
    (Mix::of(world.0) >> 32) as usize % THREADS
}

/// A hasher for what is one number already: two multiplications, as in wyhash.
#[derive(Default)]
pub(crate) struct Mix(u64);

impl Mix {
    fn of(number: u128) -> u64 {
        let (low, high) = (number as u64, (number >> 64) as u64);
        let mixed =
            u128::from(low ^ 0xa076_1d64_78bd_642f) * u128::from(high ^ 0xe703_7ed1_a0b4_28db);
        let folded = mixed as u64 ^ (mixed >> 64) as u64;
        let again = u128::from(folded) * 0x8ebc_6af0_9c88_c6e3;
        again as u64 ^ (again >> 64) as u64
    }
}

impl Hasher for Mix {
    fn write_u128(&mut self, number: u128) {
        self.0 = Self::of(number);
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("a world is one number");
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
