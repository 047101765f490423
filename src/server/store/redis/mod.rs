//! The Redis store: values as plain text under the schema's own keys.
//!
//! # Layout
//!
//! - `config`, `link`: how to reach a server, and how long to wait. `server`, `cluster`: which one.
//! - `names`: what things are called there.
//! - `entries`, `script`: single values and their leases. `looking`: at keys without their values.
//! - `removal`, `walk`: by name, by pattern. In a cluster `sharded`, `removal_by_server`, `parts`, `shares`,
//!   `following`.
//! - `index`, `listing`, `tidying`: the lists of keys by tag. `leases`: those of a cluster.
//! - `standing`, `catching_up`, `keeping`, `audit`: whether the lists name every key.
//! - `changes`, `tracking`, `announcing`, `watching`: what others change.
//! - `way`: for who keeps something else in Redis. `answer`: replies and errors in the store's terms.

mod announcing;
mod answer;
mod audit;
mod catching_up;
mod changes;
#[cfg(feature = "cluster")]
mod cluster;
mod config;
mod entries;
#[cfg(feature = "cluster")]
mod following;
mod index;
mod keeping;
#[cfg(feature = "cluster")]
mod leases;
mod link;
mod listing;
mod looking;
mod names;
#[cfg(feature = "cluster")]
mod parts;
mod reads;
mod removal;
#[cfg(feature = "cluster")]
mod removal_by_server;
mod report;
mod script;
mod server;
#[cfg(feature = "cluster")]
mod sharded;
#[cfg(feature = "cluster")]
mod shares;
mod standing;
mod statistics;
mod tidying;
mod tracking;
mod walk;
mod watching;
mod way;

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;

use self::announcing::Announcing;
use self::audit::Audit;
use self::names::Names;
use self::reads::Reads;
use self::server::Server;
use self::standing::Standing;
use self::watching::Watching;
#[cfg(feature = "cluster")]
use super::Sharded;
use super::{
    Change, Entry, Inspection, LeaseFor, LeaseToken, Leased, Record, ScanPage, Store, StoreError,
    StoreFuture, StoreStats, Tag, TagsOf, Tidied,
};
use crate::schema::Pattern;
use crate::server::backplane::{Backplane, RedisLog};
use crate::server::ttl::Ttl;

pub use self::config::RedisConfig;
pub use self::looking::ValueLengths;
pub use self::report::{ServerReport, ServerReports};

pub(in crate::server) use self::answer::store_error;
pub(in crate::server) use self::way::{Waiting, Way, in_time};

/// Keeps values in Redis 6 or newer, or in a server that speaks its protocol, such as Valkey.
pub struct RedisStore {
    server: Arc<Server>,
    /// None in a cluster.
    reads: Option<Reads>,
    names: Names,
    sole_writer: bool,
    audit: Audit,
    watching: Watching,
    announcing: Arc<Announcing>,
    /// Whether the lists name every key.
    standing: Arc<Standing>,
    tags_of: OnceLock<TagsOf>,
    log: Arc<RedisLog>,
}

impl RedisStore {
    /// A store that connects at its first use, so that a service starts while its Redis is down.
    /// Must be called inside a Tokio runtime.
    ///
    /// # Errors
    /// [`StoreErrorKind::Denied`](super::StoreErrorKind::Denied) when the URL cannot be read. The message
    /// does not repeat it.
    pub fn new(config: &RedisConfig) -> Result<Self, StoreError> {
        let server = Arc::new(Server::new(config)?);
        let names = Names::new(&config.namespace);
        let announcing = Announcing::new(names.clone(), config.announce);
        if let (true, Server::One(link)) = (config.announce, &*server) {
            announcing.begin(link);
        }
        let reads = match &*server {
            Server::One(link) => Some(Reads::new(link.clone())),
            #[cfg(feature = "cluster")]
            Server::Cluster(_) => None,
        };
        let log = Way::beside(&server, config, RedisLog::name_in(&config.namespace))?;
        let standing = Standing::new(names.clone());
        Ok(Self {
            audit: Audit::new(server.clone(), names.clone()),
            watching: Watching::new(
                server.clone(),
                names.clone(),
                announcing.clone(),
                standing.clone(),
            ),
            announcing,
            standing,
            tags_of: OnceLock::new(),
            sole_writer: config.sole_writer,
            server,
            reads,
            names,
            log: Arc::new(RedisLog::over(log)),
        })
    }
}

impl Drop for RedisStore {
    fn drop(&mut self) {
        self.audit.stop();
        self.standing.stop();
        self.announcing.stop();
        #[cfg(feature = "cluster")]
        self.server.cluster().into_iter().for_each(cluster::Cluster::stop);
    }
}

impl Store for RedisStore {
    fn kind(&self) -> &'static str {
        "redis"
    }

    fn namespace(&self) -> &str {
        self.names.namespace()
    }

    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Entry>> {
        Box::pin(self.read(key))
    }

    fn get_many<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, Vec<Option<Entry>>> {
        Box::pin(self.read_many(keys))
    }

    fn exists<'a>(&'a self, key: &'a str) -> StoreFuture<'a, bool> {
        Box::pin(self.is_there(key))
    }

    fn ttl<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Duration>> {
        Box::pin(self.time_left(key))
    }

    fn set<'a>(&'a self, record: Record<'a>) -> StoreFuture<'a, ()> {
        Box::pin(self.write(record))
    }

    fn lease<'a>(
        &'a self,
        key: &'a str,
        token: &'a LeaseToken,
        time: Ttl,
        what: LeaseFor,
    ) -> StoreFuture<'a, Leased> {
        Box::pin(self.take_lease(key, token, time, what))
    }

    fn set_leased<'a>(
        &'a self,
        record: Record<'a>,
        token: &'a LeaseToken,
    ) -> StoreFuture<'a, bool> {
        Box::pin(self.store(record, Some(token)))
    }

    fn release<'a>(&'a self, key: &'a str, token: &'a LeaseToken) -> StoreFuture<'a, ()> {
        Box::pin(self.give_back(key, token))
    }

    fn delete<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, u64> {
        Box::pin(self.remove(keys))
    }

    fn delete_if<'a>(&'a self, key: &'a str, value: &'a [u8]) -> StoreFuture<'a, bool> {
        Box::pin(self.remove_if(key, value))
    }

    fn delete_matching<'a>(
        &'a self,
        patterns: &'a [Pattern],
        tags: &'a [Tag],
    ) -> StoreFuture<'a, u64> {
        Box::pin(self.remove_matching(patterns, tags))
    }

    fn changes(&self, prefixes: &[&str]) -> Option<UnboundedReceiver<Change>> {
        Some(self.watching.follow(prefixes))
    }

    fn scan<'a>(&'a self, pattern: Option<&'a Pattern>, cursor: u64) -> StoreFuture<'a, ScanPage> {
        Box::pin(self.page(pattern, cursor))
    }

    fn inspect<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, Inspection> {
        Box::pin(self.look_at(keys))
    }

    fn know_tags(&self, tags_of: TagsOf) {
        // A second service has the same schema, or shares the store with the first by mistake.
        let _ = self.tags_of.set(tags_of);
    }

    fn tidy(&self) -> StoreFuture<'_, Tidied> {
        Box::pin(self.tidy_lists())
    }

    fn backplane(&self) -> Option<Arc<dyn Backplane>> {
        Some(self.log.clone())
    }

    #[cfg(feature = "cluster")]
    fn sharded(&self) -> Option<&dyn Sharded> {
        self.server.cluster().is_some().then_some(self as &dyn Sharded)
    }

    fn stats(&self) -> StoreFuture<'_, StoreStats> {
        Box::pin(self.read_stats())
    }

    fn ping(&self) -> StoreFuture<'_, ()> {
        Box::pin(self.reach())
    }
}

impl fmt::Debug for RedisStore {
    /// Leaves the connection out: its settings hold the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("namespace", &self.names.namespace())
            .finish_non_exhaustive()
    }
}
