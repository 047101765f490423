//! What callers may ask for, already evaluated: user callbacks are run by the host, and what they
//! answered stands here.

use super::Moment;
use super::retryer::RetryPlan;

/// How long data counts as fresh.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum StaleTime {
    /// Milliseconds after the data's update; `0.0` is stale at once, `f64::INFINITY` never by time.
    Millis(f64),
    /// Never stale, not even by invalidation.
    Static,
}

/// When a trigger (mount, focus, reconnect) refetches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefetchOn {
    /// Not at all.
    Never,
    /// If the data is stale.
    IfStale,
    /// Whether stale or not.
    Always,
}

/// How an observer wants its query kept up to date.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ObserverOptions {
    /// A disabled observer never fetches on its own.
    pub enabled: bool,
    /// How long data counts as fresh for this observer.
    pub stale_time: StaleTime,
    /// Refetch when the observer mounts.
    pub refetch_on_mount: RefetchOn,
    /// Refetch when the page gets the focus.
    pub refetch_on_focus: RefetchOn,
    /// Refetch when the network comes back.
    pub refetch_on_reconnect: RefetchOn,
    /// Milliseconds between polls; `None` does not poll.
    pub refetch_interval: Option<f64>,
    /// Poll also while the page is hidden.
    pub refetch_interval_in_background: bool,
    /// Whether mounting fetches again after an error without data.
    pub retry_on_mount: bool,
    /// A suspending observer: an option change does not fetch again after an error.
    pub suspense: bool,
}

impl Default for ObserverOptions {
    fn default() -> Self {
        Self {
            enabled: true,
            stale_time: StaleTime::Millis(0.0),
            refetch_on_mount: RefetchOn::IfStale,
            refetch_on_focus: RefetchOn::IfStale,
            refetch_on_reconnect: RefetchOn::IfStale,
            refetch_interval: None,
            refetch_interval_in_background: false,
            retry_on_mount: true,
            suspense: false,
        }
    }
}

/// Whether a fetch may run without a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NetworkMode {
    /// Pauses while offline.
    #[default]
    Online,
    /// Ignores the network.
    Always,
    /// The first attempt always runs; retries pause while offline.
    OfflineFirst,
}

impl NetworkMode {
    /// Whether a first attempt may run.
    pub(super) fn can_fetch(self, at: Moment) -> bool {
        self != Self::Online || at.online
    }

    /// Whether a retry, or a paused attempt, may go on.
    pub(super) fn can_continue(self, at: Moment) -> bool {
        at.focused && (self == Self::Always || at.online)
    }
}

/// How often a failed attempt is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Retry {
    /// Three times; never on a server, nor after an error whose [`Verdict`](super::Verdict) says that no other attempt
    /// mends it.
    #[default]
    Default,
    /// At most this many times; `0` never.
    Count(u32),
    /// For ever.
    Always,
    /// The host asks the user's function and passes its answer with the failure.
    Ask,
}

/// How long to wait before a retry.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum RetryDelay {
    /// One second, doubled with each failure, at most 30 s.
    #[default]
    Backoff,
    /// Always this many milliseconds.
    Millis(f64),
    /// The host asks the user's function and passes its answer with the failure.
    Ask,
}

/// What belongs to a query rather than to one of its observers. As in TanStack Query, the caller that
/// spoke last decides, but for `gc_time`, where the longest ever asked for wins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QueryOptions {
    /// Milliseconds that an unobserved query is kept; `None` is the default (5 minutes, on a server for
    /// ever), `f64::INFINITY` for ever.
    pub gc_time: Option<f64>,
    /// How often a failed attempt is repeated.
    pub retry: Retry,
    /// How long to wait before a retry.
    pub retry_delay: RetryDelay,
    /// Whether a fetch may run without a network.
    pub network_mode: NetworkMode,
    /// The query function is TanStack's `skipToken`: without observers the query counts as disabled.
    pub skip: bool,
}

impl Default for QueryOptions {
    fn default() -> Self {
        Self {
            gc_time: None,
            retry: Retry::Default,
            retry_delay: RetryDelay::Backoff,
            network_mode: NetworkMode::Online,
            skip: false,
        }
    }
}

impl QueryOptions {
    pub(super) fn retry_plan(&self) -> RetryPlan {
        let Self { retry, retry_delay, network_mode, .. } = *self;
        RetryPlan { retry, retry_delay, network_mode }
    }
}

/// The kept time when nobody asks for one, in milliseconds.
const DEFAULT_GC_TIME: f64 = 5.0 * 60.0 * 1000.0;

/// What `gc_time` means at this moment: not negative, and NaN (which is never over) if it was NaN.
pub(super) fn resolve_gc_time(gc_time: Option<f64>, at: Moment) -> f64 {
    let default = if at.server { f64::INFINITY } else { DEFAULT_GC_TIME };
    gc_time.unwrap_or(default).clamp(0.0, f64::INFINITY)
}
