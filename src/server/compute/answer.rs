//! How much a call wants from the cache, and what it gets.

use std::time::Duration;

use bytes::Bytes;

/// How much a call wants from the cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lookup {
    /// Read the cache; compute and store on a miss.
    #[default]
    Use,
    /// Read nothing; compute, and store the answer. What `skip_cache` does: an answer that was just
    /// computed is the best that the cache can hold. Callers share a compute that has not begun yet, and none that
    /// has.
    Refresh,
    /// Read nothing, store nothing.
    Skip,
}

impl Lookup {
    /// [`Lookup::Refresh`] for `skip_cache`, else [`Lookup::Use`].
    #[must_use]
    pub const fn skip_cache(skip: bool) -> Self {
        if skip { Self::Refresh } else { Self::Use }
    }

    /// `use`, `refresh` or `skip`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Use => "use",
            Self::Refresh => "refresh",
            Self::Skip => "skip",
        }
    }
}

/// Where an [`Answer`] comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// From this process or the store.
    Hit,
    /// The same, past its time: it is being computed anew, or could not be.
    Stale,
    /// Computed because it was not there.
    Miss,
    /// Computed because the caller did not want it from the cache.
    Bypass,
}

impl Source {
    /// `HIT`, `STALE`, `MISS` or `BYPASS`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hit => "HIT",
            Self::Stale => "STALE",
            Self::Miss => "MISS",
            Self::Bypass => "BYPASS",
        }
    }
}

/// A value in its JSON form, with what a response says about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// JSON; on a hit the stored bytes as they are.
    pub body: Bytes,
    /// For how long it may be kept downstream: what is left of its life. Zero for a value past its time, and for one
    /// that an invalidation overtook while it was computed.
    pub fresh_for: Duration,
    /// Where it comes from.
    pub source: Source,
}
