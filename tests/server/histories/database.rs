//! The truth: rows that have a version each, and what is cached of them.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use samekey::schema::{Key, Pattern, TypedKey};
use serde::{Deserialize, Serialize};
use tokio::sync::RwLock;

/// What a compute reads of a row, and what is cached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Snapshot {
    pub(super) row: usize,
    pub(super) version: u64,
    /// The number of the write that stored it; 0 for a compute.
    pub(super) by: u64,
    /// When it was true: microseconds since the story began.
    pub(super) at: u64,
}

/// What a row is cached under: family, and the segments of its key.
const ROWS: [(&str, &[&str]); 6] = [
    ("kpis", &["exec", "kpis", "ws1"]),
    ("kpis", &["exec", "kpis", "ws2"]),
    ("executive", &["exec", "dashboard", "ws1", "7d"]),
    ("executive", &["exec", "dashboard", "ws1", "30d"]),
    ("executive", &["exec", "dashboard", "ws2", "7d"]),
    ("agent_analytics", &["agent", "analytics", "a1", "7d"]),
];

pub(super) const COUNT: usize = ROWS.len();

pub(super) fn key(row: usize, ttl: Duration) -> TypedKey<Snapshot> {
    let (family, segments) = ROWS[row];
    TypedKey::new(Key::new(segments.iter().copied()).unwrap(), family, ttl)
}

pub(super) fn row_of(key: &str) -> usize {
    ROWS.iter().position(|(_, segments)| segments.join(":") == key).expect("one of ours")
}

/// The rows whose keys `patterns` mean.
pub(super) fn meant(patterns: &[&str]) -> Vec<usize> {
    let patterns: Vec<_> = patterns.iter().map(|text| Pattern::parse(text).unwrap()).collect();
    let is_meant = |row: &usize| {
        let key = ROWS[*row].1.join(":");
        patterns.iter().any(|pattern| pattern.matches(&key))
    };
    (0..COUNT).filter(is_meant).collect()
}

#[derive(Default)]
pub(super) struct Database {
    rows: [Row; COUNT],
}

#[derive(Default)]
struct Row {
    version: AtomicU64,
    /// Held alone by who stores a value that he made himself: of two who do that at once, nothing decides who was last.
    changing: RwLock<()>,
}

/// Held by who changes rows, from the commit to the end of what follows from it in the cache.
pub(super) type Changing<'a> = Box<dyn Send + 'a>;

impl Database {
    pub(super) fn version(&self, row: usize) -> u64 {
        self.rows[row].version.load(SeqCst)
    }

    pub(super) fn commit(&self, row: usize) -> u64 {
        self.rows[row].version.fetch_add(1, SeqCst) + 1
    }

    /// In the order of the rows, so that nobody waits in a circle.
    pub(super) async fn change_together(&self, rows: &[usize]) -> Changing<'_> {
        let mut guards = Vec::with_capacity(rows.len());
        for row in rows {
            guards.push(self.rows[*row].changing.read().await);
        }
        Box::new(guards)
    }

    pub(super) async fn change_alone(&self, row: usize) -> Changing<'_> {
        Box::new(self.rows[row].changing.write().await)
    }
}
