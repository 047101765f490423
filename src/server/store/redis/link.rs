//! The way to one Redis server: one multiplexed connection, and no call that hangs.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{
    Client, Cmd, ConnectionInfo, IntoConnectionInfo, Pipeline, ProtocolVersion, PushInfo,
    RedisError, RedisResult, Value,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, timeout};

use super::answer::{Replies, store_error};
use super::config::RedisConfig;
use super::standing::Standing;
use crate::server::store::{StoreError, StoreErrorKind};
use crate::server::ttl::Ttl;

/// A connection that mends itself, and what the server tells unasked.
#[derive(Clone)]
pub(super) struct Link {
    connection: ConnectionManager,
    pushes: Pushes,
    /// Over each call as a whole. The client bounds the wait for a connection and for an answer, but not
    /// the wait for a place in its queue.
    deadline: Duration,
}

/// Where pushes go; nowhere until somebody listens, so that none pile up.
#[derive(Clone, Default)]
struct Pushes {
    listener: Arc<Mutex<Option<UnboundedSender<PushInfo>>>>,
    /// Hears each as it is read, before any answer that comes behind it.
    standing: Arc<OnceLock<Arc<Standing>>>,
}

impl Link {
    /// Reads a URL.
    pub(super) fn address(url: &str) -> Result<ConnectionInfo, StoreError> {
        url.into_connection_info().map_err(unreadable)
    }

    /// A connection is made at the first use.
    pub(super) fn new(address: ConnectionInfo, config: &RedisConfig) -> Result<Self, StoreError> {
        let client = open(address, config)?;
        let pushes = Pushes::default();
        // The client's own defaults made each call wait 9.4 s while Redis was down; these, some 16 ms.
        let patience = ConnectionManagerConfig::new()
            .set_number_of_retries(1)
            .set_min_delay(Duration::from_millis(10))
            .set_max_delay(Duration::from_millis(50))
            .set_response_timeout(Some(config.response_timeout))
            .set_connection_timeout(Some(config.connect_timeout))
            .set_pipeline_buffer_size(1_024)
            .set_push_sender({
                let pushes = pushes.clone();
                move |push| {
                    pushes.pass(push);
                    Ok::<_, redis::aio::SendError>(())
                }
            });
        let connection =
            ConnectionManager::new_lazy_with_config(client, patience).map_err(unreadable)?;
        let deadline = config
            .response_timeout
            .saturating_add(config.connect_timeout.saturating_mul(2))
            .saturating_add(Duration::from_millis(50));
        let deadline = Ttl::cut(deadline);
        Ok(Self { connection, pushes, deadline })
    }

    /// Each reply carries its own error: the client's one error for a whole pipeline would not tell which
    /// commands were carried out, nor keep the server's own code.
    ///
    /// The pipeline must be [`pipeline`]'s.
    pub(super) async fn send(
        &self,
        pipeline: &Pipeline,
    ) -> Result<Vec<RedisResult<Value>>, StoreError> {
        let mut connection = self.connection.clone();
        self.in_time(pipeline.query_async(&mut connection)).await?.map_err(store_error)
    }

    /// The same for those who read many answers: they are taken as they come. How long that may take is for the caller
    /// to say.
    pub(super) async fn answers(&self, pipeline: &Pipeline) -> Result<Replies, StoreError> {
        let mut connection = self.connection.clone();
        let answer = connection.send_packed_commands(pipeline, 0, pipeline.len());
        let values = answer.await.map_err(store_error)?;
        let reply = |value| match value {
            Value::ServerError(error) => Err(error.into()),
            value => Ok(value),
        };
        Ok(Replies::new(values.into_iter().map(reply).collect()))
    }

    pub(super) async fn subscribe(&self, channel: &str) -> Result<(), StoreError> {
        let mut connection = self.connection.clone();
        self.in_time(async { connection.subscribe(channel).await }).await?.map_err(store_error)
    }

    /// What the server tells unasked, from now on, to the latest who asks. A lost connection is told too.
    pub(super) fn pushes(&self) -> UnboundedReceiver<PushInfo> {
        let (sender, receiver) = unbounded_channel();
        *self.pushes.listener.lock().unwrap_or_else(PoisonError::into_inner) = Some(sender);
        receiver
    }

    /// Has `standing` hear what the server tells unasked, in order with its answers. The first who asks is the only one.
    pub(super) fn overhear(&self, standing: Arc<Standing>) {
        let _ = self.pushes.standing.set(standing);
    }

    /// Who hears.
    #[cfg(feature = "cluster")]
    pub(super) fn standing(&self) -> Option<&Arc<Standing>> {
        self.pushes.standing.get()
    }

    /// Whether it is the same connection.
    #[cfg(feature = "cluster")]
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.pushes.listener, &other.pushes.listener)
    }

    /// Waits no longer than a call may take.
    pub(super) async fn in_time<T>(
        &self,
        answer: impl Future<Output = T>,
    ) -> Result<T, StoreError> {
        timeout(self.deadline, answer).await.map_err(|_| Self::too_late())
    }

    /// When a call that begins now has waited long enough.
    pub(super) fn deadline(&self) -> Instant {
        Instant::now() + self.deadline
    }

    pub(super) fn too_late() -> StoreError {
        StoreError::new(StoreErrorKind::Timeout, "no answer from Redis in time")
    }
}

impl Pushes {
    fn pass(&self, push: PushInfo) {
        if let Some(standing) = self.standing.get() {
            standing.overhear(&push);
        }
        let mut listener = self.listener.lock().unwrap_or_else(PoisonError::into_inner);
        if listener.as_ref().is_some_and(|listener| listener.send(push).is_err()) {
            *listener = None;
        }
    }
}

/// A client for the server that the URL names.
pub(super) fn open_url(config: &RedisConfig) -> Result<Client, StoreError> {
    open(Link::address(&config.url)?, config)
}

pub(super) fn open(address: ConnectionInfo, config: &RedisConfig) -> Result<Client, StoreError> {
    // RESP3: the manager then notices a lost connection before the next command does, and pushes come on
    // the same connection as answers, in order with them.
    let settings = address.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
    client(address.set_redis_settings(settings), config).map_err(unreadable)
}

#[cfg(feature = "tls")]
fn client(address: ConnectionInfo, config: &RedisConfig) -> RedisResult<Client> {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Fails when another thread was first, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
    match (&config.root_certificate, address.addr()) {
        (Some(root), redis::ConnectionAddr::TcpTls { .. }) => {
            let root_cert = Some(root.clone());
            Client::build_with_tls(address, redis::TlsCertificates { client_tls: None, root_cert })
        }
        _ => Client::open(address),
    }
}

#[cfg(not(feature = "tls"))]
fn client(address: ConnectionInfo, _: &RedisConfig) -> RedisResult<Client> {
    Client::open(address)
}

fn unreadable(_: RedisError) -> StoreError {
    StoreError::new(
        StoreErrorKind::Denied,
        "the URL is not redis://[[user]:password@]host[:port][/database]",
    )
}

/// A pipeline whose replies stand each for itself.
pub(super) fn pipeline(commands: impl IntoIterator<Item = Cmd>) -> Pipeline {
    let commands = commands.into_iter();
    let mut pipeline = Pipeline::with_capacity(commands.size_hint().0);
    for command in commands {
        pipeline.add_command(command);
    }
    pipeline.ignore_errors();
    pipeline
}
