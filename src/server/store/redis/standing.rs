//! Whether the lists name every key: since when that is known, and which keys still have to be looked at.
//!
//! Other programs write keys that are on no list. A server that tracks tells us which ([`tracking`](super::tracking)),
//! so from the moment at which the lists were once completed by a walk ([`catching_up`](super::catching_up)), what is on
//! the lists and what has been heard since are all the keys there are. Until the watch is lost: then it is to be found
//! out anew.
//!
//! Why nothing is missed: the server writes pushes out before it answers whoever made the change, and what it sends on
//! one connection arrives in order. Whoever invalidates after another program's write has returned reads the lists
//! after it, on the connection that is told; so the push has come before the answer has.

mod reading;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::{PushInfo, PushKind};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::keeping::Kept;
use super::names::Names;
use super::tracking::names_in;

pub(super) use self::reading::Reading;

/// Keys that wait to be looked at. With more, the lists are taken for incomplete.
const MOST_HEARD: usize = 100_000;

/// For so long after an invalidation by entity the lists are kept complete. It costs a look at whatever others
/// write, which is in vain where nobody invalidates.
const WORTH_IT: Duration = Duration::from_secs(600);

/// In a cluster the lists are completed anew after so long. What has no expiry is listed for twice as long there, and not
/// for ever: from a list that is not where its key is, only time strikes off.
#[cfg(feature = "cluster")]
const RENEWED_AFTER: Duration = Duration::from_secs(12 * 3_600);

/// In milliseconds.
#[cfg(feature = "cluster")]
pub(super) const ENDLESS_LISTED_FOR: u64 = 2 * RENEWED_AFTER.as_millis() as u64;

pub(super) struct Standing {
    names: Names,
    /// For how long the lists are complete once they were found so.
    lasts: Option<Duration>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// What the names begin with that the server tells of, while it does.
    watched: Option<Vec<String>>,
    /// Keys that were changed by others, while anybody cares. Ends with the watch.
    heard: Option<Heard>,
    /// How often it was begun.
    begun: u64,
    /// How the server kept the lists when they were said to be complete; see [`RedisConfig::sole_writer`].
    ///
    /// [`RedisConfig::sole_writer`]: super::RedisConfig::sole_writer
    promised: Option<Kept>,
    /// Invalidations that are reading the lists at present.
    readers: usize,
    asked: Option<Instant>,
    task: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Heard {
    number: u64,
    /// How the server has kept the lists since they were found complete, and since when.
    whole: Option<(Kept, Instant)>,
    fresh: HashSet<String>,
    /// On their way onto the lists.
    looking: Vec<String>,
    /// Put onto the lists while somebody was reading those: he may have been earlier.
    looked_at: Vec<String>,
}

impl Standing {
    pub(super) fn new(names: Names) -> Arc<Self> {
        Arc::new(Self { names, lasts: None, state: Mutex::default() })
    }

    /// Of one of a cluster's servers.
    #[cfg(feature = "cluster")]
    pub(super) fn in_cluster(names: Names) -> Arc<Self> {
        Arc::new(Self { names, lasts: Some(RENEWED_AFTER), state: Mutex::default() })
    }

    /// The server tells what is changed under names that begin with any of these, from now on.
    pub(super) fn watched(&self, prefixes: &[String]) {
        self.lock().watched = Some(prefixes.to_vec());
    }

    /// It may not tell any more.
    pub(super) fn lost(&self) {
        let mut state = self.lock();
        state.watched = None;
        state.heard = None;
    }

    /// They may lack keys that have been looked at: to be completed anew.
    pub(super) fn doubt(&self) {
        self.lock().heard = None;
    }

    /// What the server tells, as it comes in: before the answers that come behind it.
    pub(super) fn overhear(&self, push: &PushInfo) {
        match push.kind {
            PushKind::Invalidate => {
                let mut state = self.lock();
                let Some(heard) = &mut state.heard else { return };
                match names_in(push) {
                    Some(names) => {
                        let keys = names.filter_map(|name| self.names.key(name));
                        heard.fresh.extend(keys.map(str::to_owned));
                        if heard.fresh.len() > MOST_HEARD {
                            state.heard = None;
                        }
                    }
                    // The database was flushed.
                    None => state.heard = None,
                }
            }
            PushKind::Disconnection => self.lost(),
            _ => {}
        }
    }

    /// A value of ours that may not be on this server's lists, as if another program had written it.
    #[cfg(feature = "cluster")]
    pub(super) fn note(&self, key: &str) {
        if let Some(heard) = &mut self.lock().heard {
            heard.fresh.insert(key.to_owned());
        }
    }

    /// To be called before the lists are read.
    pub(super) fn read(self: &Arc<Self>) -> Reading {
        let mut state = self.lock();
        state.readers += 1;
        state.asked = Some(Instant::now());
        let since = state.heard.as_ref().and_then(|heard| {
            let (kept, since) = heard.whole?;
            self.lasts(since).then_some((heard.number, kept))
        });
        Reading::new(self.clone(), since)
    }

    fn lasts(&self, since: Instant) -> bool {
        self.lasts.is_none_or(|time| since.elapsed() < time)
    }

    /// Whether the server has kept the lists as it did when this was asked for the first time.
    pub(super) fn keeps_as_promised(&self, kept: Kept) -> bool {
        *self.lock().promised.get_or_insert(kept) == kept
    }

    /// Begins to hear what others write, so that the lists can be completed; the number under which it is heard. Nothing
    /// if nobody tells, or it was begun already. Lists that were complete while the server kept them otherwise than
    /// now are complete no more.
    pub(super) fn begin(&self, kept: Kept) -> Option<u64> {
        let mut state = self.lock();
        let is_begun = |heard: &Heard| {
            heard.whole.is_none_or(|(whole, since)| whole == kept && self.lasts(since))
        };
        if state.watched.is_none() || state.heard.as_ref().is_some_and(is_begun) {
            return None;
        }
        state.begun += 1;
        let number = state.begun;
        state.heard = Some(Heard { number, ..Heard::default() });
        Some(number)
    }

    /// Ends with the store.
    pub(super) fn attend(&self, task: JoinHandle<()>) {
        self.lock().task = Some(task);
    }

    pub(super) fn stop(&self) {
        let mut state = self.lock();
        state.watched = None;
        state.heard = None;
        if let Some(task) = state.task.take() {
            task.abort();
        }
    }

    /// The lists were completed, and nothing was missed if it is still heard under the same number.
    pub(super) fn found_whole(&self, number: u64, kept: Kept) {
        if let Some(heard) = self.lock().heard_as(number) {
            heard.whole = Some((kept, Instant::now()));
        }
    }

    pub(super) fn give_up(&self, number: u64) {
        let mut state = self.lock();
        if state.heard_as(number).is_some() {
            state.heard = None;
        }
    }

    /// Keys to be put onto their lists, `most` at a time; nothing when nobody cares any more.
    pub(super) fn to_look_at(&self, number: u64, most: usize) -> Option<Vec<String>> {
        let mut state = self.lock();
        let is_worth_it = state.asked.is_some_and(|asked| asked.elapsed() < WORTH_IT);
        let heard = state.heard_as(number)?;
        if !is_worth_it {
            state.heard = None;
            return None;
        }
        let keys: Vec<_> = heard.fresh.iter().take(most).cloned().collect();
        for key in &keys {
            heard.fresh.remove(key);
        }
        heard.looking.clone_from(&keys);
        Some(keys)
    }

    /// They are on their lists; or not, and are to be looked at again.
    pub(super) fn looked_at(&self, number: u64, are_listed: bool) {
        let mut state = self.lock();
        let is_read = state.readers > 0;
        let Some(heard) = state.heard_as(number) else { return };
        let keys = std::mem::take(&mut heard.looking);
        match (are_listed, is_read) {
            (false, _) => heard.fresh.extend(keys),
            (true, true) => heard.looked_at.extend(keys),
            (true, false) => {}
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn heard_as(&mut self, number: u64) -> Option<&mut Heard> {
        self.heard.as_mut().filter(|heard| heard.number == number)
    }
}
