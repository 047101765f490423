//! The tier in this process: decoded values, within a budget of bytes.
//!
//! A hit here is a pointer. Redis stays the authority: what others change there is dropped here (`follow`), what
//! is invalidated here is dropped before and after it is deleted there ([`Fence`]), and while nobody tells us of
//! changes the tier is bypassed.
//!
//! `table` is shares (`shard`) of places (`place`, `key_text`), each with what a hit reads; what else is known of an entry
//! is in `held`.

mod config;
mod fence;
mod follow;
mod held;
mod key_text;
mod place;
mod shard;
mod table;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;

use tokio::time::Instant;

use crate::schema::Pattern;
use crate::server::families::Family;

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
        self.values.as_ref()?.get(key)
    }

    /// The value of `key` as most hits find it; [`Table::hit`]. Nothing says only that [`L1::get`] has to be asked.
    pub(crate) fn hit<T: Send + Sync + 'static>(
        &self,
        key: &str,
        settled: impl FnOnce(&Family, Duration, Duration) -> bool,
    ) -> Option<Arc<T>> {
        if self.armed.load(SeqCst) { self.values.as_ref()?.hit(key, settled) } else { None }
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
            values.confirm(held);
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
