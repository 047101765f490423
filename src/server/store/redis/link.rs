//! The way to Redis: one multiplexed connection, and no call that hangs.

use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{
    Client, Cmd, ErrorKind, FromRedisValue, IntoConnectionInfo, Pipeline, ProtocolVersion,
    RedisError, RedisResult, ServerErrorKind,
};
use tokio::time::timeout;

use super::answer::{Replies, store_error};
use super::config::RedisConfig;
use super::script::{Call, Lua};
use crate::server::store::{StoreError, StoreErrorKind};

#[derive(Clone)]
pub(super) struct Link {
    connection: ConnectionManager,
    /// Over each call as a whole. The client bounds the wait for a connection and for an answer, but not
    /// the wait for a place in its queue.
    deadline: Duration,
}

impl Link {
    /// A connection is made at the first use.
    pub(super) fn new(config: &RedisConfig) -> Result<Self, StoreError> {
        let unreadable = |_: RedisError| {
            StoreError::new(
                StoreErrorKind::Denied,
                "the URL is not redis://[[user]:password@]host[:port][/database]",
            )
        };
        let info = config.url.as_str().into_connection_info().map_err(unreadable)?;
        // RESP3: the manager then notices a lost connection before the next command does.
        let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
        let client = Client::open(info.set_redis_settings(settings)).map_err(unreadable)?;
        // The client's own defaults made each call wait 9.4 s while Redis was down; these, some 16 ms.
        let patience = ConnectionManagerConfig::new()
            .set_number_of_retries(1)
            .set_min_delay(Duration::from_millis(10))
            .set_max_delay(Duration::from_millis(50))
            .set_response_timeout(Some(config.response_timeout))
            .set_connection_timeout(Some(config.connect_timeout))
            .set_pipeline_buffer_size(1_024);
        let connection =
            ConnectionManager::new_lazy_with_config(client, patience).map_err(unreadable)?;
        let deadline =
            config.response_timeout + 2 * config.connect_timeout + Duration::from_millis(50);
        Ok(Self { connection, deadline })
    }

    pub(super) async fn query<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, StoreError> {
        let mut connection = self.connection.clone();
        self.in_time(command.query_async(&mut connection)).await
    }

    /// Each reply carries its own error: the client's one error for a whole pipeline would not tell which
    /// commands were carried out, nor keep the server's own code.
    pub(super) async fn pipeline(&self, mut pipeline: Pipeline) -> Result<Replies, StoreError> {
        pipeline.ignore_errors();
        let mut connection = self.connection.clone();
        let replies: Vec<_> = self.in_time(pipeline.query_async(&mut connection)).await?;
        Ok(Replies(replies.into_iter()))
    }

    /// Runs a script by its hash, and by its text on a server that has not seen it since it started.
    pub(super) async fn run<T: FromRedisValue>(
        &self,
        script: &Lua,
        call: Call<'_>,
    ) -> Result<T, StoreError> {
        let mut connection = self.connection.clone();
        self.in_time(async {
            match script.by_hash(&call).query_async(&mut connection).await {
                Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                    script.by_source(&call).query_async(&mut connection).await
                }
                answer => answer,
            }
        })
        .await
    }

    async fn in_time<T>(
        &self,
        answer: impl Future<Output = RedisResult<T>>,
    ) -> Result<T, StoreError> {
        match timeout(self.deadline, answer).await {
            Ok(answer) => answer.map_err(store_error),
            Err(_) => Err(StoreError::new(StoreErrorKind::Timeout, "no answer from Redis in time")),
        }
    }
}
