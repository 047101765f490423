//! Waiting for what comes, on a connection of its own to the server that has the log.

use std::collections::HashMap;
use std::time::Duration;

use redis::{Pipeline, RedisError, cmd};
use tokio::time::{sleep, timeout};

use super::RedisLog;
use super::entry::{Raw, unbroken};
use crate::server::backplane::{LogId, Read};
use crate::server::store::{StoreError, StoreErrorKind, Waiting, store_error};

/// How long a follower waits for an entry. A log that was lost while nothing happened is noticed after this time.
const PATIENCE: Duration = Duration::from_secs(2);

/// Entries per look.
const BATCH: usize = 256;

/// Between two looks while the log's slot is on its way from one server to another.
const ON_ITS_WAY: Duration = Duration::from_millis(100);

/// What a wait came to.
enum Waited {
    Entries(Vec<Raw>),
    /// The log is another server's by now, or about to be.
    Elsewhere,
}

impl RedisLog {
    /// Whatever goes wrong on the connection, the next call begins with another.
    pub(super) async fn wait(&self, after: LogId) -> Result<Read, StoreError> {
        let mut held = self.waiting.lock().await;
        let mut waiting = match held.take() {
            Some(waiting) => waiting,
            None => {
                let mut waiting = self.way.connect().await?;
                self.check(&mut waiting).await?;
                waiting
            }
        };
        let Waited::Entries(entries) = self.wait_on(&mut waiting, after).await? else {
            self.way.still_leads_there(&waiting).await;
            sleep(ON_ITS_WAY).await;
            return self.read_now(after, BATCH).await;
        };
        let mut look = Pipeline::new();
        look.cmd("XRANGE").arg(self.name()).arg(after.to_string()).arg(after.to_string());
        look.add_command(self.renewal(self.name())).ignore();
        look.add_command(self.renewal(&self.stamp())).ignore();
        let (at_place,): (Vec<Raw>,) = self.ask_waiting(&look, &mut waiting.connection).await?;
        // One that was cut off from the others may wait in vain at a server that has the log no more.
        if !entries.is_empty() || self.way.still_leads_there(&waiting).await {
            *held = Some(waiting);
        }
        // After the entries: what stood there then has not been trimmed before they were read.
        if at_place.is_empty() {
            return Ok(Read::Gap);
        }
        Ok(unbroken(entries)?.map_or(Read::Gap, Read::Entries))
    }

    async fn wait_on(&self, waiting: &mut Waiting, after: LogId) -> Result<Waited, StoreError> {
        let mut read = cmd("XREAD");
        read.arg("COUNT").arg(BATCH).arg("BLOCK").arg(PATIENCE.as_millis() as u64);
        read.arg("STREAMS").arg(self.name()).arg(after.to_string());
        let answer = read.query_async::<Option<HashMap<String, Vec<Raw>>>>(&mut waiting.connection);
        match timeout(self.way.patience().saturating_add(PATIENCE), answer).await {
            Ok(Ok(entries)) => {
                Ok(Waited::Entries(entries.unwrap_or_default().into_values().flatten().collect()))
            }
            Ok(Err(error)) if is_elsewhere(&error) => Ok(Waited::Elsewhere),
            Ok(Err(error)) => Err(store_error(error)),
            Err(_) => Err(StoreError::new(StoreErrorKind::Timeout, "no answer from Redis in time")),
        }
    }
}

/// Whether a server says that the log is not its own: also to those who waited there when it went.
fn is_elsewhere(error: &RedisError) -> bool {
    matches!(error.code(), Some("MOVED" | "ASK" | "TRYAGAIN" | "UNBLOCKED"))
}
