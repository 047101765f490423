//! The log of a service whose store is in this process.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::sync::watch;

use super::{Backplane, LogId, Logged, Notice, Read};
use crate::server::store::StoreFuture;

/// A ring of the last notices, in this process.
#[derive(Debug)]
pub struct MemoryLog {
    ring: Mutex<Ring>,
    latest: watch::Sender<LogId>,
    capacity: usize,
}

#[derive(Debug)]
struct Ring {
    entries: VecDeque<(LogId, Notice)>,
    /// Everything behind this place is in `entries`.
    reaches_back_to: LogId,
}

impl Default for MemoryLog {
    fn default() -> Self {
        Self::new(1_024)
    }
}

impl MemoryLog {
    /// A log that holds the last `capacity` notices.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        // It begins now: an id that a former process gave out lies before it, and is a gap.
        let now = LogId::new(now_ms(), 0);
        let ring = Ring { entries: VecDeque::new(), reaches_back_to: now };
        Self { ring: Mutex::new(ring), latest: watch::Sender::new(now), capacity }
    }

    fn lock(&self) -> MutexGuard<'_, Ring> {
        // Nothing that can panic runs under the lock.
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read_now(&self, after: LogId, limit: usize) -> Read {
        let ring = self.lock();
        if after < ring.reaches_back_to || after > *self.latest.borrow() {
            return Read::Gap;
        }
        let from = ring.entries.partition_point(|(id, _)| *id <= after);
        let entries = ring.entries.range(from..).take(limit);
        Read::Entries(
            entries
                .map(|(id, notice)| Logged { id: *id, notice: Ok(Some(notice.clone())) })
                .collect(),
        )
    }
}

impl Backplane for MemoryLog {
    fn kind(&self) -> &'static str {
        "memory"
    }

    fn append<'a>(&'a self, notice: &'a Notice) -> StoreFuture<'a, LogId> {
        Box::pin(async move {
            let mut ring = self.lock();
            let id = self.latest.borrow().after(now_ms());
            ring.entries.push_back((id, notice.clone()));
            while ring.entries.len() > self.capacity {
                if let Some((trimmed, _)) = ring.entries.pop_front() {
                    ring.reaches_back_to = trimmed;
                }
            }
            // Under the lock, so that the ends move together.
            self.latest.send_replace(id);
            Ok(id)
        })
    }

    fn latest(&self) -> StoreFuture<'_, LogId> {
        Box::pin(async { Ok(*self.latest.borrow()) })
    }

    fn read(&self, after: LogId, limit: usize) -> StoreFuture<'_, Read> {
        Box::pin(async move { Ok(self.read_now(after, limit)) })
    }

    fn follow(&self, after: LogId) -> StoreFuture<'_, Read> {
        Box::pin(async move {
            let mut latest = self.latest.subscribe();
            // Ends only with the sender, which is ours.
            let _ = latest.wait_for(|latest| *latest != after).await;
            Ok(self.read_now(after, 256))
        })
    }
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
