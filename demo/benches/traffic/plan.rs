//! All requests of a run, in their order: the same for the same seed.

use samekey_demo::history::{Dice, World};
use samekey_demo::timeframe::Millis;

use crate::history::SEED;
use crate::visitor::{Habits, Question, Visitor};

/// So many are at the dashboard at once.
const VISITORS: usize = 200;

/// After each page, the chance that a visit ends: eight pages on average.
const LEAVES: f64 = 1.0 / 8.0;

/// At least `requests` questions, page by page, of visitors who take turns by chance.
pub(crate) fn pages(world: &World, now: Millis, requests: usize) -> Vec<Vec<Question>> {
    let (habits, mut dice) = (Habits::new(world, now), Dice::at(SEED, &[9, requests as i64]));
    let mut visitors: Vec<_> = (0..VISITORS).map(|_| Visitor::arrive(&habits, &mut dice)).collect();
    let (mut pages, mut planned) = (Vec::new(), 0);
    while planned < requests {
        let visitor = &mut visitors[dice.below(VISITORS)];
        let page = visitor.open(&habits, &mut dice);
        planned += page.len();
        pages.push(page);
        if dice.chance(LEAVES) {
            *visitor = Visitor::arrive(&habits, &mut dice);
        }
    }
    pages
}
