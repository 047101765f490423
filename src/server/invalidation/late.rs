//! Notices of removals that the store has yet to carry out.
//!
//! Who hears a notice asks again at once, here or at another node, and would get the old value from a store
//! that was not told yet. So the notice waits for the removal.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle;

use super::{Scope, key_pattern};
use crate::schema::{Pattern, Schema};
use crate::server::backplane::{Notice, Reason};
use crate::server::error::CacheError;
use crate::server::service::Inner;
use crate::server::store::StoreErrorKind;

/// How many notices wait. When there are more, they become one that means every family: who hears it asks for
/// more than is needed, and for nothing less.
const WAITING_AT_MOST: usize = 1_024;

/// How many patterns a notice has that tells what an earlier process left: an entity's are not more.
const RESTORED_AT_ONCE: usize = 100;

#[derive(Debug, Default)]
pub(in crate::server) struct LateNotices {
    waiting: Mutex<Vec<Late>>,
    /// Whether a task waits with them.
    attended: AtomicBool,
}

#[derive(Debug, PartialEq)]
struct Late {
    patterns: Vec<Pattern>,
    reason: Reason,
    scope: Scope,
}

impl LateNotices {
    fn hold(&self, late: Late, schema: &Schema) {
        let mut waiting = self.lock();
        if waiting.contains(&late) {
            return;
        }
        if waiting.len() < WAITING_AT_MOST {
            return waiting.push(late);
        }
        let all = Late {
            patterns: Notice::every_family(schema),
            reason: Reason::Overflow,
            scope: Scope::new(),
        };
        *waiting = vec![all];
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Late>> {
        // Nothing that can panic runs under the lock.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Announces what could not be removed now as soon as it has been. An error that does not say so announces
    /// nothing: nobody will remove it.
    pub(super) async fn announce_if_queued(
        self: &Arc<Self>,
        error: &CacheError,
        patterns: Vec<Pattern>,
        reason: Reason,
        scope: Scope,
    ) {
        let queued =
            matches!(error, CacheError::Store(error) if error.kind() == StoreErrorKind::Queued);
        if !queued || patterns.is_empty() {
            return;
        }
        // What some servers have removed is asked for anew now; and again when the others have: who asks for what
        // those have gets no answer from them meanwhile.
        if matches!(error, CacheError::Store(error) if error.is_in_part()) {
            let notices = &self.notices;
            notices.announce(patterns.clone(), reason.clone(), scope.clone()).await;
        }
        self.announce_late(Late { patterns, reason, scope });
    }

    /// Announces what an earlier process left to be removed as soon as it has been. Why, and about what, is not known any
    /// more.
    pub(in crate::server) fn announce_restored(self: &Arc<Self>) {
        for patterns in self.recovery.take_restored().chunks(RESTORED_AT_ONCE) {
            let (patterns, scope) = (patterns.to_vec(), Scope::new());
            self.announce_late(Late { patterns, reason: Reason::Pattern, scope });
        }
    }

    /// Announces, as soon as nothing waits to be removed, that what was under `key` is not there any more, or another.
    pub(in crate::server) fn announce_key_late(self: &Arc<Self>, key: &str) {
        if let Some(pattern) = key_pattern(key) {
            let (patterns, scope) = (vec![pattern], Scope::new());
            self.announce_late(Late { patterns, reason: Reason::Set, scope });
        }
    }

    fn announce_late(self: &Arc<Self>, late: Late) {
        self.late.hold(late, &self.schema);
        // Outside of a runtime, where a service may be made, the next one is waited with.
        let Ok(runtime) = Handle::try_current() else { return };
        if !self.late.attended.swap(true, SeqCst) {
            let (recovery, inner) = (self.recovery.clone(), Arc::downgrade(self));
            runtime.spawn(async move {
                recovery.settled().await;
                let Some(inner) = inner.upgrade() else { return };
                // First, so that what is held from here on finds a new task.
                inner.late.attended.store(false, SeqCst);
                let waiting = std::mem::take(&mut *inner.late.lock());
                for Late { patterns, reason, scope } in waiting {
                    inner.notices.announce(patterns, reason, scope).await;
                }
            });
        }
    }
}
