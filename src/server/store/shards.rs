//! Stores of several servers, each of which fails by itself.
//!
//! One that is down must cost its own keys only. So who stands before a store (a circuit, a queue of removals)
//! asks which server a key is on, and what became of each server's part of a call.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::{StoreError, StoreFuture, StoreStats, Tag};
use crate::schema::Pattern;

/// One of a store's servers, by its address: `10.0.0.7:6379`. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Shard(Arc<str>);

impl Shard {
    /// The server at this address.
    #[must_use]
    pub fn new(address: impl Into<Arc<str>>) -> Self {
        Self(address.into())
    }

    /// Its address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shard({})", self.0)
    }
}

/// What a removal came to on each of the servers that were asked, in their order.
pub type Removals<'a> = Pin<Box<dyn Future<Output = Vec<Result<u64, StoreError>>> + Send + 'a>>;

/// A store of several servers; see [`Store::sharded`](super::Store::sharded).
pub trait Sharded: Send + Sync {
    /// The servers that have keys. None before it is known who they are. Asks nobody, and may change with each
    /// call: a server that another has taken the place of is not there any more.
    fn shards(&self) -> Vec<Shard>;

    /// The server that has `key`, or would; `None` while that is not known. A guess: keys move, and the store
    /// itself finds those that have.
    fn shard_of(&self, key: &str) -> Option<Shard>;

    /// How often keys were found to have gone to a server that had been there before. What was done on the servers one
    /// after the other was done for all keys only if this is the same as before the first. Asks nobody.
    fn moves(&self) -> u64;

    /// Succeeds when this server can be reached.
    fn ping_shard<'a>(&'a self, shard: &'a Shard) -> StoreFuture<'a, ()>;

    /// What these servers say of themselves, together. Those that do not answer are
    /// [`missing`](StoreStats::missing); fails when none does.
    fn stats_of<'a>(&'a self, shards: &'a [Shard]) -> StoreFuture<'a, StoreStats>;

    /// [`Store::delete_matching`](super::Store::delete_matching) on these servers and no others: what it came
    /// to on each.
    fn delete_matching_on<'a>(
        &'a self,
        shards: &'a [Shard],
        patterns: &'a [Pattern],
        tags: &'a [Tag],
    ) -> Removals<'a>;
}

/// The servers that keys of these patterns can be on. None before it is known who they are.
pub(in crate::server) fn concerned(servers: &dyn Sharded, patterns: &[Pattern]) -> Vec<Shard> {
    let exact = |pattern: &Pattern| match pattern.as_str() {
        wild if wild.contains('*') => None,
        key => servers.shard_of(key),
    };
    let mut shards = match patterns.iter().map(exact).collect() {
        Some(shards) => shards,
        None => servers.shards(),
    };
    shards.sort_unstable();
    shards.dedup();
    shards
}
