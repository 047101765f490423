//! A look for the value at hand: in this process, then in the store.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::Lookup;
use super::ask::Question;
use super::xfetch::{may_refresh_early, refreshes_early};
use crate::server::error::CacheError;
use crate::server::l1::{Held, State};
use crate::server::service::Inner;

/// What this process holds.
pub(crate) enum Here {
    Fresh(Arc<Held>),
    /// Fresh, and it is this reader who has it computed anew.
    Due(Arc<Held>),
    /// Past its time, and may still be served.
    Old(Arc<Held>),
    Nothing,
}

/// What a look into both tiers found.
pub(super) enum Look {
    Fresh(Arc<Held>),
    Due(Arc<Held>),
    Old(Arc<Held>),
    /// Nothing, or something that must be replaced.
    Missing {
        replace: bool,
    },
    /// The store did not say.
    Down(CacheError),
}

impl Inner {
    /// The path of most hits: nothing is allocated, nothing waited for. Nothing when anything is left to decide.
    pub(crate) fn hit<T: Send + Sync + 'static>(
        &self,
        key: &str,
        lookup: Lookup,
    ) -> Option<Arc<T>> {
        if lookup != Lookup::Use {
            return None;
        }
        // Who draws whether to refresh early draws once: not here.
        self.l1.hit(key, |family, left, compute_time| {
            !may_refresh_early(left, compute_time, family.policy.early)
        })
    }

    /// What this process holds under `key`.
    pub(crate) fn here(&self, key: &str, lookup: Lookup) -> Here {
        if lookup != Lookup::Use {
            return Here::Nothing;
        }
        let Some(held) = self.l1.get(key) else { return Here::Nothing };
        match held.state(Instant::now()) {
            State::Fresh(left) if due(&held, left) => Here::Due(held),
            State::Fresh(_) => Here::Fresh(held),
            State::Stale => Here::Old(held),
            State::Dead => {
                self.l1.discard(&held);
                Here::Nothing
            }
        }
    }

    /// A look into this process, and into the store if that settles nothing.
    pub(super) async fn look(&self, question: &Question, here: Here) -> Look {
        let Question { key, family, readable, .. } = question;
        let (held, look): (_, fn(Arc<Held>) -> Look) = match here {
            Here::Fresh(held) => (Some(held), Look::Fresh),
            Here::Due(held) => (Some(held), Look::Due),
            Here::Old(held) => (Some(held), Look::Old),
            Here::Nothing => (None, Look::Fresh),
        };
        if let Some(held) = held {
            if readable(&held) {
                return look(held);
            }
            self.l1.discard(&held);
        }
        let held = match self.read(key, family).await {
            Ok(held) => held,
            Err(error) => return Look::Down(error),
        };
        self.judge(question, held)
    }

    /// What the store's answer is good for.
    pub(super) fn judge(&self, question: &Question, held: Option<Arc<Held>>) -> Look {
        let Question { key, family, readable, .. } = question;
        let Some(held) = held else { return Look::Missing { replace: false } };
        if !readable(&held) {
            self.unreadable(key, family);
            self.l1.discard(&held);
            return Look::Missing { replace: true };
        }
        match held.state(Instant::now()) {
            State::Fresh(left) if due(&held, left) => Look::Due(held),
            State::Fresh(_) => Look::Fresh(held),
            State::Stale => Look::Old(held),
            State::Dead => Look::Missing { replace: true },
        }
    }
}

fn due(held: &Held, left: Duration) -> bool {
    // A value without an expiry has nothing left and nothing to be early for.
    !left.is_zero()
        && refreshes_early(left, held.compute_time, held.family.policy.early, fastrand::f64)
}
