//! Where values live: one contract, two places.
//!
//! A store keeps bytes under a text key for a time. It knows nothing of families, events or JSON, and
//! decides nothing: what to do when it fails is the service's choice.
//!
//! [`MemoryStore`] lives in this process, [`RedisStore`] in a Redis that many processes and languages
//! share. `tests/server/store_contract.rs` is one suite that both pass; a third store proves itself by
//! passing it too.

mod breaker;
mod change;
#[cfg(feature = "testing")]
mod chaos;
mod error;
mod inspection;
mod lease;
mod memory;
mod operation;
mod pass_on;
mod record;
mod redis;
mod shards;
mod sharers;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;

use super::backplane::Backplane;
use super::ttl::Ttl;
use crate::schema::Pattern;

pub use breaker::{Breaker, BreakerConfig, BreakerStore, CircuitState, CircuitStatus};
pub use change::Change;
#[cfg(feature = "testing")]
pub use chaos::{Chaos, ChaosStore, Faults};
pub use error::{StoreError, StoreErrorKind};
pub use inspection::{Inspection, KeyInfo, KeyTtl, ScanPage, StoreStats, Tidied};
pub use lease::{LeaseFor, LeaseToken, Leased};
pub use memory::MemoryStore;
pub use operation::Operation;
pub(super) use pass_on::pass_on;
pub use record::{Entry, Record, Tag};
pub use redis::{RedisConfig, RedisStore, Refusals, ServerReport, ServerReports, ValueLengths};
pub(super) use shards::concerned;
pub use shards::{Removals, Shard, Sharded};
pub use sharers::Sharers;
pub(super) use sharers::{Done, Number, Place, Sharer, SharingStore};

pub(super) use redis::{Waiting, Way, in_time, store_error};

/// What the methods of [`Store`] return: boxed, so that a service can hold any store.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// The tags of a key: those with which its own service stores it.
pub type TagsOf = Arc<dyn Fn(&str) -> Vec<Tag> + Send + Sync>;

/// A place for bytes with an expiry.
///
/// Every method may fail with a [`StoreError`]; none may hang, and none may panic on any key or value.
pub trait Store: Send + Sync + 'static {
    /// What this store is, in one word: `memory`, `redis`.
    fn kind(&self) -> &'static str;

    /// What stands before every key where the values are, and is no part of the keys here: that of a Redis that several
    /// deployments share. Empty when there is none. A store around another one passes it on.
    fn namespace(&self) -> &str {
        ""
    }

    /// The value of `key` and what is left of its life, in one round trip.
    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Entry>>;

    /// The values of `keys`, in their order, in one round trip. A key that holds something else than a
    /// plain value is a miss of that key.
    fn get_many<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, Vec<Option<Entry>>>;

    /// Whether `key` is there.
    fn exists<'a>(&'a self, key: &'a str) -> StoreFuture<'a, bool>;

    /// What is left of the life of `key`; `None` when it is not there.
    fn ttl<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Duration>>;

    /// Stores a value over whatever was there, and voids the lease of its key, whosever it is: what is set
    /// is newer than what is being computed. A store that fails here may have kept the old value, stored
    /// the new one, or hold neither.
    fn set<'a>(&'a self, record: Record<'a>) -> StoreFuture<'a, ()>;

    /// Asks for the lease of `key` for `time`, in one round trip: one caller gets it, and has it until it
    /// stores, releases, or is invalidated.
    fn lease<'a>(
        &'a self,
        key: &'a str,
        token: &'a LeaseToken,
        time: Ttl,
        what: LeaseFor,
    ) -> StoreFuture<'a, Leased>;

    /// Stores a value if the lease of its key is still `token`'s, and ends the lease. `false`: nothing was
    /// stored, and whatever is there is not older than the invalidation, the `set` or the later lease
    /// that took the lease away.
    fn set_leased<'a>(&'a self, record: Record<'a>, token: &'a LeaseToken)
    -> StoreFuture<'a, bool>;

    /// Gives the lease of `key` back unused; does nothing when it is not `token`'s.
    fn release<'a>(&'a self, key: &'a str, token: &'a LeaseToken) -> StoreFuture<'a, ()>;

    /// Removes `keys` and voids their leases; how many were there. Leases first, then data: else a
    /// compute could store between the two.
    fn delete<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, u64>;

    /// Removes `key` if it still holds exactly `value`; whether it did. For a value that cannot be read:
    /// by the time that is known, another may stand there.
    fn delete_if<'a>(&'a self, key: &'a str, value: &'a [u8]) -> StoreFuture<'a, bool>;

    /// Removes every key that any of `patterns` means, by [`Pattern::matches`], and voids their leases,
    /// leases first; how many keys were there. A key present from beginning to end of the call is gone
    /// after it, and no lease from before it can be used after it.
    ///
    /// `tags` says where to look: unless it is empty, each key that the patterns mean was stored with at
    /// least one of them. A pattern of which that is not true belongs into another call.
    fn delete_matching<'a>(
        &'a self,
        patterns: &'a [Pattern],
        tags: &'a [Tag],
    ) -> StoreFuture<'a, u64>;

    /// What others change under keys that begin with any of `prefixes` (at least those; an empty list is
    /// every key), from now on. `None` when nobody else can write. Dropping the receiver ends it.
    ///
    /// Others are those who do not use this very store. Services over one hear of each other by [`Store::sharers`]; who
    /// calls it past any service is heard by none.
    fn changes(&self, prefixes: &[&str]) -> Option<UnboundedReceiver<Change>>;

    /// A page of the keys that `pattern` means, or of all. A walk begins at cursor 0.
    fn scan<'a>(&'a self, pattern: Option<&'a Pattern>, cursor: u64) -> StoreFuture<'a, ScanPage>;

    /// What is known of `keys`, in their order, without reading the values. Of several servers those that are there answer;
    /// it fails when none does.
    fn inspect<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, Inspection>;

    /// Tells the store which tags a key has, for the sake of keys that somebody else wrote there. A store that keeps no
    /// account of keys by tag does not need to know. Services of several schemas over one store say it one after the other, and
    /// all of them hold. A store around another one passes it on.
    fn know_tags(&self, tags_of: TagsOf) {
        drop(tags_of);
    }

    /// Tidies up what the store keeps beside its keys, such as lists of them. For a job, now and then. A store around
    /// another one passes it on.
    fn tidy(&self) -> StoreFuture<'_, Tidied> {
        Box::pin(async { Ok(Tidied::default()) })
    }

    /// What the store can say about itself.
    fn stats(&self) -> StoreFuture<'_, StoreStats>;

    /// The log of invalidations that goes with this store: shared by all who share the store. `None` when
    /// nobody else does. A store around another one passes on the inner one's.
    fn backplane(&self) -> Option<Arc<dyn Backplane>> {
        None
    }

    /// The servers of this store, if it has several that fail each by itself: a Redis Cluster. A store around
    /// another one passes on the inner one's.
    fn sharded(&self) -> Option<&dyn Sharded> {
        None
    }

    /// The services of this process that work with this store: each is told what the others change. A store has one
    /// [`Sharers`] for life; a store around another one passes on the inner one's.
    fn sharers(&self) -> &Sharers;

    /// Succeeds when the store can be reached; of several servers, when any can.
    fn ping(&self) -> StoreFuture<'_, ()>;
}

/// The store that a deployment's `REDIS_URL` asks for: Redis when there is one, else this process. Must be
/// called inside a Tokio runtime.
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let url = std::env::var("REDIS_URL").ok();
/// let store = samekey::server::store_for(url.as_deref())?;
/// # assert!(store.kind() == "memory" || url.is_some());
/// # Ok::<(), samekey::server::StoreError>(())
/// # }).unwrap();
/// ```
///
/// # Errors
/// As [`RedisStore::new`]. A Redis that is down is no error here.
pub fn store_for(redis_url: Option<&str>) -> Result<Box<dyn Store>, StoreError> {
    match redis_url.map(str::trim).filter(|url| !url.is_empty()) {
        Some(url) => Ok(Box::new(RedisStore::new(&RedisConfig::new(url))?)),
        None => Ok(Box::new(MemoryStore::default())),
    }
}
