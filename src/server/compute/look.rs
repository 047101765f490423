//! A look for the value at hand: in this process, then in the store.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::xfetch::{may_refresh_early, refreshes_early};
use super::{Found, Lookup};
use crate::server::error::CacheError;
use crate::server::families::Family;
use crate::server::l1::{Held, State};
use crate::server::service::Inner;

/// What is looked for.
#[derive(Clone, Copy)]
pub(super) struct Sought<'a> {
    pub(super) key: &'a str,
    pub(super) family: &'a Arc<Family>,
    /// Whether a value that was found reads as what is asked for.
    pub(super) readable: fn(&Held) -> bool,
    /// Whether its caller has heard of what this process has not: then nothing that this process had before will do.
    pub(super) is_behind: bool,
}

/// What this process holds.
pub(crate) enum Here {
    Fresh(Arc<Held>),
    /// Fresh, and it is this reader who has it computed anew.
    Due(Arc<Held>),
    /// Past its time, and may still be served.
    Old(Arc<Held>),
    Nothing,
    /// What is not to be asked for: the caller has heard of what this process has not.
    Behind,
}

/// What a look into both tiers found.
pub(super) enum Look {
    Fresh(Found),
    Due(Found),
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
    pub(super) async fn look(&self, sought: Sought<'_>, here: Here) -> Look {
        let Sought { key, family, readable, .. } = sought;
        let held = match &here {
            Here::Fresh(held) | Here::Due(held) | Here::Old(held) => Some(held),
            Here::Nothing | Here::Behind => None,
        };
        if let Some(held) = held.filter(|held| !readable(held)) {
            self.l1.discard(held);
        } else {
            match here {
                Here::Fresh(held) => return Look::Fresh(Found::hit(held, true)),
                Here::Due(held) => return Look::Due(Found::hit(held, true)),
                Here::Old(held) => return Look::Old(held),
                Here::Nothing | Here::Behind => {}
            }
        }
        match self.read(key, family).await {
            Ok(held) => self.judge(sought, held),
            Err(error) => Look::Down(error),
        }
    }

    /// What the store's answer is good for.
    pub(super) fn judge(&self, sought: Sought<'_>, held: Option<Arc<Held>>) -> Look {
        let Sought { key, family, readable, .. } = sought;
        let Some(held) = held else { return Look::Missing { replace: false } };
        if !readable(&held) {
            self.unreadable(key, family);
            self.l1.discard(&held);
            return Look::Missing { replace: true };
        }
        match held.state(Instant::now()) {
            State::Fresh(left) if due(&held, left) => Look::Due(Found::hit(held, false)),
            State::Fresh(_) => Look::Fresh(Found::hit(held, false)),
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
