//! What a store has yet to be told: which keys and patterns are no longer true. Pure: the time is an argument.

mod done_on;

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use super::file::OwedOf;
use crate::schema::{Pattern, PatternSegment};
use crate::server::store::Shard;
use crate::server::ttl::Ttl;

pub(super) use self::done_on::DoneOn;

/// Removals that failed, until they have been carried out. The newest per key and per pattern is the only
/// one: to remove twice removes no more.
#[derive(Debug)]
pub(super) struct Queue {
    most_keys: usize,
    most_patterns: usize,
    horizon: Duration,
    keys: HashMap<String, Item>,
    patterns: HashMap<Pattern, PatternItem>,
    /// Numbers the items, so that what was queued anew while it was being carried out stays.
    number: u64,
    expired: u64,
    widened: u64,
}

#[derive(Clone, Copy, Debug)]
struct Item {
    number: u64,
    /// When everything that was stored before has expired by itself.
    expires_at: Instant,
}

#[derive(Clone, Debug)]
struct PatternItem {
    item: Item,
    /// The servers that have carried it out since.
    done_on: DoneOn,
}

/// A pattern that is to be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Due {
    pub(super) pattern: Pattern,
    number: u64,
    /// Not on these any more.
    pub(super) done_on: DoneOn,
}

/// What is to be carried out in one go, with the items' numbers.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Batch {
    pub(super) keys: Vec<(String, u64)>,
    pub(super) patterns: Vec<Due>,
}

impl Queue {
    pub(super) fn new(most_keys: usize, most_patterns: usize, horizon: Duration) -> Self {
        Self {
            most_keys,
            most_patterns,
            horizon: Ttl::cut(horizon),
            keys: HashMap::new(),
            patterns: HashMap::new(),
            number: 0,
            expired: 0,
            widened: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len() + self.patterns.len()
    }

    pub(super) fn keys(&self) -> usize {
        self.keys.len()
    }

    pub(super) fn patterns(&self) -> usize {
        self.patterns.len()
    }

    /// How many were given up because nothing that they mean can still be there.
    pub(super) const fn expired(&self) -> u64 {
        self.expired
    }

    /// How many were too many and were taken together with others of their family.
    pub(super) const fn widened(&self) -> u64 {
        self.widened
    }

    /// The number of the newest item; those queued later have a higher one.
    pub(super) const fn number(&self) -> u64 {
        self.number
    }

    pub(super) fn add_key(&mut self, key: &str, now: Instant) {
        self.add_old_key(key, Duration::ZERO, now);
    }

    /// One that was asked for so long ago.
    pub(super) fn add_old_key(&mut self, key: &str, age: Duration, now: Instant) {
        let item = self.item(age, now);
        if let Some(queued) = self.keys.get_mut(key) {
            *queued = item;
            return;
        }
        if self.keys.len() >= self.most_keys
            && let Some(wide) = family_of(key)
        {
            return self.widen(wide, item);
        }
        self.keys.insert(key.to_owned(), item);
    }

    /// To be carried out everywhere but on `done_on`, which just have.
    pub(super) fn add_pattern(&mut self, pattern: &Pattern, done_on: &DoneOn, now: Instant) {
        let item = PatternItem { item: self.item(Duration::ZERO, now), done_on: done_on.clone() };
        self.put_pattern(pattern, item);
    }

    /// One that was asked for so long ago, to be carried out everywhere.
    pub(super) fn add_old_pattern(&mut self, pattern: &Pattern, age: Duration, now: Instant) {
        let item = PatternItem { item: self.item(age, now), done_on: DoneOn::default() };
        self.put_pattern(pattern, item);
    }

    fn put_pattern(&mut self, pattern: &Pattern, item: PatternItem) {
        if let Some(queued) = self.patterns.get_mut(pattern) {
            *queued = item;
            return;
        }
        if self.patterns.len() >= self.most_patterns
            && let Some(wide) = family_of(pattern.as_str())
        {
            return self.widen(wide, item.item);
        }
        self.patterns.insert(pattern.clone(), item);
    }

    /// Whether what the store holds under `key` may be something that was to be removed. `shard_of` says which
    /// server has a key, and how often keys had moved when it had it.
    pub(super) fn distrusts(
        &self,
        key: &str,
        shard_of: impl Fn(&str) -> Option<(Shard, u64)>,
    ) -> bool {
        let is_done = |of: &PatternItem| {
            !of.done_on.is_nowhere()
                && shard_of(key).is_some_and(|(shard, moves)| of.done_on.has(&shard, moves))
        };
        self.keys.contains_key(key)
            || self.patterns.iter().any(|(pattern, of)| pattern.matches(key) && !is_done(of))
    }

    /// `key` was overwritten or removed by a call that began when `number` was the newest.
    pub(super) fn forget(&mut self, key: &str, number: u64) {
        if self.keys.get(key).is_some_and(|item| item.number <= number) {
            self.keys.remove(key);
        }
    }

    /// Everything that is queued, without what has expired.
    pub(super) fn batch(&mut self, now: Instant) -> Batch {
        let before = self.len();
        self.keys.retain(|_, item| item.expires_at > now);
        self.patterns.retain(|_, of| of.item.expires_at > now);
        self.expired += (before - self.len()) as u64;
        Batch {
            keys: self.keys.iter().map(|(key, item)| (key.clone(), item.number)).collect(),
            patterns: self.patterns.iter().map(|(pattern, of)| Due::of(pattern, of)).collect(),
        }
    }

    /// These were carried out. What was queued again meanwhile stays.
    pub(super) fn done_keys(&mut self, keys: &[(String, u64)]) {
        for (key, number) in keys {
            self.forget(key, *number);
        }
    }

    /// The same of a pattern, everywhere.
    pub(super) fn done_pattern(&mut self, due: &Due) {
        if self.patterns.get(&due.pattern).is_some_and(|of| of.item.number <= due.number) {
            self.patterns.remove(&due.pattern);
        }
    }

    /// The same on these servers.
    pub(super) fn done_on(&mut self, due: &Due, shards: &DoneOn) {
        if let Some(of) = self.patterns.get_mut(&due.pattern)
            && of.item.number <= due.number
        {
            of.done_on.add(shards);
        }
    }

    /// What is queued, with how long ago it was asked for.
    pub(super) fn owed(&self, now: Instant) -> impl Iterator<Item = (OwedOf, Duration)> {
        let age = move |item: &Item| {
            self.horizon.saturating_sub(item.expires_at.saturating_duration_since(now))
        };
        let keys = self.keys.iter().map(move |(key, item)| (OwedOf::Key(key.clone()), age(item)));
        let patterns = self.patterns.iter();
        keys.chain(
            patterns.map(move |(pattern, of)| (OwedOf::Pattern(pattern.clone()), age(&of.item))),
        )
    }

    fn item(&mut self, age: Duration, now: Instant) -> Item {
        self.number += 1;
        Item { number: self.number, expires_at: now + self.horizon.saturating_sub(age) }
    }

    /// Queues `wide` in the place of all that it covers: more will be computed anew than has to be, and
    /// nothing stale is left.
    fn widen(&mut self, wide: Pattern, item: Item) {
        self.widened += 1;
        self.keys.retain(|key, _| !wide.matches(key));
        let first = wide.segments().first().cloned();
        self.patterns.retain(|pattern, _| {
            pattern.segments().len() == 1 || pattern.segments().first() != first.as_ref()
        });
        self.patterns.insert(wide, PatternItem { item, done_on: DoneOn::default() });
    }
}

impl Due {
    fn of(pattern: &Pattern, of: &PatternItem) -> Self {
        let (pattern, done_on) = (pattern.clone(), of.done_on.clone());
        Self { pattern, number: of.item.number, done_on }
    }
}

/// Every key that begins with the same segment: `exec:*` of `exec:kpis:ws1`. Nothing of what begins with a
/// wildcard: all keys of a Redis are not ours to remove.
fn family_of(text: &str) -> Option<Pattern> {
    let (first, _) = text.split_once(':')?;
    let wide = Pattern::parse(&format!("{first}:*")).ok()?;
    matches!(wide.segments().first(), Some(PatternSegment::Literal(_))).then_some(wide)
}

#[cfg(test)]
mod tests;
