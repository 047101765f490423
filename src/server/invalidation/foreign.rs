//! What others delete behind our back.
//!
//! A program of another language deletes a key in Redis. The store sees that a key changed, not why, and most changes
//! are none that browsers should hear of: another node stored a value, a value expired, Redis made room. What is left
//! when those are taken away is a deletion, and becomes a notice like any other.
//!
//! Every node sees it, and one should say it. So each waits for a moment of its own and looks whether somebody has;
//! two that say it at once do no harm.

use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use quick_cache::DefaultHashBuilder;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, sleep, timeout_at};

use super::evictions::Evictions;
use crate::schema::Pattern;
use crate::server::backplane::Reason;
use crate::server::service::Inner;
use crate::server::store::{Change, KeyTtl};

/// How long changes are collected: the notice of the node that invalidated comes meanwhile.
const WINDOW: Duration = Duration::from_millis(100);

/// The longest that a node waits for another one to say it first.
const TURN: Duration = Duration::from_millis(100);

/// A notice explains a deletion that this node heard of so much later at most. It is written after the deletion, so it
/// is early only where this node was slow to look. Longer, and it would hide that somebody deleted what was stored
/// since; shorter costs a notice too many.
const EARLY: Duration = Duration::from_millis(500);

/// How much sooner than it should a value may expire: clocks, and the way from the store to here.
const SLACK: Duration = Duration::from_millis(1_500);

/// Keys that are looked at together.
const BATCH: usize = 1_000;

/// What is known of when keys expire: that one which was due has expired, and was not deleted.
#[derive(Debug, Default)]
pub(in crate::server) struct Expiries {
    /// By hash. Two that share one may hide a deletion of one behind the expiry of the other: one in 2⁴⁶ pairs.
    ends: Mutex<TwoAges>,
    /// Whether anybody will ask.
    watched: AtomicBool,
    hasher: DefaultHashBuilder,
}

/// The newer entries, and those that were newer before: what is noted again moves up, what is not is forgotten.
#[derive(Debug, Default)]
struct TwoAges {
    young: HashMap<u64, Instant, DefaultHashBuilder>,
    old: HashMap<u64, Instant, DefaultHashBuilder>,
}

/// Keys per age. 24 bytes each.
const AGE: usize = 1 << 18;

impl Expiries {
    /// `key` lives for so long.
    pub(in crate::server) fn note(&self, key: &str, left: Duration) {
        self.note_since(key, Instant::now(), left);
    }

    /// The same, counted from `since`.
    pub(in crate::server) fn note_since(&self, key: &str, since: Instant, left: Duration) {
        if !self.watched.load(Relaxed) {
            return;
        }
        if left.is_zero() {
            // For ever: another program wrote it.
            return self.forget(key);
        }
        let Some(end) = since.checked_add(left) else { return };
        let mut ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        if ends.young.len() >= AGE {
            ends.old = std::mem::take(&mut ends.young);
        }
        ends.young.insert(self.hasher.hash_one(key), end);
    }

    fn forget(&self, key: &str) {
        let hash = self.hasher.hash_one(key);
        let mut ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        ends.young.remove(&hash);
        ends.old.remove(&hash);
    }

    /// Whether it was time for `key` to expire. Of a key that nobody knows it is not said.
    fn was_due(&self, key: &str) -> bool {
        let hash = self.hasher.hash_one(key);
        let ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        let end = ends.young.get(&hash).or_else(|| ends.old.get(&hash));
        end.is_some_and(|end| *end <= Instant::now() + SLACK)
    }
}

/// Follows what the store tells, as long as the service lives.
pub(in crate::server) async fn follow(
    service: Weak<Inner>,
    mut changes: UnboundedReceiver<Change>,
) {
    let Some(evicted) = evicted(&service).await else { return };
    let evictions = Evictions::since(evicted.unwrap_or(0));
    let mut watch = Watch { service, seen_before: false, evictions };
    while let Some(change) = changes.recv().await {
        let mut keys = HashSet::new();
        let mut next = Some(change);
        let begun = Instant::now();
        let end = begun + WINDOW;
        // One window's keys together. Whatever else comes is taken in its turn.
        while let Some(change) = next.take() {
            match change {
                Change::Keys(changed) => keys.extend(changed),
                other => watch.take(&other),
            }
            if keys.len() < BATCH && !keys.is_empty() {
                next = timeout_at(end, changes.recv()).await.ok().flatten();
            }
        }
        if !keys.is_empty() && watch.look_at(keys, begun).await.is_none() {
            return;
        }
    }
}

struct Watch {
    service: Weak<Inner>,
    /// Whether the store has told us of changes at any time.
    seen_before: bool,
    evictions: Evictions,
}

impl Watch {
    fn take(&mut self, change: &Change) {
        match change {
            Change::Everything if self.seen_before => {
                // FLUSHALL, or what happened while nobody told us.
                if let Some(service) = self.service.upgrade() {
                    service.notices.reset("others may have changed anything");
                }
            }
            Change::Armed => self.seen_before = true,
            Change::Everything | Change::Disarmed | Change::Keys(_) => {}
        }
    }

    /// Looks at keys that changed, the first of them at `begun`. `None` when the service has ended.
    async fn look_at(&mut self, changed: HashSet<String>, begun: Instant) -> Option<()> {
        let missing = {
            let service = self.service.upgrade()?;
            let ours = |key: &String| service.schema.family_of(key).is_some();
            let keys: Vec<_> = changed.into_iter().filter(ours).collect();
            let mut missing = Vec::new();
            for batch in keys.chunks(BATCH) {
                let names: Vec<_> = batch.iter().map(String::as_str).collect();
                // A store that does not answer says of itself that anything may have changed, when it does.
                let Ok(looked) = service.store.inspect(&names).await else { continue };
                for (key, info) in batch.iter().zip(looked.keys) {
                    match info.ttl {
                        KeyTtl::Left(left) => service.expiries.note(key, left),
                        KeyTtl::Missing if !service.expiries.was_due(key) => {
                            missing.push(key.clone());
                        }
                        KeyTtl::Never => service.expiries.forget(key),
                        KeyTtl::Missing | KeyTtl::Unknown => {}
                    }
                }
            }
            missing
        };
        if missing.is_empty() {
            return Some(());
        }
        // What it drops is not wrong; and to tell browsers, who ask again, would make it drop more.
        let evicted = evicted(&self.service).await?;
        let explain = |evicted| self.evictions.explain(missing.len() as u64, begun, evicted);
        if evicted.is_some_and(explain) {
            return Some(());
        }
        sleep(TURN.mul_f64(fastrand::f64())).await;
        let service = self.service.upgrade()?;
        let recently = begun.elapsed() + EARLY;
        let untold = missing.iter().filter(|key| !service.notices.told_of(key, recently));
        let patterns: Vec<_> = untold.filter_map(|key| Pattern::parse(key).ok()).collect();
        for patterns in patterns.chunks(BATCH) {
            service.notices.announce(patterns.to_vec(), Reason::Foreign, Vec::new()).await;
        }
        Some(())
    }
}

/// How many keys the store has dropped to make room, if it says so. `None` when the service has ended.
async fn evicted(service: &Weak<Inner>) -> Option<Option<u64>> {
    let service = service.upgrade()?;
    Some(service.store.stats().await.ok().map(|stats| stats.evicted_keys))
}

/// Begins to follow the store's changes, if it tells of any.
pub(in crate::server) fn begin(service: &Arc<Inner>, prefixes: &[&str]) {
    let Some(changes) = service.store.changes(prefixes) else { return };
    service.expiries.watched.store(true, Relaxed);
    // It ends with the service: the store's side of the channel does, and it holds the service weakly.
    tokio::spawn(follow(Arc::downgrade(service), changes));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_million_keys_half_are_remembered_for_when_they_are_due() {
        let expiries = Expiries::default();
        expiries.watched.store(true, Relaxed);
        for key in 0..1_000_000 {
            expiries.note(&key.to_string(), SLACK);
        }
        let ends = expiries.ends.lock().unwrap();
        assert!(ends.young.len() + ends.old.len() <= 2 * AGE);
        drop(ends);
        assert!(expiries.was_due("999999") && !expiries.was_due("0"), "the latest");
    }
}
