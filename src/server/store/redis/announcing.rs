//! What a node tells the others where the server does not: announcements over pub/sub.
//!
//! Some servers that speak Redis's protocol know no tracking. There each node announces the keys that it wrote and
//! removed, and listens to the others. Programs that do not announce are not heard.
//!
//! An announcement can be lost, so each has a number in its node's row: a hole is everything. They are sent by one
//! task in their order, after the change and not within its round trip; what could not be sent becomes
//! "everything" once the server is back.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use redis::cmd;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::answer::Replies;
use super::link::{Link, pipeline};
use super::names::Names;
use crate::server::store::{Change, StoreError};

/// Of what an announcement looks like. Whoever reads a later one takes it for everything.
const VERSION: u32 = 1;

/// Keys per announcement.
const MOST_KEYS: usize = 500;

const PAUSE: Duration = Duration::from_millis(200);

/// One announcement.
#[derive(Debug, Serialize, Deserialize)]
struct Announcement {
    version: u32,
    /// Who says so; nobody listens to itself.
    node: String,
    /// Its place in the row of that node's.
    seq: u64,
    /// The keys that changed; none for everything.
    #[serde(default)]
    keys: Option<Vec<String>>,
}

/// What every announcement has, whatever its version.
#[derive(Deserialize)]
struct Envelope {
    version: u32,
    node: String,
}

pub(super) struct Announcing {
    node: String,
    names: Names,
    /// Announced although the server may know better.
    is_preferred: bool,
    is_on: AtomicBool,
    out: Mutex<Option<UnboundedSender<Vec<String>>>>,
    sending: Mutex<Option<JoinHandle<()>>>,
    /// The latest number heard of each node.
    heard: Mutex<HashMap<String, u64>>,
}

impl Announcing {
    pub(super) fn new(names: Names, is_preferred: bool) -> Arc<Self> {
        Arc::new(Self {
            node: format!("{:032x}", fastrand::u128(..)),
            names,
            is_preferred,
            is_on: AtomicBool::new(false),
            out: Mutex::default(),
            sending: Mutex::default(),
            heard: Mutex::default(),
        })
    }

    pub(super) const fn is_preferred(&self) -> bool {
        self.is_preferred
    }

    /// Announces that these keys changed, if announcing is on.
    pub(super) fn announce<K: AsRef<str>>(&self, keys: &[K]) {
        // Mostly off, and asked at every write.
        if !self.is_on.load(Ordering::Acquire) {
            return;
        }
        let out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(out) = out.as_ref() else { return };
        for keys in keys.chunks(MOST_KEYS) {
            // Nobody sends any more when the store goes.
            let _ = out.send(keys.iter().map(|key| key.as_ref().to_owned()).collect());
        }
    }

    /// Listens from now on. Call again after a lost connection.
    pub(super) async fn listen(&self, link: &Link) -> Result<(), StoreError> {
        link.subscribe(&self.names.channel()).await
    }

    /// Sends what is announced, from now on; does nothing when that is so already.
    pub(super) fn begin(self: &Arc<Self>, link: &Link) {
        let mut sending = self.sending.lock().unwrap_or_else(PoisonError::into_inner);
        if sending.is_none() {
            let (out, waiting) = unbounded_channel();
            *self.out.lock().unwrap_or_else(PoisonError::into_inner) = Some(out);
            self.is_on.store(true, Ordering::Release);
            *sending = Some(tokio::spawn(self.clone().send(link.clone(), waiting)));
        }
    }

    /// Ends it, with its store.
    pub(super) fn stop(&self) {
        let sending = self.sending.lock().unwrap_or_else(PoisonError::into_inner);
        sending.iter().for_each(JoinHandle::abort);
    }

    async fn send(self: Arc<Self>, link: Link, mut waiting: UnboundedReceiver<Vec<String>>) {
        let mut seq = 0;
        while let Some(keys) = waiting.recv().await {
            seq += 1;
            let mut sent = self.publish(&link, seq, Some(keys)).await;
            while sent.is_err() {
                sleep(PAUSE).await;
                // Everything includes what waits.
                while waiting.try_recv().is_ok() {}
                seq += 1;
                sent = self.publish(&link, seq, None).await;
            }
        }
    }

    async fn publish(
        &self,
        link: &Link,
        seq: u64,
        keys: Option<Vec<String>>,
    ) -> Result<(), StoreError> {
        let announcement = Announcement { version: VERSION, node: self.node.clone(), seq, keys };
        let Ok(text) = serde_json::to_vec(&announcement) else { return Ok(()) };
        let publish = cmd("PUBLISH").arg(self.names.channel()).arg(text).take();
        Replies::new(link.send(&pipeline([publish])).await?).next::<u64>().map(drop)
    }

    /// What an announcement means here. What is none is somebody else's affair.
    pub(super) fn hear(&self, payload: &[u8]) -> Option<Change> {
        let Ok(envelope) = serde_json::from_slice::<Envelope>(payload) else {
            tracing::debug!("something on the channel is no announcement");
            return None;
        };
        if envelope.node == self.node {
            return None;
        }
        if envelope.version != VERSION {
            return Some(Change::Everything);
        }
        let Ok(announcement) = serde_json::from_slice::<Announcement>(payload) else {
            return Some(Change::Everything);
        };
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let latest = heard.entry(announcement.node).or_insert(announcement.seq.saturating_sub(1));
        let in_row = announcement.seq <= latest.saturating_add(1);
        *latest = announcement.seq.max(*latest);
        match announcement.keys {
            Some(keys) if in_row => Some(Change::Keys(keys)),
            _ => Some(Change::Everything),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn announcing() -> Arc<Announcing> {
        Announcing::new(Names::new("app:"), false)
    }

    fn said(by: &str, seq: u64, keys: &str) -> String {
        format!(r#"{{"version":1,"node":"{by}","seq":{seq},"keys":{keys}}}"#)
    }

    #[test]
    fn keys_are_heard_once_or_twice_and_a_hole_in_the_row_is_everything() {
        let announcing = announcing();
        let hear = |text: String| announcing.hear(text.as_bytes());
        let keys = || Some(Change::Keys(vec!["a".into()]));
        assert_eq!(hear(said("n1", 7, r#"["a"]"#)), keys());
        assert_eq!(hear(said("n1", 8, r#"["a"]"#)), keys());
        assert_eq!(hear(said("n1", 8, r#"["a"]"#)), keys());
        assert_eq!(hear(said("n2", 1, r#"["a"]"#)), keys());
        assert_eq!(hear(said("n1", 10, r#"["a"]"#)), Some(Change::Everything));
        // Late: the hole was flushed before this was written.
        assert_eq!(hear(said("n1", 9, r#"["a"]"#)), keys());
        assert_eq!(hear(said("n1", 11, r#"["a"]"#)), keys());
        assert_eq!(hear(said("n1", 12, "null")), Some(Change::Everything));
    }

    #[test]
    fn a_later_version_is_everything_and_what_is_no_announcement_is_nothing() {
        let announcing = announcing();
        let later = br#"{"version":2,"node":"n1","what":{}}"#;
        assert_eq!(announcing.hear(later), Some(Change::Everything));
        let odd = br#"{"version":1,"node":"n1","seq":"one"}"#;
        assert_eq!(announcing.hear(odd), Some(Change::Everything));
        for noise in [&b"hello"[..], b"", b"\xff", b"{}", b"[1]"] {
            assert_eq!(announcing.hear(noise), None);
        }
        assert_eq!(announcing.hear(said(&announcing.node, 1, "[]").as_bytes()), None);
    }
}
