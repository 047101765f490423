//! A share of the entries, and which of them have to go.
//!
//! The entries are found by the hash of their key alone. Of two keys that share all 64 bits the later takes the place
//! of the earlier; whoever looks compares the text, which stands in its place, so that can only cost a hit.
//!
//! What has to go is S3-FIFO's choice (Yang, Zhang, Qiu, Yue and Vigfusson, "FIFO queues are all you need for cache
//! eviction", SOSP 2023). What is new waits in a small queue, a tenth of the budget, and leaves with it unless somebody
//! has asked for it meanwhile: a walk over many keys that are read once pushes out nothing that is read often. What was
//! asked for moves into the main queue, and goes round in it as long as it is. A hit only counts up in place.

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use tokio::time::Instant;

use super::config::weight;
use super::held::Held;
use super::place::Place;

/// The small queue's part of the budget.
const SMALL_PART: u64 = 10;

/// Keys that left the small queue are remembered at least so many: who comes back was thrown out too early.
const LEAST_GHOSTS: usize = 64;

#[derive(Default)]
pub(super) struct Shard {
    places: HashMap<u64, Place, BuildHasherDefault<Hashed>>,
    small: Queue,
    main: Queue,
    ghosts: Ghosts,
    budget: u64,
    tickets: u32,
}

/// In the order in which they came. Who goes by other ways leaves its turn behind.
#[derive(Default)]
struct Queue {
    turns: VecDeque<Turn>,
    weight: u64,
}

struct Turn {
    hash: u64,
    ticket: u32,
}

#[derive(Default)]
struct Ghosts {
    known: HashSet<u64, BuildHasherDefault<Hashed>>,
    order: VecDeque<u64>,
}

/// What had to make room. Dropped by the caller, outside of the lock.
#[derive(Default)]
pub(super) struct Dropped {
    /// Replaced, or evicted when their time had passed.
    pub(super) old: Vec<Arc<Held>>,
    /// Evicted while they were still good.
    pub(super) evicted: Vec<Arc<Held>>,
}

impl Shard {
    pub(super) fn new(budget: u64) -> Self {
        Self { budget, ..Self::default() }
    }

    pub(super) fn place(&self, hash: u64, key: &str) -> Option<&Place> {
        self.places.get(&hash).filter(|place| place.is_of(key))
    }

    /// Puts `held` in, in place of what its key had, not yet to be served; it must not weigh more than the budget.
    pub(super) fn insert(&mut self, hash: u64, held: Arc<Held>, fresh_until: u64) -> Dropped {
        let mut dropped = Dropped::default();
        let added = weight(&held);
        if let Some(place) = self.places.get_mut(&hash) {
            let queue = if place.in_main { &mut self.main } else { &mut self.small };
            queue.weight = queue.weight + added - weight(&place.held);
            let next = Place::new(held, fresh_until, place.ticket, place.in_main);
            next.visits.store(*place.visits.get_mut(), Relaxed);
            dropped.old.push(std::mem::replace(place, next).held);
        } else {
            let in_main = self.ghosts.forget(hash);
            let queue = if in_main { &mut self.main } else { &mut self.small };
            self.tickets = self.tickets.wrapping_add(1);
            queue.push(Turn { hash, ticket: self.tickets }, added);
            self.places.insert(hash, Place::new(held, fresh_until, self.tickets, in_main));
        }
        if self.weight() > self.budget {
            self.make_room(&mut dropped);
        }
        dropped
    }

    /// Removes what `key` has if `meant` says so of it.
    pub(super) fn remove(
        &mut self,
        hash: u64,
        key: &str,
        meant: impl FnOnce(&Arc<Held>) -> bool,
    ) -> Option<Arc<Held>> {
        let place = self.places.get(&hash)?;
        if !place.is_of(key) || !meant(&place.held) {
            return None;
        }
        let removed = self.take(hash);
        self.tidy();
        removed
    }

    /// Removes the entries of all keys that `meant` means.
    pub(super) fn remove_all(&mut self, meant: impl Fn(&str) -> bool) -> Vec<Arc<Held>> {
        let places = self.places.iter().filter(|(_, place)| meant(place.key()));
        let hashes: Vec<_> = places.map(|(hash, _)| *hash).collect();
        let removed = hashes.into_iter().filter_map(|hash| self.take(hash)).collect();
        self.tidy();
        removed
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    pub(super) fn weight(&self) -> u64 {
        self.small.weight + self.main.weight
    }

    pub(super) fn budget(&self) -> u64 {
        self.budget
    }

    fn take(&mut self, hash: u64) -> Option<Arc<Held>> {
        let Place { held, in_main, .. } = self.places.remove(&hash)?;
        let queue = if in_main { &mut self.main } else { &mut self.small };
        queue.weight -= weight(&held);
        Some(held)
    }

    /// Forgets the turns of those who have gone, when they are more than those who are there.
    fn tidy(&mut self) {
        if self.small.turns.len() + self.main.turns.len() > 2 * self.places.len() + 64 {
            let places = &self.places;
            let is_there = |turn: &Turn| {
                places.get(&turn.hash).is_some_and(|place| place.ticket == turn.ticket)
            };
            self.small.turns.retain(is_there);
            self.main.turns.retain(is_there);
        }
    }

    fn make_room(&mut self, dropped: &mut Dropped) {
        let now = Instant::now();
        while self.weight() > self.budget {
            let from_small = self.small.weight > self.budget / SMALL_PART || self.main.weight == 0;
            let queue = if from_small { &mut self.small } else { &mut self.main };
            let Some(turn) = queue.turns.pop_front() else { return };
            let Some(place) = self.places.get_mut(&turn.hash) else { continue };
            if place.ticket != turn.ticket {
                continue;
            }
            let visits = place.visits.get_mut();
            let is_good = place.held.may_be_kept(now);
            if is_good && *visits > 0 {
                let weight = weight(&place.held);
                *visits = if from_small { 0 } else { *visits - 1 };
                place.in_main = true;
                queue.weight -= weight;
                self.main.push(turn, weight);
                continue;
            }
            let gone = self.take(turn.hash);
            if is_good {
                if from_small {
                    self.ghosts.remember(turn.hash, self.places.len().max(LEAST_GHOSTS));
                }
                dropped.evicted.extend(gone);
            } else {
                dropped.old.extend(gone);
            }
        }
    }
}

impl Queue {
    fn push(&mut self, turn: Turn, weight: u64) {
        self.turns.push_back(turn);
        self.weight += weight;
    }
}

impl Ghosts {
    fn remember(&mut self, hash: u64, most: usize) {
        if self.known.insert(hash) {
            self.order.push_back(hash);
        }
        while self.order.len() > most {
            if let Some(oldest) = self.order.pop_front() {
                self.known.remove(&oldest);
            }
        }
    }

    /// Whether it was known. Its turn in the order stays, and ends a later memory of it early at worst.
    fn forget(&mut self, hash: u64) -> bool {
        self.known.remove(&hash)
    }
}

/// What is a hash already.
#[derive(Default)]
pub(super) struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn write(&mut self, bytes: &[u8]) {
        // Nothing but `u64` is hashed with it.
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }
}
