//! What is promised beside, where nothing fails.
//!
//! - **One compute per key at a time**, on all nodes, of what is missing, old or about to be. A batch computes what another
//!   process computes, a refresh whatever there is, and what an invalidation voids is computed again beside it.
//! - **Nothing goes back**: who has been given a hit, or has had a value refreshed, is given nothing older by the same node.
//! - **What is past its time** is served only with the mark of it, and only within its window.

use std::time::Duration;

use samekey::server::WhenDown;

use super::history::{Compute, Kind, Mark, Read, Record};
use super::story::Story;

pub(super) fn violations(story: &Story, record: &Record) -> Vec<String> {
    let mut broken = too_old(story, record);
    if story.is_calm() {
        broken.extend(at_once(record));
        broken.extend(gone_back(record));
    }
    broken
}

fn at_once(record: &Record) -> Vec<String> {
    let computes = record.computes.iter().filter(|it| it.kind == Kind::Needed);
    let computes: Vec<_> = computes.collect();
    let pairs = computes.iter().flat_map(|first| {
        let others = computes.iter().filter(|second| {
            let (first, second) = (first.during, second.during);
            first.began.order < second.began.order && first.overlaps(&second)
        });
        others.map(move |second| (*first, *second))
    });
    pairs
        .filter(|(first, second)| first.row == second.row && !is_disturbed(record, first, second))
        .map(|(first, second)| format!("{second:?}\n    is beside {first:?}"))
        .collect()
}

/// Whether anything has taken the lease of the first.
fn is_disturbed(record: &Record, first: &Compute, second: &Compute) -> bool {
    let lies_between =
        |began: u64, ended: u64| began < second.during.began.order && ended > first.asked.order;
    let changes = record.changes.iter().filter(|it| it.version_of(first.row).is_some());
    let mut changes = changes.map(|it| it.during);
    let refreshes = record.computes.iter();
    let mut refreshes = refreshes.filter(|it| it.kind == Kind::Other && it.row == first.row);
    changes.any(|it| lies_between(it.began.order, it.ended.order))
        || refreshes.any(|it| lies_between(it.asked.order, it.during.ended.order))
}

fn gone_back(record: &Record) -> Vec<String> {
    let is_sure = |read: &&Read| matches!(read.mark, Mark::Hit | Mark::Refreshed);
    let mut broken = Vec::new();
    for before in record.reads.iter().filter(is_sure) {
        let after = record.reads.iter().find(|after| {
            (after.node, after.row) == (before.node, before.row)
                && before.during.is_before(&after.during)
                && !matches!(after.mark, Mark::Stale | Mark::None)
                && after.found.version < before.found.version
        });
        broken.extend(after.map(|after| format!("{after:?}\n    goes back behind {before:?}")));
    }
    broken
}

/// From when a value was computed to when it was stored nobody took much longer than the slowest question to the store; where
/// things fail, than the slowest of all, a fault, and what follows from it.
fn too_old(story: &Story, record: &Record) -> Vec<String> {
    let counts = |read: &&Read| !story.is_calm() || read.way == "get";
    let slowest = record.reads.iter().filter(counts).map(|read| read.during.took()).max();
    let beside = Duration::from_millis(if story.is_calm() { 500 } else { 1_000 });
    let slack = 2 * slowest.unwrap_or_default() + beside;
    let is_broken = |read: &&Read| {
        let age = read.during.began.at.saturating_sub(Duration::from_micros(read.found.at));
        let limit = match read.mark {
            Mark::Hit => story.ttl,
            Mark::Stale | Mark::None => story.ttl + story.stale,
            Mark::Computed | Mark::Refreshed => return false,
        };
        age > limit + slack
    };
    let old = record.reads.iter().filter(is_broken).map(|read| format!("past its time: {read:?}"));
    let unasked = |read: &&Read| {
        read.mark == Mark::Stale && story.stale.is_zero() && story.when_down != WhenDown::Stale
    };
    let marked = record.reads.iter().filter(unasked);
    old.chain(marked.map(|read| format!("stale, which nobody chose: {read:?}"))).collect()
}
