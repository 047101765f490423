//! The Redis store: values as plain text under the schema's own keys.
//!
//! # Layout
//!
//! - `config`, `link`: how to reach a server, and how long to wait. `server`, `cluster`: which one.
//! - `contract`: which file does what a store does.
//! - `names`: what things are called there.
//! - `entries`, `script`: single values and their leases. `reads`: those that come at once go together. `looking`: at keys
//!   without their values.
//! - `removal`, `walk`: by name, by pattern. In a cluster `sharded`, `removal_by_server`, `parts`, `shares`,
//!   `following`.
//! - `index`, `known_tags`, `listing`, `tidying`: the lists of keys by tag. `leases`: those of a cluster.
//! - `standing`, `catching_up`, `keeping`, `audit`: whether the lists name every key.
//! - `changes`, `tracking`, `announcing`, `watching`: what others change.
//! - `permissions`, `report`, `statistics`: what the server allows, and says of itself.
//! - `way`: for who keeps something else in Redis. `answer`: replies and errors in the store's terms.

mod announcing;
mod answer;
mod audit;
mod catching_up;
mod changes;
#[cfg(feature = "cluster")]
mod cluster;
mod config;
mod contract;
mod entries;
#[cfg(feature = "cluster")]
mod following;
mod index;
mod keeping;
mod known_tags;
#[cfg(feature = "cluster")]
mod leases;
mod link;
mod listing;
mod looking;
mod names;
#[cfg(feature = "cluster")]
mod parts;
mod permissions;
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
use std::sync::Arc;

use self::announcing::Announcing;
use self::audit::Audit;
use self::known_tags::KnownTags;
use self::names::Names;
use self::reads::Reads;
use self::server::Server;
use self::standing::Standing;
use self::watching::Watching;
use super::{Sharers, StoreError};
use crate::server::backplane::RedisLog;

pub use self::config::RedisConfig;
pub use self::looking::ValueLengths;
pub use self::report::{Refusals, ServerReport, ServerReports};

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
    tags_of: KnownTags,
    log: Arc<RedisLog>,
    sharers: Sharers,
}

impl RedisStore {
    /// A store that connects at its first use, so that a service starts while its Redis is down.
    ///
    /// # Errors
    /// [`StoreErrorKind::Denied`](super::StoreErrorKind::Denied) when the URL cannot be read. The message
    /// does not repeat it.
    ///
    /// # Panics
    /// Outside a Tokio runtime: the connection is a task.
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
            tags_of: KnownTags::default(),
            sole_writer: config.sole_writer,
            server,
            reads,
            names,
            log: Arc::new(RedisLog::over(log)),
            sharers: Sharers::at(&config.place()),
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

impl fmt::Debug for RedisStore {
    /// Leaves the connection out: its settings hold the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("namespace", &self.names.namespace())
            .finish_non_exhaustive()
    }
}
