//! What a store has yet to be told: which keys and patterns are no longer true. Pure: the time is an argument.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::schema::{Pattern, PatternSegment};

/// Removals that failed, until they have been carried out. The newest per key and per pattern is the only
/// one: to remove twice removes no more.
#[derive(Debug)]
pub(super) struct Queue {
    most_keys: usize,
    most_patterns: usize,
    horizon: Duration,
    keys: HashMap<String, Item>,
    patterns: HashMap<Pattern, Item>,
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

/// What is to be carried out in one go, with the items' numbers.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Batch {
    pub(super) keys: Vec<(String, u64)>,
    pub(super) patterns: Vec<(Pattern, u64)>,
}

impl Queue {
    pub(super) fn new(most_keys: usize, most_patterns: usize, horizon: Duration) -> Self {
        Self {
            most_keys,
            most_patterns,
            horizon,
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
        let item = self.item(now);
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

    pub(super) fn add_pattern(&mut self, pattern: &Pattern, now: Instant) {
        let item = self.item(now);
        if let Some(queued) = self.patterns.get_mut(pattern) {
            *queued = item;
            return;
        }
        if self.patterns.len() >= self.most_patterns
            && let Some(wide) = family_of(pattern.as_str())
        {
            return self.widen(wide, item);
        }
        self.patterns.insert(pattern.clone(), item);
    }

    /// Whether what the store holds under `key` may be something that was to be removed.
    pub(super) fn distrusts(&self, key: &str) -> bool {
        self.keys.contains_key(key) || self.patterns.keys().any(|pattern| pattern.matches(key))
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
        self.patterns.retain(|_, item| item.expires_at > now);
        self.expired += (before - self.len()) as u64;
        Batch {
            keys: self.keys.iter().map(|(key, item)| (key.clone(), item.number)).collect(),
            patterns: self.patterns.iter().map(|(it, item)| (it.clone(), item.number)).collect(),
        }
    }

    /// These were carried out. What was queued again meanwhile stays.
    pub(super) fn done<'a>(
        &mut self,
        keys: &[(String, u64)],
        patterns: impl IntoIterator<Item = &'a (Pattern, u64)>,
    ) {
        for (key, number) in keys {
            self.forget(key, *number);
        }
        for (pattern, number) in patterns {
            if self.patterns.get(pattern).is_some_and(|item| item.number <= *number) {
                self.patterns.remove(pattern);
            }
        }
    }

    fn item(&mut self, now: Instant) -> Item {
        self.number += 1;
        Item { number: self.number, expires_at: now + self.horizon }
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
        self.patterns.insert(wide, item);
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
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    fn queue() -> (Queue, Instant) {
        (Queue::new(3, 3, DAY), Instant::now())
    }

    fn pattern(text: &str) -> Pattern {
        Pattern::parse(text).unwrap()
    }

    #[test]
    fn a_key_is_queued_once_and_the_newest_counts() {
        let (mut queue, now) = queue();
        queue.add_key("a:1", now);
        let old = queue.batch(now);
        queue.add_key("a:1", now + DAY / 2);
        assert_eq!(queue.len(), 1);
        queue.done(&old.keys, &old.patterns);
        assert!(queue.distrusts("a:1"), "queued again while the first was carried out");
        assert_eq!(queue.batch(now + DAY).keys.len(), 1, "it lives as long as the newest");
    }

    #[test]
    fn what_is_queued_is_not_trusted_and_its_neighbours_are() {
        let (mut queue, now) = queue();
        queue.add_key("exec:kpis:ws1", now);
        queue.add_pattern(&pattern("agent:*:a7:*"), now);
        for key in ["exec:kpis:ws1", "agent:analytics:a7:7d"] {
            assert!(queue.distrusts(key));
        }
        for key in ["exec:kpis:ws2", "agent:analytics:a8:7d"] {
            assert!(!queue.distrusts(key));
        }
        let batch = queue.batch(now);
        queue.done(&batch.keys, &batch.patterns);
        assert_eq!(queue.len(), 0);
        assert!(!queue.distrusts("exec:kpis:ws1"));
    }

    #[test]
    fn too_many_keys_become_their_family_and_take_no_more_room() {
        let (mut queue, now) = queue();
        queue.add_key("user:activity:u1:today", now);
        for workspace in 0..1_000 {
            queue.add_key(&format!("exec:kpis:ws{workspace}"), now);
        }
        assert!(queue.distrusts("exec:kpis:ws0") && queue.distrusts("exec:kpis:ws999"));
        assert!(queue.distrusts("exec:dashboard:ws5:7d"), "more than has to be");
        assert!(!queue.distrusts("user:activity:u2:today"), "the other family is as it was");
        assert!(queue.distrusts("user:activity:u1:today"));
        assert!(queue.len() <= 4 && queue.widened() > 0, "{queue:?}");
    }

    #[test]
    fn too_many_patterns_become_their_family() {
        let (mut queue, now) = queue();
        for workspace in 0..1_000 {
            queue.add_pattern(&pattern(&format!("exec:*:ws{workspace}:*")), now);
            queue.add_pattern(&pattern(&format!("ws:overview:ws{workspace}")), now);
        }
        for key in ["exec:dashboard:ws0:7d", "exec:dashboard:ws999:7d", "ws:overview:ws500"] {
            assert!(queue.distrusts(key));
        }
        assert!(!queue.distrusts("agent:analytics:a7:7d"));
        assert!(queue.len() <= 4, "{queue:?}");
    }

    #[test]
    fn nothing_is_ever_widened_to_all_keys() {
        let (mut queue, now) = queue();
        for n in 0..10 {
            queue.add_pattern(&pattern(&format!("*:x{n}:*")), now);
            queue.add_key(&format!("single{n}"), now);
        }
        assert_eq!(queue.len(), 20, "no family is known of these: they are kept as they are");
        assert!(!queue.distrusts("celery:task:1"));
    }

    #[test]
    fn what_can_no_longer_be_there_is_dropped() {
        let (mut queue, now) = queue();
        queue.add_key("a:1", now);
        queue.add_pattern(&pattern("b:*"), now + Duration::from_secs(1));
        let batch = queue.batch(now + DAY);
        assert_eq!((batch.keys.len(), batch.patterns.len(), queue.expired()), (0, 1, 1));
    }

    #[test]
    fn a_write_that_succeeds_takes_its_key_out_unless_it_was_queued_meanwhile() {
        let (mut queue, now) = queue();
        queue.add_key("a:1", now);
        let began = queue.number();
        queue.forget("a:1", began);
        assert!(!queue.distrusts("a:1"));
        queue.add_key("a:1", now);
        queue.forget("a:1", began);
        assert!(queue.distrusts("a:1"));
    }
}
