//! The reductions leave nothing out: a search with them goes through those worlds, and no others, that stand for the worlds
//! of the search without. Compared world for world, where there are few enough.

use samekey_model::{A, B, Losses, REFRESH, Reductions, Scenario, compare};

const NONE: Reductions = Reductions::NONE;
const FORGET: Reductions = Reductions { forget: true, ..NONE };

/// Each by itself, and all. What is taken at once or lost late leaves other traces, where nobody looks any more: those are
/// forgotten.
const EACH: [Reductions; 6] = [
    FORGET,
    Reductions { harmless: true, ..NONE },
    Reductions { symmetry: true, ..NONE },
    Reductions { at_once: true, ..FORGET },
    Reductions { late_losses: true, ..FORGET },
    Reductions::ALL,
];

fn go_through_the_same_worlds(scenario: Scenario) {
    for (reductions, compared) in EACH.iter().zip(compare(&scenario, &EACH)) {
        let differences = &compared.differences[..compared.differences.len().min(3)];
        assert!(differences.is_empty(), "{scenario:?} {reductions:?}: {differences:#?}");
        println!("{reductions:?}: {} of {}", compared.reduced, compared.unreduced);
    }
}

#[test]
fn two_readers_and_an_invalidation() {
    for readers in [&[A, A], &[A, B], &[B, B], &[A, REFRESH], &[REFRESH, B]] {
        go_through_the_same_worlds(Scenario::new(readers, &[0]));
    }
}

#[test]
fn two_readers_and_two_invalidations() {
    // With losses there are fourteen million worlds: the same, but for a minute.
    go_through_the_same_worlds(Scenario::new(&[A, B], &[0, 1]).losing(Losses::AtMost(0)));
}

#[test]
fn two_readers_of_a_value_that_is_refreshed() {
    for readers in [&[A, REFRESH], &[REFRESH, REFRESH]] {
        go_through_the_same_worlds(Scenario { silent_commits: 2, ..Scenario::new(readers, &[]) });
    }
}
