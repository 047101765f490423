//! The log as a Redis Stream. In a cluster too: it is in one slot, and found by the map of slots.

mod continuity;
mod entry;
mod waiting;

use std::fmt;
use std::time::Duration;

use redis::{Cmd, cmd};
use tokio::sync::Mutex;

use self::continuity::UNSTAMPED;
use self::entry::{Raw, place, unbroken};
use super::notice::VERSION;
use super::{Backplane, LogId, Notice, Read};
use crate::server::store::{RedisConfig, StoreError, StoreFuture, Waiting, Way};

/// Behind the deployment's namespace. No family's keys begin so.
const NAME: &str = "samekey:invalidations";

/// How many entries the log keeps, nearly: some five megabytes, and a quarter of an hour at ten events a second.
const KEPT: usize = 10_000;

/// Nothing lives for ever, nor does a log that nobody follows. Each append and each idle follower renews it.
const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// Keeps notices in a Redis Stream that all nodes share.
pub struct RedisLog {
    /// For appending and looking back.
    way: Way,
    /// For waiting: a blocked connection serves nobody else.
    waiting: Mutex<Option<Waiting>>,
    kept: usize,
}

impl RedisLog {
    /// The log that goes with the store of this configuration. It connects at its first use. Must be called inside
    /// a Tokio runtime.
    ///
    /// # Errors
    /// [`StoreErrorKind::Denied`](crate::server::StoreErrorKind::Denied) when the URL cannot be read. The message
    /// does not repeat it.
    pub fn new(config: &RedisConfig) -> Result<Self, StoreError> {
        Ok(Self::over(Way::new(config, Self::name_in(&config.namespace))?))
    }

    /// The same on a store's own way to Redis.
    pub(in crate::server) fn over(way: Way) -> Self {
        Self { way, waiting: Mutex::new(None), kept: KEPT }
    }

    /// What the log is called in a deployment.
    pub(in crate::server) fn name_in(namespace: &str) -> String {
        [namespace, NAME].concat()
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
        self.way.name()
    }

    fn addition(&self, body: &str) -> Cmd {
        let mut add = cmd("XADD");
        add.arg(self.name()).arg("MAXLEN").arg("~").arg(self.kept).arg("*");
        add.arg("v").arg(VERSION).arg("n").arg(body);
        add
    }

    fn renewal(&self, name: &str) -> Cmd {
        cmd("PEXPIRE").arg(name).arg(LIFETIME.as_millis() as u64).take()
    }

    async fn add(&self, body: &str) -> Result<LogId, StoreError> {
        let exists = cmd("EXISTS").arg(self.name()).take();
        let commands = [exists, self.addition(body), self.renewal(self.name())];
        let mut replies = self.way.ask(commands).await?;
        let (was_there, id): (bool, String) = (replies.next()?, replies.next()?);
        if !was_there {
            // Unless somebody follows already. Without it, whoever comes first takes the log for one whose stamp was lost,
            // and starts over: no harm.
            let _ = self.way.ask([self.unstamped().arg("NX").take()]).await;
        }
        place(&id)
    }

    /// Says of a log that has just begun that nobody has followed it yet.
    fn unstamped(&self) -> Cmd {
        let mut unstamped = cmd("SET");
        unstamped.arg(self.stamp()).arg(UNSTAMPED).arg("PX").arg(LIFETIME.as_millis() as u64);
        unstamped
    }

    async fn latest_place(&self) -> Result<LogId, StoreError> {
        let last = cmd("XREVRANGE").arg(self.name()).arg("+").arg("-").arg("COUNT").arg(1).take();
        let last: Vec<Raw> = self.way.ask([last]).await?.next()?;
        if let Some((id, _)) = last.first() {
            return place(id);
        }
        // A mark, so that a log has a first place from which on nothing is missing.
        let commands = [self.unstamped(), self.addition(""), self.renewal(self.name())];
        let mut replies = self.way.ask(commands).await?;
        replies.next::<()>()?;
        place(&replies.next::<String>()?)
    }

    /// The reader's own place must still be there: then nothing behind it has been trimmed, nor is this another log
    /// than the one it was in.
    async fn read_now(&self, after: LogId, limit: usize) -> Result<Read, StoreError> {
        let mut range = cmd("XRANGE");
        range.arg(self.name()).arg(after.to_string()).arg("+").arg("COUNT").arg(limit + 1);
        let mut entries: Vec<Raw> = self.way.ask([range]).await?.next()?;
        match entries.first() {
            Some((id, _)) if place(id)? == after => {}
            _ => return Ok(Read::Gap),
        }
        entries.remove(0);
        Ok(unbroken(entries)?.map_or(Read::Gap, Read::Entries))
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
    /// Leaves the way out: its settings hold the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisLog").field("name", &self.name()).finish_non_exhaustive()
    }
}
