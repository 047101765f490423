//! A value as this process holds it: its JSON, what that reads as, and how long it is true.

use std::any::Any;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use serde::de::DeserializeOwned;
// Tokio's clock and not the standard one: a test can turn it by hand. Both are monotonic, so a clock that is set
// back makes nothing immortal.
use tokio::time::Instant;

use crate::server::families::Family;

/// A value of some type.
pub(super) type Decoded = Arc<dyn Any + Send + Sync>;

/// A value in process, and its key.
pub(crate) struct Held {
    key: Box<str>,
    /// As HTTP passes it on.
    pub(crate) json: Bytes,
    /// Filled by the first typed reader: a value that is only passed on is never decoded. `None` inside when it
    /// did not read as that reader's type.
    decoded: OnceLock<Option<Decoded>>,
    /// Whether it is JSON from beginning to end, once somebody has looked.
    is_json: OnceLock<bool>,
    /// Resolved once, so that a hit looks nothing up in order to be counted.
    pub(crate) family: Arc<Family>,
    /// Until when it is true. None when another program stored it without an expiry: it is served, and nobody may keep
    /// it.
    fresh: Option<Instant>,
    /// For how long it may be served after that.
    stale: Duration,
    /// How long its compute took, or how long those of its family do: XFetch's delta.
    pub(crate) compute_time: Duration,
}

/// What a value is good for at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// To be served, and true for so long.
    Fresh(Duration),
    /// Past its time, within the window in which it may be served.
    Stale,
    /// Past both.
    Dead,
}

impl Held {
    /// A value that is fresh for `fresh` and usable for `stale` after it, counted from `since`: the moment before
    /// the store was asked, so that the way there and back makes it older and not younger.
    pub(crate) fn new(
        key: &str,
        json: Bytes,
        family: Arc<Family>,
        since: Instant,
        fresh: Duration,
        stale: Duration,
    ) -> Self {
        Self { fresh: Some(since + fresh), stale, ..Self::without_expiry(key, json, family) }
    }

    /// A value of which nobody knows how long it lives.
    pub(crate) fn without_expiry(key: &str, json: Bytes, family: Arc<Family>) -> Self {
        Self {
            key: key.into(),
            json,
            decoded: OnceLock::new(),
            is_json: OnceLock::new(),
            compute_time: family.compute_time(),
            family,
            fresh: None,
            stale: Duration::ZERO,
        }
    }

    /// Its key.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// Until when it is true; nothing when nobody may keep it.
    pub(super) fn fresh_until(&self) -> Option<Instant> {
        self.fresh
    }

    /// What it is good for now.
    pub(crate) fn state(&self, now: Instant) -> State {
        match self.fresh {
            Some(fresh) if now < fresh => State::Fresh(fresh - now),
            Some(fresh) if now < fresh + self.stale => State::Stale,
            Some(_) => State::Dead,
            None => State::Fresh(Duration::ZERO),
        }
    }

    /// Whether a cache may hold it: it has a time to live, and some of it is left.
    pub(crate) fn may_be_kept(&self, now: Instant) -> bool {
        self.fresh.is_some_and(|fresh| now < fresh + self.stale)
    }

    /// For how long it is true; nothing when it is stale.
    pub(crate) fn fresh_for(&self, now: Instant) -> Duration {
        match self.state(now) {
            State::Fresh(left) => left,
            State::Stale | State::Dead => Duration::ZERO,
        }
    }

    /// What the JSON was read as by whoever asked first.
    pub(super) fn decoded(&self) -> Option<&Decoded> {
        self.decoded.get()?.as_ref()
    }

    /// Whether whoever reads JSON can read it: another program may have stored half a value, or Python's `NaN`. Looked
    /// over once, and nothing is decoded.
    pub(crate) fn is_json(&self) -> bool {
        self.decoded().is_some()
            || *self
                .is_json
                .get_or_init(|| serde_json::from_slice::<serde::de::IgnoredAny>(&self.json).is_ok())
    }

    /// What the JSON reads as, decoded by whoever asks first. `None` when it does not read as `T`.
    pub(crate) fn value<T: DeserializeOwned + Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        let first =
            self.decoded.get_or_init(|| Some(Arc::new(decode::<T>(&self.json)?) as Decoded));
        match first.clone().map(Arc::downcast::<T>) {
            Some(Ok(value)) => Some(value),
            // Somebody read it as another type first; two types under one key are rare, and right all the same.
            _ => decode(&self.json).map(Arc::new),
        }
    }
}

/// What `json` reads as. That it is UTF-8 is looked at once for all: the decoder would for each string of it.
fn decode<T: DeserializeOwned>(json: &[u8]) -> Option<T> {
    serde_json::from_str(str::from_utf8(json).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(json: &'static str) -> Held {
        let (minute, family) = (Duration::from_secs(60), Family::for_tests());
        Held::new("k", Bytes::from_static(json.as_bytes()), family, Instant::now(), minute, minute)
    }

    #[test]
    fn it_is_decoded_once_whoever_asks() {
        let held = held("[1,2]");
        let (first, second) = (held.value::<Vec<u8>>().unwrap(), held.value::<Vec<u8>>().unwrap());
        assert!(Arc::ptr_eq(&first, &second));
        assert_eq!(*held.value::<[u64; 2]>().unwrap(), [1, 2]);
        assert!(held.value::<String>().is_none());
    }

    #[test]
    fn it_is_fresh_then_stale_then_dead() {
        let held = held("1");
        let now = Instant::now();
        assert!(matches!(held.state(now), State::Fresh(left) if left > Duration::from_secs(50)));
        assert_eq!(held.state(now + Duration::from_secs(60)), State::Stale);
        assert_eq!(held.state(now + Duration::from_secs(120)), State::Dead);
        assert_eq!(held.fresh_for(now + Duration::from_secs(60)), Duration::ZERO);
        assert!(!held.may_be_kept(now + Duration::from_secs(120)));
    }
}
