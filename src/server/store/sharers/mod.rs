//! Services of one process that share a store.
//!
//! A store tells of what *others* change, and to Redis all who use one connection are one. So what a service does there
//! is told to the other services over the same store here, in the process: before the call that did it returns, so that
//! whoever saw it return is served nothing older by any of them.

mod sharing;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};

use crate::schema::{Pattern, Schema};
use crate::server::ttl::Ttl;

pub(in crate::server) use sharing::SharingStore;

/// Numbers what is told apart by nothing else.
static NUMBER: AtomicU64 = AtomicU64::new(0);

/// The services of this process that work with a store; see [`Store::sharers`](super::Store::sharers).
pub struct Sharers {
    place: Place,
    services: RwLock<Vec<(Number, Weak<dyn Sharer>)>>,
    /// Those that the store knows the keys of.
    schemas: Mutex<Vec<Schema>>,
}

/// Which of the services one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::server) struct Number(u64);

/// Where a store's values are. Two stores of one place have the same keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::server) enum Place {
    /// The store itself.
    Store(u64),
    /// Where others find them too.
    At(Arc<str>),
}

/// A service, to the others over its store.
pub(in crate::server) trait Sharer: Send + Sync {
    /// Takes note of what another one did. It may be said although nothing was changed, and more than once.
    fn hear(&self, done: &Done<'_>);
}

/// What a service did in the store.
#[derive(Clone, Debug)]
pub(in crate::server) enum Done<'a> {
    /// Stored a value for so long.
    Stored(&'a str, Ttl),
    /// Tried to, or removed what could not be read: nobody knows what is there.
    Touched(&'a str),
    Removed(&'a [&'a str]),
    RemovedMatching(&'a [Pattern]),
}

impl Sharers {
    /// Those of a store that keeps its values itself.
    #[must_use]
    pub fn new() -> Self {
        Self::in_place(Place::Store(NUMBER.fetch_add(1, Relaxed)))
    }

    /// Those of a store whose values are elsewhere, such as `redis.internal:6379/0`: stores that say the same there have
    /// the same values under the same keys.
    #[must_use]
    pub fn at(place: &str) -> Self {
        Self::in_place(Place::At(place.into()))
    }

    fn in_place(place: Place) -> Self {
        Self { place, services: RwLock::default(), schemas: Mutex::default() }
    }

    pub(in crate::server) const fn place(&self) -> &Place {
        &self.place
    }

    /// One more, which must not have read anything yet.
    pub(in crate::server) fn join(&self, number: Number, service: Weak<dyn Sharer>) {
        let mut services = self.services.write().unwrap_or_else(PoisonError::into_inner);
        services.retain(|(_, service)| service.strong_count() > 0);
        services.push((number, service));
    }

    /// Whether no service before this one had the same schema. What a store has learnt of it outlives the service, and
    /// services may come and go.
    pub(in crate::server) fn has_new(&self, schema: &Schema) -> bool {
        let mut schemas = self.schemas.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = !schemas.contains(schema);
        if is_new {
            schemas.push(schema.clone());
        }
        is_new
    }

    /// Tells all but the one that did it.
    fn tell(&self, by: Number, done: &Done<'_>) {
        let others: Vec<_> = {
            let services = self.services.read().unwrap_or_else(PoisonError::into_inner);
            let others = services.iter().filter(|(number, _)| *number != by);
            others.filter_map(|(_, service)| service.upgrade()).collect()
        };
        // Not under the lock: the last to hold a service drops it here.
        others.iter().for_each(|service| service.hear(done));
    }
}

impl Default for Sharers {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Sharers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sharers").field("place", &self.place).finish_non_exhaustive()
    }
}
