//! What a node has read of the log, and those who listen to it there.
//!
//! The follower puts each notice here once. All streams share one ring of them: a stream is a place in the ring,
//! so a thousand cost little, and a slow one costs nobody anything. It is cut off when the ring comes round.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{broadcast, watch};

use super::config::StreamConfig;
use super::counters::StreamCounters;
use super::tail::{Published, Tail};
use super::{Backplane, LogId, Notice, Reason};
use crate::schema::Schema;

pub(super) struct Hub {
    pub(super) schema: Schema,
    pub(super) log: Arc<dyn Backplane>,
    pub(super) config: StreamConfig,
    pub(super) counters: StreamCounters,
    read: Mutex<Tail>,
    pub(super) ring: broadcast::Sender<Item>,
    pub(super) standing: watch::Sender<Standing>,
}

/// What goes round.
#[derive(Clone)]
pub(super) enum Item {
    Notice(Arc<Published>),
    Reset(LogId, &'static str),
    /// The streams end.
    Close,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Starting,
    Following,
    Lost,
    Closed,
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

    /// Whether the log has been out of reach for too long.
    pub(super) fn is_cut_off(&self) -> bool {
        *self.standing.borrow() == Standing::Lost
    }

    /// Whether the log is read, as far as is known.
    pub(super) fn follows(&self) -> bool {
        *self.standing.borrow() == Standing::Following
    }

    /// How far this node has read.
    pub(super) fn place(&self) -> LogId {
        self.lock().place
    }

    /// Whether a notice of the last while said that this key may have been deleted.
    pub(super) fn told_of(&self, key: &str, within: Duration) -> bool {
        let tail = self.lock();
        let recent = tail.notices.iter().rev().take_while(|told| told.read_at.elapsed() <= within);
        let deleted = recent.filter(|told| told.notice.reason != Reason::Set);
        deleted.flat_map(|told| &told.notice.patterns).any(|pattern| pattern.matches(key))
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

    pub(super) fn lock(&self) -> MutexGuard<'_, Tail> {
        // Nothing that can panic runs under the lock.
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
