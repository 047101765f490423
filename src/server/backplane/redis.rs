//! The log as a Redis Stream.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig, MultiplexedConnection};
use redis::{AsyncConnectionConfig, Client, FromRedisValue, Pipeline, RedisResult};
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::notice::{NoticeError, VERSION};
use super::{Backplane, LogId, Logged, Notice, Read};
use crate::server::store::{
    RedisConfig, StoreError, StoreErrorKind, StoreFuture, open_url, store_error,
};

/// Behind the deployment's namespace. No family's keys begin so.
const NAME: &str = "samekey:invalidations";

/// How many entries the log keeps, nearly: some five megabytes, and a quarter of an hour at ten events a second.
const KEPT: usize = 10_000;

/// Nothing lives for ever, nor does a log that nobody follows. Each append and each idle follower renews it.
const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// How long a follower waits for an entry. A log that was lost while nothing happened is noticed after this time.
const PATIENCE: Duration = Duration::from_secs(2);

/// Entries per look.
const BATCH: usize = 256;

/// Keeps notices in a Redis Stream that all nodes share.
pub struct RedisLog {
    client: Client,
    /// For appending and looking back.
    connection: ConnectionManager,
    /// For waiting: a blocked connection serves nobody else.
    waiting: Mutex<Option<MultiplexedConnection>>,
    name: String,
    kept: usize,
    connect_timeout: Duration,
    response_timeout: Duration,
}

/// An entry as Redis sends it: its id; names and texts by turns.
type Raw = (String, Vec<Vec<u8>>);

impl RedisLog {
    /// The log that goes with the store of this configuration. It connects at its first use. Must be called inside
    /// a Tokio runtime.
    ///
    /// # Errors
    /// [`StoreErrorKind::Denied`] when the URL cannot be read. The message does not repeat it.
    pub fn new(config: &RedisConfig) -> Result<Self, StoreError> {
        let client = open_url(config)?;
        let patience = ConnectionManagerConfig::new()
            .set_number_of_retries(1)
            .set_min_delay(Duration::from_millis(10))
            .set_max_delay(Duration::from_millis(50))
            .set_response_timeout(Some(config.response_timeout))
            .set_connection_timeout(Some(config.connect_timeout));
        let connection = ConnectionManager::new_lazy_with_config(client.clone(), patience)
            .map_err(store_error)?;
        Ok(Self {
            client,
            connection,
            waiting: Mutex::new(None),
            name: [&config.namespace, NAME].concat(),
            kept: KEPT,
            connect_timeout: config.connect_timeout,
            response_timeout: config.response_timeout,
        })
    }

    /// The same, keeping about so many notices. Redis trims whole blocks of entries, so some more stay.
    #[must_use]
    pub fn keeping(mut self, notices: usize) -> Self {
        self.kept = notices;
        self
    }

    /// The stream's name in Redis.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    async fn query<T: FromRedisValue>(&self, pipeline: &Pipeline) -> Result<T, StoreError> {
        let mut connection = self.connection.clone();
        // The client bounds each wait but the one for a place in its queue.
        let deadline = self.response_timeout + 2 * self.connect_timeout + Duration::from_millis(50);
        in_time(deadline, pipeline.query_async(&mut connection)).await
    }

    async fn add(&self, body: &str) -> Result<LogId, StoreError> {
        let mut pipeline = Pipeline::new();
        pipeline.cmd("XADD").arg(&self.name).arg("MAXLEN").arg("~").arg(self.kept).arg("*");
        pipeline.arg("v").arg(VERSION).arg("n").arg(body);
        pipeline.cmd("PEXPIRE").arg(&self.name).arg(LIFETIME.as_millis() as u64).ignore();
        let (id,): (String,) = self.query(&pipeline).await?;
        place(&id)
    }

    /// The first and the last place of the log, if it has any.
    fn ask_for_ends<'p>(&self, pipeline: &'p mut Pipeline) -> &'p mut Pipeline {
        pipeline.cmd("XRANGE").arg(&self.name).arg("-").arg("+").arg("COUNT").arg(1);
        pipeline.cmd("XREVRANGE").arg(&self.name).arg("+").arg("-").arg("COUNT").arg(1)
    }

    async fn latest_place(&self) -> Result<LogId, StoreError> {
        let mut pipeline = Pipeline::new();
        let (_, last): (Vec<Raw>, Vec<Raw>) = self.query(self.ask_for_ends(&mut pipeline)).await?;
        match last.first() {
            Some((id, _)) => place(id),
            // A mark, so that a log has a first place from which on nothing is missing.
            None => self.add("").await,
        }
    }

    async fn read_now(&self, after: LogId, limit: usize) -> Result<Read, StoreError> {
        let mut pipeline = Pipeline::new();
        pipeline.cmd("XRANGE").arg(&self.name).arg(after.next().to_string()).arg("+");
        pipeline.arg("COUNT").arg(limit);
        // After the entries: what stood first then has not been trimmed before they were read.
        self.ask_for_ends(&mut pipeline);
        let (entries, first, last): (Vec<Raw>, Vec<Raw>, Vec<Raw>) = self.query(&pipeline).await?;
        if !holds(after, &first, &last)? {
            return Ok(Read::Gap);
        }
        entries.into_iter().map(logged).collect::<Result<_, _>>().map(Read::Entries)
    }

    /// Waits on the connection of its own. Whatever goes wrong there, the next call begins with another.
    async fn wait(&self, after: LogId) -> Result<Read, StoreError> {
        let mut held = self.waiting.lock().await;
        let mut connection = match held.take() {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        let mut read = redis::cmd("XREAD");
        read.arg("COUNT").arg(BATCH).arg("BLOCK").arg(PATIENCE.as_millis() as u64);
        read.arg("STREAMS").arg(&self.name).arg(after.to_string());
        let waited = in_time(
            PATIENCE + self.response_timeout + self.connect_timeout,
            read.query_async::<Option<HashMap<String, Vec<Raw>>>>(&mut connection),
        );
        let entries = waited.await?.unwrap_or_default().into_values().flatten().collect::<Vec<_>>();

        let mut pipeline = Pipeline::new();
        self.ask_for_ends(&mut pipeline);
        pipeline.cmd("PEXPIRE").arg(&self.name).arg(LIFETIME.as_millis() as u64).ignore();
        let answer = pipeline.query_async(&mut connection);
        let (first, last): (Vec<Raw>, Vec<Raw>) =
            in_time(self.response_timeout + self.connect_timeout, answer).await?;
        *held = Some(connection);
        if !holds(after, &first, &last)? {
            return Ok(Read::Gap);
        }
        entries.into_iter().map(logged).collect::<Result<_, _>>().map(Read::Entries)
    }

    async fn connect(&self) -> Result<MultiplexedConnection, StoreError> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.connect_timeout))
            // The waits are bounded where they are.
            .set_response_timeout(None);
        let connection = self.client.get_multiplexed_async_connection_with_config(&config);
        // Twice: a server that accepts and then is silent must not hold us.
        in_time(2 * self.connect_timeout + self.response_timeout, connection).await
    }
}

/// Whether a log with these ends has everything behind `after`: it begins there or before, and has come so far.
fn holds(after: LogId, first: &[Raw], last: &[Raw]) -> Result<bool, StoreError> {
    Ok(match (first.first(), last.first()) {
        (Some((first, _)), Some((last, _))) => place(first)? <= after && after <= place(last)?,
        _ => false,
    })
}

fn place(id: &str) -> Result<LogId, StoreError> {
    let odd = |_| StoreError::new(StoreErrorKind::Refused, "the log's ids are not a stream's");
    id.parse().map_err(odd)
}

fn logged((id, fields): Raw) -> Result<Logged, StoreError> {
    Ok(Logged { id: place(&id)?, notice: notice(&fields) })
}

fn notice(fields: &[Vec<u8>]) -> Result<Option<Notice>, NoticeError> {
    let field = |name: &[u8]| {
        let found = fields.chunks_exact(2).find(|pair| pair[0] == name);
        found.map(|pair| &pair[1][..]).ok_or(NoticeError::Malformed)
    };
    if field(b"v")? != VERSION.to_string().as_bytes() {
        return Err(NoticeError::Version);
    }
    match field(b"n")? {
        b"" => Ok(None),
        json => Notice::from_json(json).map(Some),
    }
}

async fn in_time<T>(
    deadline: Duration,
    answer: impl Future<Output = RedisResult<T>>,
) -> Result<T, StoreError> {
    match timeout(deadline, answer).await {
        Ok(answer) => answer.map_err(store_error),
        Err(_) => Err(StoreError::new(StoreErrorKind::Timeout, "no answer from Redis in time")),
    }
}

impl Backplane for RedisLog {
    fn kind(&self) -> &'static str {
        "redis"
    }

    fn append<'a>(&'a self, notice: &'a Notice) -> StoreFuture<'a, LogId> {
        Box::pin(async move { self.add(&notice.to_json()).await })
    }

    fn latest(&self) -> StoreFuture<'_, LogId> {
        Box::pin(self.latest_place())
    }

    fn read(&self, after: LogId, limit: usize) -> StoreFuture<'_, Read> {
        Box::pin(self.read_now(after, limit))
    }

    fn follow(&self, after: LogId) -> StoreFuture<'_, Read> {
        Box::pin(self.wait(after))
    }
}

impl fmt::Debug for RedisLog {
    /// Leaves the client out: its settings hold the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisLog").field("name", &self.name).finish_non_exhaustive()
    }
}
