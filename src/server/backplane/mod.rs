//! The log of invalidations: what every node and every browser learns, in one order.
//!
//! An invalidation has happened; then its [`Notice`] is appended to the log. Every node follows the log once,
//! drops what it holds in process, and passes the notice on to its browsers. An entry's [`LogId`] is the browsers'
//! `Last-Event-ID`, so one that lost its node goes on at another, where it was.
//!
//! [`RedisLog`] is a Redis Stream, [`MemoryLog`] a ring in this process. Both are trimmed: who comes back after
//! more than they hold is told so (a [`Read::Gap`]) and starts over.
//!
//! # Layout
//!
//! - `notice`, `log_id`: what stands in the log, and where. `redis`, `memory`: the logs.
//! - `notices`: a node's part in it. What it says: `parts`, `outbox`, `speaker`; and of what is set, `sets`, `gathered`.
//! - What it hears: `follower` reads, `hub` and `tail` keep the end of it, `catch_up` says how far it has come.
//! - A browser's stream: `start`, `subscription`, `view` (what a caller may see), `frame` (the wire).
//! - `config`, `counters`.

mod catch_up;
mod config;
mod counters;
mod follower;
mod frame;
mod gathered;
mod hub;
mod log_id;
mod memory;
mod notice;
mod notices;
mod outbox;
mod parts;
mod redis;
mod sets;
mod speaker;
mod start;
mod subscription;
mod tail;
mod view;

use super::store::StoreFuture;

pub use config::StreamConfig;
pub use counters::StreamStats;
pub use log_id::{BadLogId, LogId};
pub use memory::MemoryLog;
pub use notice::{Notice, NoticeError, Origin, Reason};
pub use redis::RedisLog;

pub(super) use follower::Copies;
pub(super) use notices::Notices;
pub(super) use start::Since;

/// An ordered, trimmed log of notices.
///
/// No method may hang: those that find nobody there fail, and are called again.
pub trait Backplane: Send + Sync + 'static {
    /// What this log is, in one word: `memory`, `redis`.
    fn kind(&self) -> &'static str;

    /// Appends a notice; the log says where it stands. A failure may leave the entry in the log all the same; who
    /// appends it again does no harm, see [`Origin`].
    fn append<'a>(&'a self, notice: &'a Notice) -> StoreFuture<'a, LogId>;

    /// Where the log ends now. A log without entries begins with this call.
    fn latest(&self) -> StoreFuture<'_, LogId>;

    /// What stands behind `after`, oldest first, at most `limit` entries.
    fn read(&self, after: LogId, limit: usize) -> StoreFuture<'_, Read>;

    /// The same, waiting a few seconds for the first entry. No entries: nothing came, and nothing is missing. For
    /// the one follower that a node has.
    fn follow(&self, after: LogId) -> StoreFuture<'_, Read>;
}

/// What a log answers to a reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// What came behind the reader's place, without a hole.
    Entries(Vec<Logged>),
    /// The log does not reach back to the reader's place, or is not the log it was.
    Gap,
}

/// An entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// Its place.
    pub id: LogId,
    /// What it says; `Ok(None)` for one that only marks where a log begins.
    pub notice: Result<Option<Notice>, NoticeError>,
}
