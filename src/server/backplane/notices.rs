//! A node's part in the log: what it says there, and who hears what is said.

use std::fmt;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, OnceLock, Weak};
use std::time::{Duration, SystemTime};

use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::config::StreamConfig;
use super::follower::{Copies, Follower, Told};
use super::hub::Hub;
use super::sets::Sets;
use super::speaker::Speaker;
use super::start::Since;
use super::subscription::Subscription;
use super::{Backplane, LogId, Read, Reason, StreamStats};
use crate::schema::{Pattern, Schema};
use crate::server::access::Reach;
use crate::server::store::{StoreError, StoreErrorKind};

/// How far it is counted how far a node is behind.
const UNREAD_AT_MOST: usize = 1_000;

/// What a service says to the log and hears from it. Ends with the service.
pub(in crate::server) struct Notices {
    hub: Arc<Hub>,
    speaker: Arc<Speaker>,
    sets: Arc<Sets>,
    copies: Arc<OnceLock<Weak<dyn Copies>>>,
    following: OnceLock<JoinHandle<()>>,
}

impl Notices {
    pub(in crate::server) fn new(
        schema: Schema,
        log: Arc<dyn Backplane>,
        config: StreamConfig,
    ) -> Self {
        let hub = Arc::new(Hub::new(schema, log, config));
        let speaker = Arc::new(Speaker::new(hub.clone()));
        Self {
            sets: Sets::new(speaker.clone()),
            speaker,
            hub,
            copies: Arc::new(OnceLock::new()),
            following: OnceLock::new(),
        }
    }

    /// Whose copies are to be dropped when another node invalidates. Begins to follow the log, if this is inside a
    /// runtime; else the first stream does.
    pub(in crate::server) fn attach(&self, copies: Weak<dyn Copies>) {
        // A second service would be a mistake of ours, and the first one's copies stay coherent.
        let _ = self.copies.set(copies);
        self.follow();
    }

    fn follow(&self) {
        let Ok(runtime) = Handle::try_current() else { return };
        self.following.get_or_init(|| {
            let follower = Follower {
                hub: self.hub.clone(),
                node: self.speaker.node(),
                copies: self.copies.clone(),
                told: Told::default(),
                met_later: false,
            };
            runtime.spawn(follower.run())
        });
    }

    /// Tells everybody that this is no longer true. To be called when the store has deleted it, and not before:
    /// who hears it asks the store again at once.
    pub(in crate::server) async fn announce(
        &self,
        patterns: Vec<Pattern>,
        reason: Reason,
        scope: Vec<(String, String)>,
    ) {
        self.speaker.announce(patterns, reason, scope).await;
    }

    /// Tells everybody that somebody has stored another value under `key`, a key of `family`; soon, and together with other
    /// keys. To be called when the store has it.
    pub(in crate::server) async fn was_set(&self, family: &str, key: &str) {
        self.sets.add(family, key).await;
    }

    /// Whether a notice of the last while said that this key may have been deleted.
    pub(in crate::server) fn told_of(&self, key: &str, within: Duration) -> bool {
        self.hub.told_of(key, within)
    }

    /// Waits until this node has read the log up to `id`; whether it has.
    pub(in crate::server) async fn catch_up(&self, id: LogId) -> bool {
        self.hub.catch_up(id).await
    }

    /// A stream that tells `from` then on.
    ///
    /// # Errors
    /// [`StoreErrorKind::Unavailable`] while the log is out of reach or this node shuts down;
    /// [`StoreErrorKind::Busy`] when there are too many.
    pub(in crate::server) async fn subscribe(
        &self,
        from: Since,
        reach: Arc<Reach>,
        end: Option<SystemTime>,
    ) -> Result<Subscription, StoreError> {
        self.follow();
        let open = self.hub.counters.open.load(Relaxed);
        if usize::try_from(open).is_ok_and(|open| open >= self.hub.config.max_streams) {
            return Err(StoreError::new(StoreErrorKind::Busy, "too many streams"));
        }
        let start = self.hub.start(from).await?;
        Ok(Subscription::new(self.hub.clone(), start, reach, end))
    }

    /// Everybody's copies may be stale, and nobody can say which.
    pub(in crate::server) fn reset(&self, why: &'static str) {
        self.hub.reset(self.hub.place(), why);
    }

    /// Comes when the log has been told all that this node had to say.
    pub(in crate::server) async fn said(&self) {
        self.sets.tell_now().await;
        self.speaker.silent().await;
    }

    /// Ends all streams and opens no more.
    pub(in crate::server) fn close(&self) {
        self.hub.close();
    }

    pub(in crate::server) fn stats(&self) -> StreamStats {
        let sets_untold = self.sets.untold();
        StreamStats { sets_untold, ..self.hub.counters.stats(self.hub.follows()) }
    }

    /// Whether the log has been out of reach for so long that the streams were ended.
    pub(in crate::server) fn is_cut_off(&self) -> bool {
        self.hub.is_cut_off()
    }

    /// How many entries of the log this node has yet to read, at most [`UNREAD_AT_MOST`]; `None` while it does not read
    /// it, or cannot ask.
    pub(in crate::server) async fn unread(&self) -> Option<u64> {
        if !self.hub.follows() {
            return None;
        }
        let (log, place) = (&self.hub.log, self.hub.place());
        if log.latest().await.ok()? <= place {
            return Some(0);
        }
        match log.read(place, UNREAD_AT_MOST).await.ok()? {
            Read::Entries(entries) => Some(entries.len() as u64),
            Read::Gap => Some(UNREAD_AT_MOST as u64),
        }
    }
}

impl Drop for Notices {
    fn drop(&mut self) {
        if let Some(following) = self.following.get() {
            following.abort();
        }
        self.hub.close();
    }
}

impl fmt::Debug for Notices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notices").field("log", &self.hub.log.kind()).finish_non_exhaustive()
    }
}
