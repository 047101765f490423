//! Notices on their way into the log.

use std::collections::VecDeque;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;

use super::hub::Hub;
use super::{Notice, Reason};

/// How many notices wait for the log. When there are more, they become one that means everything: who hears it
/// asks for more than is needed, and for nothing less.
const WAITING_AT_MOST: usize = 1_024;

const LEAST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// Appends to the log, and holds what cannot be appended yet.
pub(super) struct Outbox {
    hub: Arc<Hub>,
    waiting: Mutex<Waiting>,
    /// How many they are, told to whoever waits for their end.
    count: watch::Sender<usize>,
}

#[derive(Default)]
struct Waiting {
    notices: VecDeque<Notice>,
    /// Whether a task is at work on them.
    sending: bool,
}

impl Outbox {
    pub(super) fn new(hub: Arc<Hub>) -> Arc<Self> {
        Arc::new(Self { hub, waiting: Mutex::default(), count: watch::Sender::new(0) })
    }

    /// Appends the notice. When this returns it is in the log, or waits behind those that wait already.
    pub(super) async fn send(self: &Arc<Self>, notice: Notice) {
        let first = self.lock().notices.is_empty();
        if first {
            match self.hub.log.append(&notice).await {
                Ok(_) => return self.count_appended(),
                Err(error) => tracing::warn!(%error, "a notice waits for the log"),
            }
        }
        self.hold(notice);
    }

    fn hold(self: &Arc<Self>, notice: Notice) {
        let mut waiting = self.lock();
        if waiting.notices.len() >= WAITING_AT_MOST {
            let origin = notice.origin;
            waiting.notices.clear();
            let all = Notice::everything(&self.hub.schema, Reason::Overflow, origin);
            waiting.notices.push_back(all);
        } else {
            waiting.notices.push_back(notice);
        }
        self.tell(&waiting);
        if !std::mem::replace(&mut waiting.sending, true) {
            tokio::spawn(send_waiting(Arc::downgrade(self)));
        }
    }

    fn next(&self) -> Option<Notice> {
        let mut waiting = self.lock();
        let next = waiting.notices.front().cloned();
        waiting.sending = next.is_some();
        next
    }

    fn sent(&self, notice: &Notice) {
        let mut waiting = self.lock();
        // It may have been made one with others meanwhile, which say the same and more.
        if waiting.notices.front() == Some(notice) {
            waiting.notices.pop_front();
        }
        self.tell(&waiting);
        drop(waiting);
        self.count_appended();
    }

    fn tell(&self, waiting: &Waiting) {
        self.hub.counters.waiting.store(waiting.notices.len() as u64, Relaxed);
        self.count.send_replace(waiting.notices.len());
    }

    /// Comes when nothing waits.
    pub(super) async fn emptied(&self) {
        // The sender is ours.
        let _ = self.count.subscribe().wait_for(|count| *count == 0).await;
    }

    fn count_appended(&self) {
        self.hub.counters.appended.fetch_add(1, Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // Nothing that can panic runs under the lock.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Appends one after the other, in their order. Ends when none is left, or with the service.
async fn send_waiting(outbox: std::sync::Weak<Outbox>) {
    let mut pause = LEAST_PAUSE;
    loop {
        let Some(outbox) = outbox.upgrade() else { return };
        let Some(notice) = outbox.next() else { return };
        if outbox.hub.log.append(&notice).await.is_ok() {
            outbox.sent(&notice);
            pause = LEAST_PAUSE;
        } else {
            drop(outbox);
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}
