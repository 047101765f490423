//! What a node has read of the log, and those who listen to it there.
//!
//! The follower puts each notice here once. All streams share one ring of them: a stream is a place in the ring,
//! so a thousand cost little, and a slow one costs nobody anything. It is cut off when the ring comes round.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{broadcast, watch};
use tokio::time::Instant;

use super::counters::StreamCounters;
use super::frame;
use super::view::View;
use super::{Backplane, LogId, Notice, Read};
use crate::schema::Schema;
use crate::server::store::{StoreError, StoreErrorKind};

/// Missed notices that are still told one by one. Who missed more starts over: for the browser that is less work.
const TOLD_AT_MOST: usize = 2_048;

/// How long a stream that opens waits for a node that has just started.
const START: Duration = Duration::from_secs(2);

/// How streams behave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamConfig {
    /// The time between two signs of life.
    pub heartbeat: Duration,
    /// How many notices a stream may be behind before it is cut off, and how many of the last ones a node
    /// remembers for those who come back.
    pub buffer: usize,
    /// How many streams a node serves at once.
    pub max_streams: usize,
    /// How long the log may be out of reach before the streams end: their browsers then ask on their own, until a
    /// stream says again what happens.
    pub patience: Duration,
}

impl Default for StreamConfig {
    /// 15 s, 1,024 notices, 10,000 streams, 10 s.
    fn default() -> Self {
        Self {
            heartbeat: Duration::from_secs(15),
            buffer: 1_024,
            max_streams: 10_000,
            patience: Duration::from_secs(10),
        }
    }
}

pub(super) struct Hub {
    pub(super) schema: Schema,
    pub(super) log: Arc<dyn Backplane>,
    pub(super) config: StreamConfig,
    pub(super) counters: StreamCounters,
    read: Mutex<Tail>,
    ring: broadcast::Sender<Item>,
    standing: watch::Sender<Standing>,
}

/// The end of the log, as far as this node has read it.
struct Tail {
    /// Everything behind this place is in `notices`.
    since: LogId,
    /// When this node had read so far.
    since_then: Instant,
    place: LogId,
    notices: VecDeque<Arc<Published>>,
}

/// What goes round.
#[derive(Clone)]
pub(super) enum Item {
    Notice(Arc<Published>),
    Reset(LogId, &'static str),
    /// The streams end.
    Close,
}

/// A notice as the streams need it.
pub(super) struct Published {
    pub(super) id: LogId,
    pub(super) notice: Notice,
    pub(super) view: View,
    /// For all who see everything.
    pub(super) frame: Bytes,
    /// When this node read it.
    read_at: Instant,
}

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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Starting,
    Following,
    Lost,
    Closed,
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
    pub(super) fn new(schema: Schema, log: Arc<dyn Backplane>, config: StreamConfig) -> Self {
        Self {
            schema,
            log,
            ring: broadcast::Sender::new(config.buffer.max(1)),
            config,
            counters: StreamCounters::default(),
            read: Mutex::new(Tail::behind(LogId::default())),
            standing: watch::Sender::new(Standing::Starting),
        }
    }

    /// The follower has found the log's end and goes on from there.
    pub(super) fn begin(&self, place: LogId) {
        let mut tail = self.lock();
        *tail = Tail::behind(place);
        self.stand(Standing::Following);
    }

    pub(super) fn publish(&self, id: LogId, notice: Notice) {
        let published = Published::new(id, notice, &self.schema);
        let mut tail = self.lock();
        tail.place = id;
        tail.notices.push_back(published.clone());
        if tail.notices.len() > self.config.buffer
            && let Some(forgotten) = tail.notices.pop_front()
        {
            (tail.since, tail.since_then) = (forgotten.id, forgotten.read_at);
        }
        // Under the lock, so that who subscribes has each notice once: in the tail or in the ring.
        // Fails when nobody listens.
        let _ = self.ring.send(Item::Notice(published));
    }

    /// An entry that is passed over.
    pub(super) fn pass(&self, id: LogId) {
        self.lock().place = id;
    }

    /// What was missed is not known. Everybody starts over from `place`.
    pub(super) fn reset(&self, place: LogId, why: &'static str) {
        let mut tail = self.lock();
        *tail = Tail::behind(place);
        let _ = self.ring.send(Item::Reset(place, why));
    }

    /// The log is there, again.
    pub(super) fn found(&self) {
        self.stand(Standing::Following);
    }

    /// The log has been out of reach for too long.
    pub(super) fn lost(&self) {
        self.stand(Standing::Lost);
        let _ = self.ring.send(Item::Close);
    }

    /// No streams any more.
    pub(super) fn close(&self) {
        self.standing.send_replace(Standing::Closed);
        let _ = self.ring.send(Item::Close);
    }

    /// How far this node has read.
    pub(super) fn place(&self) -> LogId {
        self.lock().place
    }

    /// Whether a notice of the last while meant this key.
    pub(super) fn told_of(&self, key: &str, within: Duration) -> bool {
        let tail = self.lock();
        let recent = tail.notices.iter().rev().take_while(|told| told.read_at.elapsed() <= within);
        recent.flat_map(|told| &told.notice.patterns).any(|pattern| pattern.matches(key))
    }

    fn stand(&self, standing: Standing) {
        self.standing.send_if_modified(|now| {
            let changes = *now != Standing::Closed && *now != standing;
            if changes {
                *now = standing;
            }
            changes
        });
    }

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
        let entries = entries.into_iter().filter(|entry| entry.id <= until);
        let told = entries
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

    fn lock(&self) -> MutexGuard<'_, Tail> {
        // Nothing that can panic runs under the lock.
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tail {
    fn behind(place: LogId) -> Self {
        Self { since: place, since_then: Instant::now(), place, notices: VecDeque::new() }
    }

    /// How far this node had read so long ago; `None` if it does not remember.
    fn place_ago(&self, time: Duration) -> Option<LogId> {
        let then = Instant::now().checked_sub(time).filter(|then| self.since_then <= *then)?;
        let older = self.notices.partition_point(|published| published.read_at < then);
        Some(match older.checked_sub(1) {
            _ if older == self.notices.len() => self.place,
            Some(last) => self.notices[last].id,
            None => self.since,
        })
    }
}

impl Published {
    pub(super) fn new(id: LogId, notice: Notice, schema: &Schema) -> Arc<Self> {
        let view = View::of(&notice, schema);
        let texts: Vec<_> = notice.patterns.iter().map(|pattern| pattern.as_str()).collect();
        let frame = frame::invalidate(id, &texts, notice.reason.as_str());
        Arc::new(Self { id, notice, view, frame, read_at: Instant::now() })
    }
}
