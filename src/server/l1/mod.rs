//! The tier in this process: decoded values, within a budget of bytes.
//!
//! A hit here is a pointer. Redis stays the authority: what others change there is dropped here (`follow`), what
//! is invalidated here is dropped before and after it is deleted there ([`Fence`]), and while nobody tells us of
//! changes the tier is bypassed.

mod config;
mod fence;
mod follow;
mod held;
mod key_text;
mod shard;
mod table;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use tokio::time::Instant;

use crate::schema::Pattern;

pub use config::L1Config;
pub(crate) use fence::{Fence, Sample};
pub(crate) use follow::follow;
pub(crate) use held::{Held, State};
use table::Table;

/// The values of this process.
pub(crate) struct L1 {
    values: Option<Table>,
    pub(crate) fence: Fence,
    /// Whether somebody tells us what others change. While not, nothing is read here and nothing put.
    armed: AtomicBool,
}

impl L1 {
    /// `armed` from the start when nobody else can write.
    pub(crate) fn new(config: L1Config, armed: bool) -> Self {
        let values = (config.budget_bytes > 0).then(|| Table::new(config.budget_bytes));
        Self { values, fence: Fence::new(), armed: AtomicBool::new(armed) }
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
    pub(crate) fn insert(&self, held: &Arc<Held>, sample: Sample) -> bool {
        let (Some(values), key) = (&self.values, held.key()) else { return false };
        let usable = self.armed.load(SeqCst) && held.may_be_kept(Instant::now());
        if !usable || !self.fence.holds(key, sample) {
            return false;
        }
        if !values.insert(held) {
            return false;
        }
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
            values.remove_all(|key| patterns.iter().any(|pattern| pattern.matches(key)));
        }
    }

    /// Drops all.
    pub(crate) fn clear(&self) {
        self.fence.bump_everything();
        if let Some(values) = &self.values {
            values.remove_all(|_| true);
        }
    }

    /// Drops `held`, unless something newer stands in its place.
    pub(crate) fn discard(&self, held: &Arc<Held>) {
        if let Some(values) = &self.values {
            values.remove_if(held.key(), |now| Arc::ptr_eq(now, held));
        }
    }

    pub(crate) fn set_armed(&self, armed: bool) {
        self.armed.store(armed, SeqCst);
    }

    pub(crate) fn is_armed(&self) -> bool {
        self.values.is_some() && self.armed.load(SeqCst)
    }

    pub(crate) fn entries(&self) -> u64 {
        self.values.as_ref().map_or(0, Table::len)
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.values.as_ref().map_or(0, Table::weight)
    }

    pub(crate) fn evicted(&self) -> u64 {
        self.values.as_ref().map_or(0, Table::evicted)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;

    use super::*;
    use crate::server::families::Family;

    fn held(key: &str, bytes: usize) -> Arc<Held> {
        let minute = Duration::from_secs(60);
        let json = Bytes::from(vec![b'1'; bytes]);
        Arc::new(Held::new(key, json, Family::for_tests(), Instant::now(), minute, minute))
    }

    fn put(l1: &L1, key: &str, bytes: usize) {
        l1.insert(&held(key, bytes), l1.fence.sample(key));
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
            l1.insert(&held("exec:kpis:ws1", 10), sample);
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
