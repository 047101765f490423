//! What the log and its streams count.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use serde::Serialize;

#[derive(Debug, Default)]
pub(super) struct StreamCounters {
    pub(super) appended: AtomicU64,
    pub(super) read: AtomicU64,
    pub(super) ignored: AtomicU64,
    pub(super) open: AtomicU64,
    pub(super) cut: AtomicU64,
    pub(super) resets: AtomicU64,
    pub(super) waiting: AtomicU64,
}

/// What a node's part in the log of invalidations has come to, since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StreamStats {
    /// Notices of this node's own that are in the log.
    pub notices_appended: u64,
    /// Notices read from the log, this node's own among them.
    pub notices_read: u64,
    /// Entries that told nothing: no notice, told before, or of a later version. With one of those everything starts
    /// over.
    pub notices_ignored: u64,
    /// Notices that wait for the log to be in reach.
    pub notices_waiting: u64,
    /// Keys that were set here a moment ago and are about to be told, or what many of them have in common.
    pub sets_untold: u64,
    /// Whether this node reads the log at present.
    pub following: bool,
    /// Streams open now.
    pub streams_open: u64,
    /// Streams cut off because they were too slow.
    pub streams_cut: u64,
    /// Times that somebody was told to start over.
    pub resets: u64,
}

impl StreamCounters {
    pub(super) fn stats(&self, following: bool) -> StreamStats {
        StreamStats {
            notices_appended: self.appended.load(Relaxed),
            notices_read: self.read.load(Relaxed),
            notices_ignored: self.ignored.load(Relaxed),
            notices_waiting: self.waiting.load(Relaxed),
            sets_untold: 0,
            following,
            streams_open: self.open.load(Relaxed),
            streams_cut: self.cut.load(Relaxed),
            resets: self.resets.load(Relaxed),
        }
    }
}
