//! Where a stream begins: now, or where its browser was.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast;

use super::hub::{Hub, Item, Standing};
use super::notice::LATER_VERSION;
use super::tail::Published;
use super::{LogId, NoticeError, Read};
use crate::server::store::{StoreError, StoreErrorKind};

/// Missed notices that are still told one by one. Who missed more starts over: for the browser that is less work.
const TOLD_AT_MOST: usize = 2_048;

/// How long a stream that opens waits for a node that has just started.
const START: Duration = Duration::from_secs(2);

/// From where on a stream tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::server) enum Since {
    /// From now on.
    Now,
    /// From so long ago on: a browser that comes for the first time holds data that was true then. By this node's own
    /// clock, since what it read earlier had happened earlier.
    Ago(Duration),
    /// Behind the caller's last id.
    Id(LogId),
}

/// Where a stream begins.
pub(super) struct Start {
    pub(super) ring: broadcast::Receiver<Item>,
    /// Told already, or not to be told.
    pub(super) place: LogId,
    pub(super) missed: VecDeque<Arc<Published>>,
    /// Why what was missed cannot be told.
    pub(super) gap: Option<&'static str>,
    /// Everything is told that happened since the time that was asked for.
    pub(super) looked_back: bool,
}

impl Hub {
    /// A place at the ring.
    pub(super) async fn start(&self, from: Since) -> Result<Start, StoreError> {
        self.is_following().await?;
        let (ring, since, place, after, mut missed) = {
            let tail = self.lock();
            let after = match from {
                Since::Now => None,
                Since::Ago(time) => tail.place_ago(time),
                Since::Id(last) => Some(last),
            };
            let behind = after.unwrap_or(tail.place);
            let missed = tail.notices.iter().filter(|published| published.id > behind).cloned();
            let missed = missed.collect::<VecDeque<_>>();
            (self.ring.subscribe(), tail.since, tail.place, after, missed)
        };
        let Since::Id(last) = from else {
            let looked_back = after.is_some();
            let place = after.unwrap_or(place);
            return Ok(Start { ring, place, missed, gap: None, looked_back });
        };
        let mut gap = None;
        if last > place {
            // From a node that has read further than this one, or from another log.
            if last > self.log.latest().await? {
                gap = Some("the log is not the one it was");
            }
        } else if last < since {
            match self.look_back(last, place).await? {
                Ok(found) => missed = found,
                Err(why) => gap = Some(why),
            }
        }
        match gap {
            Some(_) => Ok(Start { ring, place, missed: VecDeque::new(), gap, looked_back: false }),
            None => Ok(Start { ring, place: last, missed, gap, looked_back: false }),
        }
    }

    /// What the log says of the time from `last` to `until`.
    async fn look_back(
        &self,
        last: LogId,
        until: LogId,
    ) -> Result<Result<VecDeque<Arc<Published>>, &'static str>, StoreError> {
        let Read::Entries(entries) = self.log.read(last, TOLD_AT_MOST + 1).await? else {
            return Ok(Err("the log does not reach back so far"));
        };
        if entries.len() > TOLD_AT_MOST {
            return Ok(Err("too much has happened since"));
        }
        let mut entries = entries;
        entries.retain(|entry| entry.id <= until);
        if entries.iter().any(|entry| entry.notice == Err(NoticeError::Version)) {
            return Ok(Err(LATER_VERSION));
        }
        let told = entries
            .into_iter()
            .filter_map(|entry| Some(Published::new(entry.id, entry.notice.ok()??, &self.schema)));
        Ok(Ok(told.collect()))
    }

    async fn is_following(&self) -> Result<(), StoreError> {
        let mut standing = self.standing.subscribe();
        let settled = standing.wait_for(|standing| *standing != Standing::Starting);
        let why = match tokio::time::timeout(START, settled).await {
            Ok(Ok(standing)) if *standing == Standing::Following => return Ok(()),
            Ok(Ok(standing)) if *standing == Standing::Closed => "this node is shutting down",
            _ => "the log is out of reach",
        };
        Err(StoreError::new(StoreErrorKind::Unavailable, why))
    }
}
