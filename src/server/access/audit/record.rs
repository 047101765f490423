//! What a line says.

use serde::Serialize;

/// Longer texts are cut: a pattern may have 64 KiB, and none that means something has.
const LONGEST: usize = 512;

/// What somebody did, or tried to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(tag = "action", rename_all = "snake_case")]
#[non_exhaustive]
pub enum AuditRecord {
    /// Somebody invalidated by pattern or entity.
    Invalidate {
        /// `pattern`, or the entity.
        target: String,
        /// The pattern or the id, as it was given.
        value: String,
        /// What came of it.
        #[serde(flatten)]
        outcome: Outcome,
    },
    /// Somebody said that something happened.
    Event {
        /// The event's name, as it was given.
        event: String,
        /// What came of it.
        #[serde(flatten)]
        outcome: Outcome,
    },
    /// Somebody read a key of a sensitive family.
    Read {
        /// The family.
        family: String,
        /// The key.
        key: String,
        /// `HIT`, `MISS` or `BYPASS`.
        cache: &'static str,
    },
    /// Somebody wrote into the store what this service did not: what the cipher refuses, or plain data where
    /// encrypted ones belong. Or this node has a wrong key. It was not served. Equal ones of one second are one line.
    NotOurs {
        /// The family.
        family: String,
        /// The key.
        key: String,
        /// The codec's code.
        code: &'static str,
    },
    /// Somebody was not let through. Equal refusals of one second are one line.
    Refused {
        /// The request's method.
        method: String,
        /// The route's path, without its query.
        path: String,
        /// The code of the problem he was answered with.
        code: &'static str,
    },
}

impl AuditRecord {
    /// An invalidation by `target`: `pattern`, or an entity.
    #[must_use]
    pub fn invalidate(target: &str, value: &str, outcome: Outcome) -> Self {
        Self::Invalidate { target: cut(target), value: cut(value), outcome }
    }

    /// An event.
    #[must_use]
    pub fn event(event: &str, outcome: Outcome) -> Self {
        Self::Event { event: cut(event), outcome }
    }

    /// A read of a key of a sensitive family.
    #[must_use]
    pub fn read(family: &str, key: &str, cache: &'static str) -> Self {
        Self::Read { family: cut(family), key: cut(key), cache }
    }

    /// A stored value that this service did not write.
    #[must_use]
    pub fn not_ours(family: &str, key: &str, code: &'static str) -> Self {
        Self::NotOurs { family: cut(family), key: cut(key), code }
    }

    /// Whether it may come as often as somebody likes, and is therefore counted.
    pub(super) const fn is_gathered(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::NotOurs { .. })
    }

    /// A request that was not let through.
    #[must_use]
    pub fn refused(method: &str, path: &str, code: &'static str) -> Self {
        Self::Refused { method: cut(method), path: cut(path), code }
    }
}

/// What came of a change.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// It was done.
    Done {
        /// What was made stale.
        patterns: Vec<String>,
        /// How many keys that removed.
        deleted: u64,
    },
    /// It was not, or not wholly.
    Failed {
        /// The code of the problem that was answered.
        code: &'static str,
    },
}

impl Outcome {
    /// It was done: these patterns, so many keys.
    #[must_use]
    pub fn done(patterns: &[String], deleted: u64) -> Self {
        Self::Done { patterns: patterns.iter().map(|pattern| cut(pattern)).collect(), deleted }
    }

    /// It was not done, or not wholly.
    #[must_use]
    pub const fn failed(code: &'static str) -> Self {
        Self::Failed { code }
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
