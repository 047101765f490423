//! The one reader of the log that a node has.

use std::collections::{HashSet, VecDeque};
use std::pin::Pin;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::hub::Hub;
use super::notice::LATER_VERSION;
use super::{LogId, Logged, Notice, NoticeError, Origin, Read};

/// How many entries are read at once when the follower comes back to the log.
const BATCH: usize = 256;

/// Between two attempts to reach the log.
const LEAST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// How many notices are remembered to know one that comes twice.
const REMEMBERED: usize = 4_096;

/// What this process holds of the store's values, for other nodes' invalidations.
pub(in crate::server) trait Copies: Send + Sync {
    /// Forgets what the notice means: no reader that comes after this is answered from it.
    fn forget<'a>(&'a self, notice: &'a Notice) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

    /// Forgets everything: it is not known what was invalidated.
    fn forget_everything(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

pub(super) struct Follower {
    pub(super) hub: Arc<Hub>,
    pub(super) node: Arc<str>,
    pub(super) copies: Arc<OnceLock<Weak<dyn Copies>>>,
    pub(super) told: Told,
    /// Whether it has met a notice of a later version, which is said once.
    pub(super) met_later: bool,
}

impl Follower {
    /// Follows the log for ever. To be stopped from outside.
    pub(super) async fn run(mut self) {
        let mut place = self.first_place().await;
        let mut away: Option<Away> = None;
        loop {
            let log = &self.hub.log;
            let read = match &away {
                None => log.follow(place).await,
                // Back at once, or not yet: no patience while it is not known which.
                Some(_) => log.read(place, BATCH).await,
            };
            let done = match read {
                Ok(Read::Entries(entries)) => {
                    place = entries.last().map_or(place, |entry| entry.id);
                    self.take_all(entries).await;
                    Ok(())
                }
                Ok(Read::Gap) => self.start_over().await.map(|now| place = now),
                Err(error) => Err(error),
            };
            match done {
                Ok(()) => {
                    if away.take().is_some() {
                        tracing::info!(
                            log = self.hub.log.kind(),
                            "the log of invalidations is back"
                        );
                    }
                    self.hub.found();
                }
                Err(error) => {
                    if away.is_none() {
                        tracing::warn!(%error, "the log of invalidations is out of reach");
                    }
                    let away = away.get_or_insert_with(Away::since_now);
                    if away.since.elapsed() >= self.hub.config.patience && !away.told {
                        away.told = true;
                        self.hub.lost();
                    }
                    away.wait().await;
                }
            }
        }
    }

    async fn first_place(&self) -> LogId {
        let mut away = Away::since_now();
        loop {
            match self.hub.log.latest().await {
                Ok(place) => {
                    self.hub.begin(place);
                    return place;
                }
                Err(_) => {
                    if away.since.elapsed() >= self.hub.config.patience {
                        self.hub.lost();
                    }
                    away.wait().await;
                }
            }
        }
    }

    async fn take_all(&mut self, entries: Vec<Logged>) {
        let is_later = |entry: &Logged| entry.notice == Err(NoticeError::Version);
        let mut entries = entries.into_iter().peekable();
        while let Some(entry) = entries.next() {
            if is_later(&entry) && entries.peek().is_some_and(is_later) {
                // One start for as many as come together.
                self.hub.counters.ignored.fetch_add(1, Relaxed);
                continue;
            }
            self.take(entry).await;
        }
    }

    async fn take(&mut self, entry: Logged) {
        let counters = &self.hub.counters;
        match entry.notice {
            Ok(Some(notice)) if self.told.is_new(&notice.origin) => {
                counters.read.fetch_add(1, Relaxed);
                if notice.origin.node != self.node
                    && let Some(copies) = self.copies.get().and_then(Weak::upgrade)
                {
                    // Before the browsers hear of it: they ask again at once, and this node must not answer
                    // from what it held.
                    copies.forget(&notice).await;
                }
                self.hub.publish(entry.id, notice);
            }
            Ok(None) => self.hub.pass(entry.id),
            Err(NoticeError::Version) => {
                counters.ignored.fetch_add(1, Relaxed);
                if !std::mem::replace(&mut self.met_later, true) {
                    tracing::warn!(
                        code = "E_NOTICE_VERSION",
                        "a later version of samekey tells the log what this one cannot read: until this node is \
                         replaced too, everything starts over with each such notice"
                    );
                }
                self.forget_everything().await;
                self.hub.reset(entry.id, LATER_VERSION);
            }
            Ok(Some(_)) | Err(NoticeError::Malformed) => {
                counters.ignored.fetch_add(1, Relaxed);
                self.hub.pass(entry.id);
            }
        }
    }

    /// What was missed is not known: nothing that was held before may be used.
    async fn start_over(&self) -> Result<LogId, crate::server::StoreError> {
        let place = self.hub.log.latest().await?;
        tracing::warn!("the log of invalidations has a gap: starting over");
        self.forget_everything().await;
        self.hub.reset(place, "the log has a gap");
        Ok(place)
    }

    async fn forget_everything(&self) {
        if let Some(copies) = self.copies.get().and_then(Weak::upgrade) {
            copies.forget_everything().await;
        }
    }
}

/// The time without a log.
struct Away {
    since: Instant,
    pause: Duration,
    told: bool,
}

impl Away {
    fn since_now() -> Self {
        Self { since: Instant::now(), pause: LEAST_PAUSE, told: false }
    }

    async fn wait(&mut self) {
        sleep(self.pause).await;
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
    }
}

/// The notices that were told last.
#[derive(Default)]
pub(super) struct Told {
    known: HashSet<Origin>,
    order: VecDeque<Origin>,
}

impl Told {
    fn is_new(&mut self, origin: &Origin) -> bool {
        let new = self.known.insert(origin.clone());
        if new {
            self.order.push_back(origin.clone());
            if self.order.len() > REMEMBERED
                && let Some(oldest) = self.order.pop_front()
            {
                self.known.remove(&oldest);
            }
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_told_is_known_and_not_for_ever() {
        let origin = |number| Origin { node: "n".into(), number };
        let mut told = Told::default();
        assert!(told.is_new(&origin(0)));
        assert!(!told.is_new(&origin(0)));
        for number in 1..=REMEMBERED as u64 {
            assert!(told.is_new(&origin(number)));
        }
        assert!(!told.is_new(&origin(1)));
        assert!(told.is_new(&origin(0)));
        assert_eq!(told.known.len(), REMEMBERED);
    }
}
