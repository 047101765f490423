//! The checker itself: histories cut by hand, each of which breaks one promise, and next to it one that does not.

use std::time::Duration;

use samekey::server::WhenDown;

use super::database::Snapshot;
use super::history::{
    Change, Compute, During, Heard, Kind, Mark, Moment, Outcome, Read, Record, Settled,
};
use super::story::Story;
use super::{contract, fair_weather};

/// Two nodes: the first holds copies, and the second as the test says.
fn story(second_has_copies: bool) -> Story {
    Story {
        nodes: vec![true, second_has_copies],
        ttl: Duration::from_secs(60),
        stale: Duration::ZERO,
        when_down: WhenDown::Compute,
        ..Story::of(0)
    }
}

fn calm(story: Story) -> Story {
    Story { faults: Vec::new(), ..story }
}

fn moment(order: u64) -> Moment {
    Moment { order, at: Duration::from_millis(order) }
}

fn during(began: u64, ended: u64) -> During {
    During { began: moment(began), ended: moment(ended) }
}

fn read(node: usize, version: u64, at: (u64, u64), mark: Mark) -> Read {
    let found = Snapshot { row: 0, version, by: 0, at: 0 };
    let (way, row, during, alone) = ("get", 0, during(at.0, at.1), false);
    Read { node, way, row, during, found, mark, alone }
}

/// On the first node, of the first row, which has the second version by then.
fn change(at: (u64, u64), outcome: Outcome) -> Change {
    let of = vec![(0, 2)];
    Change { node: 0, way: "delete", of, during: during(at.0, at.1), outcome, write: None }
}

fn record(read: Read, change: Change) -> Record {
    Record { reads: vec![read], changes: vec![change], ..Record::default() }
}

fn breaks(story: &Story, record: &Record) -> bool {
    !contract::violations(story, record).is_empty()
}

#[test]
fn on_the_node_that_was_asked_nothing_older_is_served_whatever_the_answer_was() {
    for outcome in [Outcome::Done, Outcome::Owed] {
        let breaks = |version, at, mark| {
            breaks(&story(true), &record(read(0, version, at, mark), change((5, 9), outcome)))
        };
        assert!(breaks(1, (10, 11), Mark::Hit));
        assert!(breaks(1, (10, 11), Mark::None));
        assert!(!breaks(2, (10, 11), Mark::Hit), "as new as it was");
        assert!(!breaks(1, (8, 11), Mark::Hit), "asked before the answer");
        assert!(!breaks(1, (10, 11), Mark::Stale), "it says so");
    }
}

#[test]
fn elsewhere_what_is_no_copy_is_as_new_from_the_success_on() {
    let breaks = |second_has_copies, mark, outcome, settled: &[Settled]| {
        let record = record(read(1, 1, (20, 21), mark), change((5, 9), outcome));
        breaks(&story(second_has_copies), &Record { settled: settled.to_vec(), ..record })
    };
    let settled = |at| [Settled { node: 0, during: during(at, at + 1) }];
    assert!(breaks(false, Mark::Hit, Outcome::Done, &[]));
    assert!(breaks(true, Mark::Computed, Outcome::Done, &[]));
    assert!(!breaks(true, Mark::Hit, Outcome::Done, &[]), "a copy, which nobody has told");
    let shared = Read { alone: true, ..read(1, 1, (20, 21), Mark::Computed) };
    let shared = record(shared, change((5, 9), Outcome::Done));
    assert!(!self::breaks(&story(true), &shared), "Redis does not answer");
    assert!(!breaks(false, Mark::Hit, Outcome::Owed, &[]), "not carried out");
    assert!(breaks(false, Mark::Hit, Outcome::Owed, &settled(12)));
    assert!(!breaks(false, Mark::Hit, Outcome::Owed, &settled(3)), "that was before");
}

#[test]
fn elsewhere_a_copy_is_served_until_its_node_has_heard_or_must_know_that_it_hears_nothing() {
    let copy = |at, heard: Option<u64>| {
        let record = record(read(1, 1, (at, at + 1), Mark::Hit), change((5, 9), Outcome::Done));
        let heard = heard.map(|at| Heard { node: 1, during: during(at, at + 1) });
        breaks(&story(true), &Record { heard: heard.into_iter().collect(), ..record })
    };
    assert!(copy(20, Some(15)));
    let set = Change { write: Some(3), ..change((5, 9), Outcome::Done) };
    let heard = vec![Heard { node: 1, during: during(15, 16) }];
    let set = Record { heard, ..record(read(1, 1, (20, 21), Mark::Hit), set) };
    assert!(breaks(&story(true), &set), "which is told as well");
    assert!(!copy(20, Some(8)), "it may have been told after that");
    assert!(!copy(20, None));
    assert!(copy(5_000, None));
}

#[test]
fn what_a_failed_write_left_may_be_met_elsewhere_until_it_is_removed() {
    let failed = Change { write: Some(7), ..change((1, 3), Outcome::Owed) };
    let newer = Change { of: vec![(0, 3)], node: 1, ..change((5, 9), Outcome::Done) };
    let left = |node| {
        let mut read = read(node, 2, (10, 11), Mark::Hit);
        read.found.by = 7;
        read
    };
    let breaks = |node, settled: &[Settled]| {
        let (changes, settled) = (vec![failed.clone(), newer.clone()], settled.to_vec());
        let record = Record { reads: vec![left(node)], changes, settled, ..Record::default() };
        breaks(&story(false), &record)
    };
    assert!(!breaks(1, &[]));
    assert!(breaks(1, &[Settled { node: 0, during: during(4, 5) }]));
}

#[test]
fn an_answer_is_its_own_keys() {
    let mut mixed_up = read(0, 2, (10, 11), Mark::Hit);
    mixed_up.found.row = 1;
    assert!(breaks(&story(true), &record(mixed_up, change((20, 21), Outcome::Done))));
}

#[test]
fn where_nothing_fails_one_computes_at_a_time_unless_the_lease_was_taken() {
    let compute = |node, asked, began, ended| {
        let (asked, during) = (moment(asked), during(began, ended));
        Compute { node, row: 0, kind: Kind::Needed, asked, during }
    };
    let broken = |second: Compute, changes: Vec<Change>, story: Story| {
        let computes = vec![compute(0, 5, 10, 20), second];
        let record = Record { computes, changes, ..Record::default() };
        !fair_weather::violations(&story, &record).is_empty()
    };
    let story = || calm(self::story(true));
    assert!(broken(compute(1, 6, 15, 25), vec![], story()));
    assert!(!broken(compute(1, 6, 21, 25), vec![], story()), "one after the other");
    assert!(!broken(Compute { row: 1, ..compute(1, 6, 15, 25) }, vec![], story()));
    assert!(!broken(Compute { kind: Kind::Other, ..compute(1, 6, 15, 25) }, vec![], story()));
    let voided = change((11, 13), Outcome::Done);
    assert!(!broken(compute(1, 6, 15, 25), vec![voided], story()));
    assert!(broken(compute(1, 6, 15, 25), vec![change((1, 3), Outcome::Done)], story()));
    assert!(!broken(compute(1, 6, 15, 25), vec![], self::story(true)), "leases may be lost");
}

#[test]
fn where_nothing_fails_nobody_is_given_something_older_than_before() {
    let broken = |second: Read| {
        let reads = vec![read(0, 2, (10, 11), Mark::Hit), second];
        let record = Record { reads, ..Record::default() };
        !fair_weather::violations(&calm(story(true)), &record).is_empty()
    };
    assert!(broken(read(0, 1, (12, 13), Mark::Hit)));
    assert!(!broken(read(0, 1, (11, 13), Mark::Hit)), "at the same time");
    assert!(!broken(read(1, 1, (12, 13), Mark::Hit)), "on another node");
}

#[test]
fn what_is_past_its_time_is_marked_and_within_its_window() {
    let broken = |at, mark, stale: u64| {
        let stale = Duration::from_millis(stale);
        let story = Story { ttl: Duration::from_millis(250), stale, ..calm(story(true)) };
        let record = Record { reads: vec![read(0, 1, (at, at + 1), mark)], ..Record::default() };
        !fair_weather::violations(&story, &record).is_empty()
    };
    assert!(broken(800, Mark::Hit, 300));
    assert!(!broken(240, Mark::Hit, 300));
    assert!(!broken(500, Mark::Stale, 300));
    assert!(broken(1_100, Mark::Stale, 300));
    assert!(broken(200, Mark::Stale, 0), "nobody chose to be served it");
}
