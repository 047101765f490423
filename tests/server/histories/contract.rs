//! What is promised of an invalidation, and which reads of a history break it.
//!
//! *Invalidation* is whatever changes a row: `delete`, by pattern, by entity, by event, and `set`, whose value is the newest.
//! It was *answered* with success or with an error; after an error its node *owes* it and will carry it out. Its *floor* is the
//! version that the row had in the database when it was asked for. No read that is given for fresh may be below the floor:
//!
//! 1. **on the node that was asked**, from the answer on, whatever the answer was;
//! 2. **on every node**, from the success on, or from the moment at which its node owes it no more, for all that is not a copy
//!    of the process: what is computed, what is waited for, and all reads of a node that holds no copies. (A node to which Redis
//!    gives no answer may share a compute that it has begun before);
//! 3. **copies of another node** may be served until that node has heard: it has read the log as far as it reached after
//!    the success, when all that nodes had to say was in it;
//! 4. or until it must have noticed that it hears nothing ([`DEAF`]).
//!
//! Below it may be what says so: a value that is marked stale. And what a write left that its node owes: the write may still be
//! on its way. Its removal follows it, and until that is done the value may be met elsewhere.

use std::time::Duration;

use samekey::server::WhenDown;

use super::history::{Change, Mark, Outcome, Read, Record};
use super::node::IMPATIENCE;
use super::story::Story;

/// The watch asks once a second, twice for an answer; a call waits for an answer and two connections.
const DEAF: Duration = Duration::from_millis(1_000 + 2 * (3 * IMPATIENCE.as_millis() as u64 + 50));

pub(super) fn violations(story: &Story, record: &Record) -> Vec<String> {
    let contract = Contract { story, record };
    record.reads.iter().flat_map(|read| contract.broken_by(read)).collect()
}

struct Contract<'a> {
    story: &'a Story,
    record: &'a Record,
}

impl Contract<'_> {
    fn broken_by(&self, read: &Read) -> Vec<String> {
        let mut broken = Vec::new();
        if read.found.row != read.row {
            broken.push(format!("the answer is another key's: {read:?}"));
        }
        if !self.is_given_for_fresh(read) || self.is_in_doubt(read) {
            return broken;
        }
        let overtaking = self.record.changes.iter().find(|change| {
            let floor = change.version_of(read.row);
            floor.is_some_and(|floor| read.found.version < floor) && self.binds(change, read)
        });
        broken.extend(overtaking.map(|change| format!("{read:?}\n    is older than {change:?}")));
        broken
    }

    /// Whether `read` may not be older than `change`.
    fn binds(&self, change: &Change, read: &Read) -> bool {
        if !change.during.is_before(&read.during) {
            return false;
        }
        if change.node == read.node {
            return true;
        }
        let is_shared = read.alone && matches!(read.mark, Mark::Computed | Mark::None);
        if self.is_no_copy(read) && !is_shared && self.is_carried_out(change, read) {
            return true;
        }
        change.outcome == Outcome::Done
            && (self.has_heard(change, read) || self.is_long_ago(change, read))
    }

    fn is_given_for_fresh(&self, read: &Read) -> bool {
        // One who is served what is held while the store is away, and who has no way to be told so.
        let untold = read.mark == Mark::None && self.story.when_down == WhenDown::Stale;
        read.mark != Mark::Stale && !untold
    }

    fn is_no_copy(&self, read: &Read) -> bool {
        self.story.nodes.get(read.node) == Some(&false)
            || matches!(read.mark, Mark::Computed | Mark::Refreshed)
    }

    fn is_carried_out(&self, change: &Change, read: &Read) -> bool {
        let settled = || {
            self.record.settled.iter().any(|settled| {
                settled.node == change.node
                    && change.during.is_before(&settled.during)
                    && settled.during.is_before(&read.during)
            })
        };
        change.outcome == Outcome::Done || settled()
    }

    fn has_heard(&self, change: &Change, read: &Read) -> bool {
        self.record.heard.iter().any(|heard| {
            heard.node == read.node
                && change.during.is_before(&heard.during)
                && heard.during.is_before(&read.during)
        })
    }

    /// What takes its time on a busy machine is as late as the slowest of all.
    fn is_long_ago(&self, change: &Change, read: &Read) -> bool {
        let longest = self.record.reads.iter().map(|read| read.during.took()).max();
        let limit = DEAF + longest.unwrap_or_default();
        let is_node = read.node < self.story.nodes.len();
        is_node && !self.story.is_calm() && read.during.began.at > change.during.ended.at + limit
    }

    /// Whether it is what a write has left that failed elsewhere.
    fn is_in_doubt(&self, read: &Read) -> bool {
        let of = |change: &&Change| change.write.is_some_and(|write| write == read.found.by);
        self.record.changes.iter().find(of).is_some_and(|write| {
            write.outcome == Outcome::Owed
                && write.node != read.node
                // A copy goes when its removal is heard of; the end of the story looks whether it is.
                && (!self.is_no_copy(read) || !self.is_carried_out(write, read))
        })
    }
}
