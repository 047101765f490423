//! The tier in this process: decoded values, within a budget of bytes.
//!
//! A hit here is a pointer. Redis stays the authority: what others change there is dropped here (`follow`), what
//! is invalidated here is dropped before and after it is deleted there ([`Fence`]), and while nobody tells us of
//! changes the tier is bypassed.

mod fence;
mod follow;
mod held;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed, Ordering::SeqCst};

use quick_cache::sync::Cache;
use quick_cache::{DefaultHashBuilder, Lifecycle, OptionsBuilder, Weighter};
use tokio::time::Instant;

use crate::schema::Pattern;

pub(crate) use fence::{Fence, Sample};
pub(crate) use follow::follow;
pub(crate) use held::{Held, State};

/// What an entry costs beside its key and value: map slots, the entry's own fields, allocator slack.
const ENTRY_OVERHEAD: u64 = 256;

/// A value is counted as so many times its JSON: the bytes themselves, and what they decode to. A struct is about
/// as large as its JSON, a `serde_json::Value` two or three times; nothing can be asked for its true size.
const BYTES_PER_JSON_BYTE: u64 = 3;

/// No shard is smaller, so that a value of the largest size that is stored always fits: the budget is split
/// evenly, and quick_cache drops what is larger than its share without a word.
const SMALLEST_SHARD: u64 = 8 * 1024 * 1024;

/// How much this process keeps for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct L1Config {
    pub(crate) budget_bytes: u64,
}

impl L1Config {
    /// At most so many bytes, keys and decoded values counted. Nothing is kept for 0.
    ///
    /// Below 8 MiB a value of the largest size is not kept, since it is counted three times: as JSON, and as what
    /// that decodes to.
    #[must_use]
    pub const fn bytes(budget_bytes: u64) -> Self {
        Self { budget_bytes }
    }

    /// No tier in process: every hit asks the store.
    #[must_use]
    pub const fn off() -> Self {
        Self::bytes(0)
    }
}

impl Default for L1Config {
    /// 64 MiB.
    fn default() -> Self {
        Self::bytes(64 * 1024 * 1024)
    }
}

/// The values of this process.
pub(crate) struct L1 {
    values: Option<Cache<String, Arc<Held>, ByBytes, DefaultHashBuilder, CountEvictions>>,
    pub(crate) fence: Fence,
    /// Whether somebody tells us what others change. While not, nothing is read here and nothing put.
    armed: AtomicBool,
    evicted: Arc<AtomicU64>,
}

impl L1 {
    /// `armed` from the start when nobody else can write.
    pub(crate) fn new(config: L1Config, armed: bool) -> Self {
        let evicted = Arc::new(AtomicU64::new(0));
        let budget = config.budget_bytes;
        // Rounded down to a power of two: quick_cache rounds up, and the shards would be too small.
        let shards = 1 << (budget / SMALLEST_SHARD).clamp(1, 16).ilog2();
        let options = OptionsBuilder::new()
            .shards(shards)
            .estimated_items_capacity(
                usize::try_from(budget / 4096).unwrap_or(1024).clamp(32 * shards, 65_536),
            )
            .weight_capacity(budget)
            .build()
            .expect("every option that has no default is set above");
        let counting = CountEvictions(evicted.clone());
        let values = (budget > 0).then(|| {
            Cache::with_options(options, ByBytes, DefaultHashBuilder::default(), counting)
        });
        Self { values, fence: Fence::new(), armed: AtomicBool::new(armed), evicted }
    }

    /// What is held under `key`, fresh or stale.
    pub(crate) fn get(&self, key: &str) -> Option<Arc<Held>> {
        if self.armed.load(SeqCst) { self.get_unarmed(key) } else { None }
    }

    /// The same although others may have changed it: for those who have nothing better.
    pub(crate) fn get_unarmed(&self, key: &str) -> Option<Arc<Held>> {
        self.values.as_ref()?.get(key).filter(|held| held.is_confirmed())
    }

    /// Keeps `held` unless an invalidation has overtaken it since `sample` was taken; whether it is kept.
    pub(crate) fn insert(&self, key: &str, held: &Arc<Held>, sample: Sample) -> bool {
        let Some(values) = &self.values else { return false };
        let usable = self.armed.load(SeqCst) && held.may_be_kept(Instant::now());
        if !usable || !self.fence.holds(key, sample) {
            return false;
        }
        if !fits(values.shard_capacity(), weight(key, held)) {
            // Dropped silently otherwise, and the value before it would stay.
            values.remove(key);
            return false;
        }
        values.insert(key.to_owned(), held.clone());
        // Who invalidates bumps first and removes then. So either we see the bump here, or it comes later and the
        // removal behind it finds what we put. Until we have looked, nobody is served it: between the two an
        // invalidation could come and go.
        let holds = self.fence.holds(key, sample) && self.armed.load(SeqCst);
        if holds {
            held.confirm();
        } else {
            values.remove_if(key, |now| Arc::ptr_eq(now, held));
        }
        holds
    }

    /// Drops `key`, and whatever is on its way here.
    pub(crate) fn drop_key(&self, key: &str) {
        self.fence.bump(key);
        if let Some(values) = &self.values {
            values.remove(key);
        }
    }

    /// Drops every key that any of `patterns` means, and whatever is on its way here.
    pub(crate) fn drop_matching(&self, patterns: &[Pattern]) {
        self.fence.bump_everything();
        if let Some(values) = &self.values {
            values.retain(|key, _| !patterns.iter().any(|pattern| pattern.matches(key)));
        }
    }

    /// Drops all.
    pub(crate) fn clear(&self) {
        self.fence.bump_everything();
        if let Some(values) = &self.values {
            values.clear();
        }
    }

    /// Drops `held`, unless something newer stands in its place.
    pub(crate) fn discard(&self, key: &str, held: &Arc<Held>) {
        if let Some(values) = &self.values {
            values.remove_if(key, |now| Arc::ptr_eq(now, held));
        }
    }

    pub(crate) fn set_armed(&self, armed: bool) {
        self.armed.store(armed, SeqCst);
    }

    pub(crate) fn is_armed(&self) -> bool {
        self.values.is_some() && self.armed.load(SeqCst)
    }

    pub(crate) fn entries(&self) -> u64 {
        self.values.as_ref().map_or(0, |values| values.len() as u64)
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.values.as_ref().map_or(0, Cache::weight)
    }

    pub(crate) fn evicted(&self) -> u64 {
        self.evicted.load(Relaxed)
    }
}

fn weight(key: &str, held: &Held) -> u64 {
    key.len() as u64 + BYTES_PER_JSON_BYTE * held.json.len() as u64 + ENTRY_OVERHEAD
}

/// quick_cache keeps 97 % of a shard for what is read often, and takes nothing that is larger than that.
fn fits(shard: u64, weight: u64) -> bool {
    weight <= shard / 100 * 97
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<String, Arc<Held>> for ByBytes {
    fn weight(&self, key: &String, held: &Arc<Held>) -> u64 {
        weight(key, held)
    }
}

#[derive(Clone)]
struct CountEvictions(Arc<AtomicU64>);

impl Lifecycle<String, Arc<Held>> for CountEvictions {
    type RequestState = ();

    fn on_evict(&self, (): &mut (), _key: String, held: Arc<Held>) {
        if held.may_be_kept(Instant::now()) {
            self.0.fetch_add(1, Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;

    use super::*;
    use crate::server::families::Family;

    fn held(bytes: usize) -> Arc<Held> {
        let minute = Duration::from_secs(60);
        let json = Bytes::from(vec![b'1'; bytes]);
        Arc::new(Held::new(json, Family::for_tests(), Instant::now(), minute, minute))
    }

    fn put(l1: &L1, key: &str, bytes: usize) {
        l1.insert(key, &held(bytes), l1.fence.sample(key));
    }

    #[test]
    fn the_largest_value_fits_whatever_the_budget_is_split_into() {
        for budget in [8, 12, 24, 31, 64, 100, 1000] {
            let l1 = L1::new(L1Config::bytes(budget * 1024 * 1024), true);
            put(&l1, "k", crate::server::CacheService::MAX_VALUE_BYTES);
            assert!(l1.get("k").is_some(), "{budget} MiB");
        }
    }

    #[test]
    fn a_value_that_does_not_fit_does_not_leave_the_one_before_it() {
        let l1 = L1::new(L1Config::bytes(64 * 1024), true);
        put(&l1, "k", 100);
        assert!(l1.get("k").is_some());
        put(&l1, "k", 64 * 1024);
        assert!(l1.get("k").is_none());
    }

    #[test]
    fn the_budget_is_kept_and_what_is_pushed_out_is_counted() {
        let l1 = L1::new(L1Config::bytes(1024 * 1024), true);
        for key in 0..1_000 {
            put(&l1, &key.to_string(), 4096);
        }
        assert!(l1.bytes() <= 1024 * 1024, "{}", l1.bytes());
        assert!(l1.entries() > 50 && l1.evicted() > 800, "{} {}", l1.entries(), l1.evicted());
    }

    #[test]
    fn what_an_invalidation_overtook_on_its_way_is_not_kept() {
        let l1 = L1::new(L1Config::default(), true);
        for invalidate in [
            |l1: &L1| l1.drop_key("exec:kpis:ws1"),
            |l1: &L1| l1.drop_matching(&[Pattern::parse("exec:*").unwrap()]),
            L1::clear,
        ] {
            let sample = l1.fence.sample("exec:kpis:ws1");
            invalidate(&l1);
            l1.insert("exec:kpis:ws1", &held(10), sample);
            assert!(l1.get("exec:kpis:ws1").is_none());
        }
    }

    #[test]
    fn a_pattern_drops_its_keys_and_no_others() {
        let l1 = L1::new(L1Config::default(), true);
        put(&l1, "exec:kpis:ws1", 10);
        put(&l1, "exec:kpis:ws2", 10);
        l1.drop_matching(&[Pattern::parse("exec:*:ws1").unwrap()]);
        assert!(l1.get("exec:kpis:ws1").is_none());
        assert!(l1.get("exec:kpis:ws2").is_some());
    }

    #[test]
    fn while_nobody_tells_of_changes_nothing_is_read_and_nothing_kept() {
        let l1 = L1::new(L1Config::default(), true);
        put(&l1, "k", 10);
        l1.set_armed(false);
        assert!(l1.get("k").is_none());
        put(&l1, "other", 10);
        l1.set_armed(true);
        assert!(l1.get("other").is_none());
        assert!(l1.get("k").is_some());
    }

    #[test]
    fn a_tier_of_no_bytes_holds_nothing() {
        let l1 = L1::new(L1Config::off(), true);
        put(&l1, "k", 10);
        assert!(l1.get("k").is_none() && !l1.is_armed());
    }
}
