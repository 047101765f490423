//! Keys that were set, until they are told: so many of a family by name, more as what they have in common.
//!
//! A loader that sets 100,000 keys would fill the log ten times over, and every browser would be sent megabytes of names of
//! which it holds none. So the first is told at once and what comes in the moment after it together; and a family of which
//! very many were set in one moment is told as a pattern, and then not again for a while: browsers ask for what they show of
//! it each time.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use tokio::time::Instant;

use crate::schema::Pattern;

/// Between two tellings: ten notices a second, for which the log is sized to reach back a quarter of an hour.
pub(super) const MOMENT: Duration = Duration::from_millis(100);

/// Between two tellings of one family by what its keys have in common.
pub(super) const FLOOD: Duration = Duration::from_secs(1);

/// How many keys of a family are told by name at once: what a stream is sent in a moment stays within some kilobytes.
pub(super) const BY_NAME: usize = 100;

#[derive(Debug, Default)]
pub(super) struct Gathered {
    families: HashMap<String, Keys>,
    /// When something was told last.
    told: Option<Instant>,
    /// When a family was told by what its keys have in common.
    flooded: HashMap<String, Instant>,
}

/// Keys of one family.
#[derive(Debug)]
enum Keys {
    ByName(BTreeSet<String>),
    InCommon(Vec<Shape>),
}

/// What keys of the same number of segments have in common: `None` where they differ.
type Shape = Vec<Option<String>>;

impl Gathered {
    pub(super) fn add(&mut self, family: &str, key: &str) {
        let Some(keys) = self.families.get_mut(family) else {
            let keys = Keys::ByName(BTreeSet::from([key.to_owned()]));
            self.families.insert(family.to_owned(), keys);
            return;
        };
        match keys {
            Keys::ByName(names) => {
                if names.len() < BY_NAME {
                    names.insert(key.to_owned());
                } else if !names.contains(key) {
                    let mut shapes = Vec::new();
                    names.iter().for_each(|name| take_in(&mut shapes, name));
                    take_in(&mut shapes, key);
                    *keys = Keys::InCommon(shapes);
                }
            }
            Keys::InCommon(shapes) => take_in(shapes, key),
        }
    }

    /// When something is to be told next; `None` when there is nothing to tell.
    pub(super) fn due(&self, now: Instant) -> Option<Instant> {
        let next = self.told.map_or(now, |told| told + MOMENT);
        let families = self.families.iter();
        families.map(|(family, keys)| next.max(self.held_until(family, keys).unwrap_or(next))).min()
    }

    fn held_until(&self, family: &str, keys: &Keys) -> Option<Instant> {
        match keys {
            Keys::ByName(_) => None,
            Keys::InCommon(_) => Some(*self.flooded.get(family)? + FLOOD),
        }
    }

    /// How many patterns tell of all of it.
    pub(super) fn len(&self) -> usize {
        let lengths = self.families.values().map(|keys| match keys {
            Keys::ByName(names) => names.len(),
            Keys::InCommon(shapes) => shapes.len(),
        });
        lengths.sum()
    }

    /// What is to be told now.
    pub(super) fn take_due(&mut self, now: Instant) -> Vec<Pattern> {
        self.flooded.retain(|_, told| *told + FLOOD > now);
        let all = std::mem::take(&mut self.families).into_iter();
        let (held, due): (Vec<_>, _) =
            all.partition(|(family, keys)| self.held_until(family, keys).is_some());
        self.families.extend(held);
        self.told_of(due, now)
    }

    /// All of it, due or not.
    pub(super) fn take_all(&mut self, now: Instant) -> Vec<Pattern> {
        let all = std::mem::take(&mut self.families).into_iter().collect();
        self.told_of(all, now)
    }

    fn told_of(&mut self, families: Vec<(String, Keys)>, now: Instant) -> Vec<Pattern> {
        let mut texts = Vec::new();
        for (family, keys) in families {
            match keys {
                Keys::ByName(names) => texts.extend(names),
                Keys::InCommon(shapes) => {
                    texts.extend(shapes.into_iter().map(text));
                    self.flooded.insert(family, now);
                }
            }
        }
        if !texts.is_empty() {
            self.told = Some(now);
        }
        // A key's text is the pattern that means it alone. A text that is none is nobody's key.
        texts.iter().filter_map(|text| Pattern::parse(text).ok()).collect()
    }
}

fn take_in(shapes: &mut Vec<Shape>, key: &str) {
    let count = key.bytes().filter(|byte| *byte == b':').count() + 1;
    let first = key.split(':').next();
    // Also of keys that are no family's: a pattern that begins as none does would mean many.
    let is_alike = |shape: &Shape| shape.len() == count && shape[0].as_deref() == first;
    let Some(shape) = shapes.iter_mut().find(|shape| is_alike(shape)) else {
        return shapes.push(key.split(':').map(|segment| Some(segment.to_owned())).collect());
    };
    for (common, segment) in shape.iter_mut().zip(key.split(':')) {
        if common.as_deref().is_some_and(|common| common != segment) {
            *common = None;
        }
    }
}

fn text(shape: Shape) -> String {
    let segments: Vec<_> = shape.iter().map(|common| common.as_deref().unwrap_or("*")).collect();
    segments.join(":")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(patterns: &[Pattern]) -> Vec<&str> {
        let mut texts: Vec<_> = patterns.iter().map(Pattern::as_str).collect();
        texts.sort_unstable();
        texts
    }

    #[test]
    fn the_first_is_due_at_once_and_the_next_a_moment_after_it() {
        let (mut gathered, now) = (Gathered::default(), Instant::now());
        assert_eq!(gathered.due(now), None);
        gathered.add("kpis", "exec:kpis:ws1");
        assert_eq!(gathered.due(now), Some(now));
        assert_eq!(texts(&gathered.take_due(now)), ["exec:kpis:ws1"]);
        assert_eq!(gathered.due(now), None);
        for key in ["exec:kpis:ws2", "exec:kpis:ws1", "exec:kpis:ws2"] {
            gathered.add("kpis", key);
        }
        gathered.add("overview", "ws:overview:ws1");
        assert_eq!(gathered.due(now), Some(now + MOMENT));
        let told = gathered.take_due(now + MOMENT);
        assert_eq!(texts(&told), ["exec:kpis:ws1", "exec:kpis:ws2", "ws:overview:ws1"]);
    }

    #[test]
    fn many_of_a_family_are_told_as_what_they_have_in_common_and_the_others_by_name() {
        let (mut gathered, now) = (Gathered::default(), Instant::now());
        for n in 0..BY_NAME {
            gathered.add("executive", &format!("exec:dashboard:ws1:{n}d"));
        }
        assert_eq!(texts(&gathered.take_due(now)).len(), BY_NAME);
        for n in 0..=BY_NAME {
            gathered.add("executive", &format!("exec:dashboard:ws1:{n}d"));
            gathered.add("analytics", &format!("user:analytics:ws{n}:7d"));
            gathered.add("analytics", &format!("user:analytics:ws{n}:7d:new"));
            gathered.add("", &format!("{}:no:family:{n}", n % 2));
        }
        gathered.add("kpis", "exec:kpis:ws1");
        assert_eq!(
            texts(&gathered.take_due(now)),
            [
                "0:no:family:*",
                "1:no:family:*",
                "exec:dashboard:ws1:*",
                "exec:kpis:ws1",
                "user:analytics:*:7d",
                "user:analytics:*:7d:new"
            ]
        );
    }

    #[test]
    fn a_flood_of_one_family_is_told_once_a_second_and_holds_up_no_other() {
        let (mut gathered, start) = (Gathered::default(), Instant::now());
        let flood = |gathered: &mut Gathered| {
            (0..500).for_each(|n| gathered.add("kpis", &format!("exec:kpis:ws{n}")));
        };
        flood(&mut gathered);
        assert_eq!(texts(&gathered.take_due(start)), ["exec:kpis:*"]);
        flood(&mut gathered);
        assert_eq!(gathered.due(start), Some(start + FLOOD));
        assert!(gathered.take_due(start + MOMENT).is_empty());
        gathered.add("overview", "ws:overview:ws1");
        assert_eq!(gathered.due(start), Some(start + MOMENT));
        assert_eq!(texts(&gathered.take_due(start + MOMENT)), ["ws:overview:ws1"]);
        assert_eq!(texts(&gathered.take_due(start + FLOOD)), ["exec:kpis:*"]);
        // Its last keys are few, and told by name.
        gathered.add("kpis", "exec:kpis:ws7");
        assert_eq!(texts(&gathered.take_due(start + FLOOD + MOMENT)), ["exec:kpis:ws7"]);
        flood(&mut gathered);
        assert_eq!(texts(&gathered.take_all(start + FLOOD + MOMENT)), ["exec:kpis:*"]);
    }

    #[test]
    fn whatever_was_set_is_meant_by_what_is_told() {
        let (mut gathered, mut keys) = (Gathered::default(), Vec::new());
        let mut random = fastrand::Rng::with_seed(7);
        let mut now = Instant::now();
        for _ in 0..200 {
            for _ in 0..random.usize(..300) {
                let family = random.usize(..3);
                let count = random.usize(2..5);
                let segments: Vec<_> = (0..count).map(|_| random.usize(..60).to_string()).collect();
                let key = format!("f{family}:{}", segments.join(":"));
                gathered.add(&family.to_string(), &key);
                keys.push(key);
            }
            now += MOMENT;
            let told = gathered.take_due(now);
            keys.retain(|key| !told.iter().any(|pattern| pattern.matches(key)));
        }
        let told = gathered.take_due(now + FLOOD);
        keys.retain(|key| !told.iter().any(|pattern| pattern.matches(key)));
        assert_eq!((keys, gathered.due(now)), (Vec::new(), None));
    }
}
