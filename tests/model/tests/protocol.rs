//! What must hold, in every order of steps.

use samekey_model::{A, Asks, B, Losses, REFRESH, Reductions, Safeguard, Scenario, search};

/// Everybody who can read: each of the two nodes, with and without a wish for a new value.
const KINDS: [(usize, Asks); 4] = [A, B, REFRESH, (1, Asks::Refresh)];

/// Two nodes invalidate, or one does twice.
const INVALIDATIONS: [&[usize]; 3] = [&[0, 1], &[0, 0], &[1, 1]];

/// How many worlds the search went through.
fn holds(scenario: &Scenario, reductions: Reductions) -> usize {
    match search(scenario, reductions) {
        Ok(searched) => searched.worlds(),
        Err(story) => panic!("{scenario:?}: {story:#?}"),
    }
}

/// Three readers of all kinds. Fewer are among them: a reader who never moves is none.
fn three_readers() -> Vec<&'static [(usize, Asks)]> {
    let mut all: Vec<&[_]> = Vec::new();
    for (first, one) in KINDS.into_iter().enumerate() {
        for (second, two) in KINDS.into_iter().enumerate().skip(first) {
            for three in KINDS.into_iter().skip(second) {
                all.push(vec![one, two, three].leak());
            }
        }
    }
    all
}

#[test]
fn nothing_from_before_an_invalidation_is_served_after_it_whoever_reads_and_whoever_invalidates() {
    let mut worlds = 0;
    for readers in three_readers() {
        for invalidations in INVALIDATIONS {
            worlds += holds(&Scenario::new(readers, invalidations), Reductions::ALL);
        }
    }
    println!("{worlds} worlds");
    assert!(worlds > 1_000_000, "the search is much smaller than it was: {worlds}");
}

#[test]
fn nor_when_nothing_is_left_out_but_what_nobody_looks_at() {
    let scenario = Scenario::new(&[A, A, B], &[0, 1]);
    let worlds = holds(&scenario, FORGET);
    println!("{worlds} worlds");
    assert!(worlds > 5_000_000, "the search is much smaller than it was: {worlds}");
}

#[test]
fn nor_with_one_invalidation_when_nothing_is_left_out_at_all() {
    let scenario = Scenario::new(&[A, A, B], &[0]).losing(Losses::AtMost(1));
    let worlds = holds(&scenario, Reductions::NONE);
    println!("{worlds} worlds");
    assert!(worlds > 5_000_000, "the search is much smaller than it was: {worlds}");
}

const FORGET: Reductions = Reductions { forget: true, ..Reductions::NONE };

#[test]
fn who_asks_after_a_refresh_on_the_same_node_gets_nothing_older() {
    for readers in [&[A, A, REFRESH], &[A, REFRESH, REFRESH], &[REFRESH; 3]] {
        let scenario = Scenario { silent_commits: 2, ..Scenario::new(readers, &[]) };
        holds(&scenario, Reductions::ALL);
        holds(&scenario.losing(Losses::AtMost(1)), Reductions::NONE);
    }
}

#[test]
fn two_steps_make_things_sooner_and_not_safer() {
    // Said here so that nobody takes them for what holds the rest up.
    for safeguard in [Safeguard::FirstDrop, Safeguard::Voiding] {
        holds(&Scenario::new(&[A, A, B], &[0, 1]).without(safeguard), Reductions::ALL);
    }
}
