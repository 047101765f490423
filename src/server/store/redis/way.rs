//! The way to one name in Redis, for who keeps something there beside the store: the log of invalidations.

use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, RedisResult};
use tokio::time::timeout;

use super::answer::{Replies, store_error};
use super::config::RedisConfig;
use super::link::open_url;
use super::server::Server;
use crate::server::store::{Shard, StoreError, StoreErrorKind};

/// Finds the server that has a name, now and after it has moved.
pub(in crate::server) struct Way {
    server: Arc<Server>,
    config: RedisConfig,
    name: String,
}

/// A connection for one who waits: a blocked one serves nobody else.
pub(in crate::server) struct Waiting {
    pub(in crate::server) connection: MultiplexedConnection,
    /// Whom it leads to; `None` where there is one server only.
    pub(in crate::server) server: Option<Shard>,
}

impl Way {
    /// With connections of its own.
    pub(in crate::server) fn new(config: &RedisConfig, name: String) -> Result<Self, StoreError> {
        Ok(Self { server: Arc::new(Server::new(config)?), config: config.clone(), name })
    }

    /// The way that the store takes, in a cluster: it knows already who has which slots. Where there is one server
    /// only, connections of its own, so that neither waits for what the other has asked.
    pub(super) fn beside(
        server: &Arc<Server>,
        config: &RedisConfig,
        name: String,
    ) -> Result<Self, StoreError> {
        if server.is_one() {
            return Self::new(config, name);
        }
        Ok(Self { server: server.clone(), config: config.clone(), name })
    }

    pub(in crate::server) fn name(&self) -> &str {
        &self.name
    }

    /// Commands about the name, in one round trip.
    pub(in crate::server) async fn ask(
        &self,
        commands: impl IntoIterator<Item = Cmd>,
    ) -> Result<Replies, StoreError> {
        self.server.all(&self.name, commands).await
    }

    /// A connection to the server that has the name now.
    pub(in crate::server) async fn connect(&self) -> Result<Waiting, StoreError> {
        let (client, server) = self.client().await?;
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.config.connect_timeout))
            // The waits are bounded where they are.
            .set_response_timeout(None);
        let connection = client.get_multiplexed_async_connection_with_config(&config);
        // Twice: a server that accepts and then is silent must not hold us.
        let twice = self.config.connect_timeout.saturating_mul(2);
        let limit = twice.saturating_add(self.config.response_timeout);
        let connection = in_time(limit, connection).await;
        #[cfg(feature = "cluster")]
        if let (Err(_), Some(cluster)) = (&connection, self.server.cluster()) {
            // What there is to say is said by the connection.
            let _ = cluster.look_again().await;
        }
        Ok(Waiting { connection: connection?, server })
    }

    async fn client(&self) -> Result<(Client, Option<Shard>), StoreError> {
        #[cfg(feature = "cluster")]
        if let Some(cluster) = self.server.cluster() {
            cluster.named_nodes().await?;
            let Some(shard) = cluster.shard_of(&self.name) else {
                return Err(StoreError::new(StoreErrorKind::Busy, "the log's slot is nobody's"));
            };
            let client = super::link::open(cluster.info_of(&shard)?, &self.config)?;
            return Ok((client, Some(shard)));
        }
        Ok((open_url(&self.config)?, None))
    }

    /// Whether `waiting` still leads to the server that has the name, by who has which slots now.
    pub(in crate::server) async fn still_leads_there(&self, waiting: &Waiting) -> bool {
        #[cfg(feature = "cluster")]
        if let Some(cluster) = self.server.cluster() {
            // Who cannot be asked has said nothing else.
            let _ = cluster.look_again().await;
            return cluster.shard_of(&self.name) == waiting.server;
        }
        let _ = waiting;
        true
    }

    /// What another server of the cluster says of itself; an error where there is none of this address any more.
    pub(in crate::server) async fn info(
        &self,
        address: &str,
        section: &str,
    ) -> Result<String, StoreError> {
        #[cfg(feature = "cluster")]
        if let Some(cluster) = self.server.cluster() {
            let (_, link) = cluster.link_to(&Shard::new(address))?;
            let info = super::link::pipeline([redis::cmd("INFO").arg(section).take()]);
            return Replies::new(link.send(&info).await?).next();
        }
        let _ = (address, section);
        Err(StoreError::new(StoreErrorKind::Unavailable, "no other server"))
    }

    /// How long an answer may take on a connection that [`Way::connect`] has made.
    pub(in crate::server) fn patience(&self) -> Duration {
        self.config.response_timeout.saturating_add(self.config.connect_timeout)
    }
}

/// An answer, or that there was none in time.
pub(in crate::server) async fn in_time<T>(
    limit: Duration,
    answer: impl Future<Output = RedisResult<T>>,
) -> Result<T, StoreError> {
    match timeout(limit, answer).await {
        Ok(answer) => answer.map_err(store_error),
        Err(_) => Err(StoreError::new(StoreErrorKind::Timeout, "no answer from Redis in time")),
    }
}
