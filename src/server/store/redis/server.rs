//! The server or the servers: which of them a command goes to.

use redis::{Cmd, ErrorKind, FromRedisValue, RedisResult, ServerErrorKind, Value};

use super::answer::Replies;
#[cfg(feature = "cluster")]
use super::cluster::Cluster;
use super::config::RedisConfig;
use super::link::{Link, pipeline};
use super::script::{Call, Lua};
use crate::server::store::StoreError;

/// One server that has all keys, or a cluster.
pub(super) enum Server {
    One(Link),
    #[cfg(feature = "cluster")]
    Cluster(Box<Cluster>),
}

impl Server {
    pub(super) fn new(config: &RedisConfig) -> Result<Self, StoreError> {
        if config.cluster || config.url.contains(',') {
            #[cfg(feature = "cluster")]
            return Ok(Self::Cluster(Box::new(Cluster::new(config)?)));
            #[cfg(not(feature = "cluster"))]
            return Err(StoreError::new(
                crate::server::store::StoreErrorKind::Denied,
                "several servers, or a cluster: samekey was built without the feature `cluster`",
            ));
        }
        Ok(Self::One(Link::new(Link::address(&config.url)?, config)?))
    }

    /// Whether every key is on the same server, so that one script may name any of them.
    pub(super) fn is_one(&self) -> bool {
        matches!(self, Self::One(_))
    }

    #[cfg(feature = "cluster")]
    pub(super) fn cluster(&self) -> Option<&Cluster> {
        match self {
            Self::One(_) => None,
            Self::Cluster(cluster) => Some(cluster),
        }
    }

    /// The address of the server that has `name`, as was last told. Empty where there is one only, or nobody knows.
    pub(super) fn address_of(&self, name: &str) -> String {
        #[cfg(feature = "cluster")]
        if let Some(shard) = self.cluster().and_then(|cluster| cluster.shard_of(name)) {
            return shard.as_str().to_owned();
        }
        let _ = name;
        String::new()
    }

    /// Every server that has keys of its own.
    pub(super) async fn nodes(&self) -> Result<Vec<Link>, StoreError> {
        Ok(self.named_nodes().await?.into_iter().map(|(_, node)| node).collect())
    }

    /// The same with their addresses, where they are several.
    pub(super) async fn named_nodes(&self) -> Result<Vec<(String, Link)>, StoreError> {
        match self {
            Self::One(link) => Ok(vec![(String::new(), link.clone())]),
            #[cfg(feature = "cluster")]
            Self::Cluster(cluster) => cluster.named_nodes().await,
        }
    }

    /// One command about `name`.
    pub(super) async fn query<T: FromRedisValue>(
        &self,
        name: &str,
        command: &Cmd,
    ) -> Result<T, StoreError> {
        self.all(name, [command.clone()]).await?.next()
    }

    /// Commands about `name` and what is in its slot, in their order and one round trip.
    pub(super) async fn all(
        &self,
        name: &str,
        commands: impl IntoIterator<Item = Cmd>,
    ) -> Result<Replies, StoreError> {
        Ok(Replies::new(self.send(name, commands).await?))
    }

    /// Commands about any names, in one round trip per server; the replies in the order of the commands.
    pub(super) async fn each(&self, commands: Vec<(String, Cmd)>) -> Result<Replies, StoreError> {
        match self {
            Self::One(link) => {
                let commands = pipeline(commands.into_iter().map(|(_, command)| command));
                Ok(Replies::new(link.send(&commands).await?))
            }
            #[cfg(feature = "cluster")]
            Self::Cluster(cluster) => Ok(Replies::new(cluster.send_each(commands).await?)),
        }
    }

    /// Runs a script about `name` by its hash, and by its text on a server that has not seen it since it
    /// started.
    pub(super) async fn run<T: FromRedisValue>(
        &self,
        name: &str,
        script: &Lua,
        call: &Call<'_>,
    ) -> Result<T, StoreError> {
        let replies = self.send(name, [script.by_hash(call)]).await?;
        if replies.iter().any(is_unknown_script) {
            return self.all(name, [script.by_source(call)]).await?.next();
        }
        Replies::new(replies).next()
    }

    pub(super) async fn send(
        &self,
        name: &str,
        commands: impl IntoIterator<Item = Cmd>,
    ) -> Result<Vec<RedisResult<Value>>, StoreError> {
        let commands = pipeline(commands);
        match self {
            Self::One(link) => {
                let _ = name;
                link.send(&commands).await
            }
            #[cfg(feature = "cluster")]
            Self::Cluster(cluster) => cluster.send(name, &commands).await,
        }
    }
}

/// `NOSCRIPT`: nothing was done.
pub(super) fn is_unknown_script(reply: &RedisResult<Value>) -> bool {
    let unknown = ErrorKind::Server(ServerErrorKind::NoScript);
    match reply {
        Err(error) => error.kind() == unknown,
        // In what a transaction answers, an error is a value.
        Ok(Value::Array(replies)) => replies.iter().any(|reply| match reply {
            Value::ServerError(error) => error.kind() == Some(ServerErrorKind::NoScript),
            _ => false,
        }),
        Ok(_) => false,
    }
}
