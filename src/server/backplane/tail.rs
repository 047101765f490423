//! The end of the log, as far as a node has read it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::frame;
use super::view::View;
use super::{LogId, Notice};
use crate::schema::Schema;

/// The end of the log, as far as this node has read it.
pub(super) struct Tail {
    /// Everything behind this place is in `notices`.
    pub(super) since: LogId,
    /// When this node had read so far.
    pub(super) since_then: Instant,
    pub(super) place: LogId,
    pub(super) notices: VecDeque<Arc<Published>>,
}

/// A notice as the streams need it.
pub(super) struct Published {
    pub(super) id: LogId,
    pub(super) notice: Notice,
    pub(super) view: View,
    /// For all who see everything.
    pub(super) frame: Bytes,
    /// When this node read it.
    pub(super) read_at: Instant,
}

impl Tail {
    pub(super) fn behind(place: LogId) -> Self {
        Self { since: place, since_then: Instant::now(), place, notices: VecDeque::new() }
    }

    /// How far this node had read so long ago; `None` if it does not remember.
    pub(super) fn place_ago(&self, time: Duration) -> Option<LogId> {
        let then = Instant::now().checked_sub(time).filter(|then| self.since_then <= *then)?;
        let older = self.notices.partition_point(|published| published.read_at < then);
        Some(match older.checked_sub(1) {
            _ if older == self.notices.len() => self.place,
            Some(last) => self.notices[last].id,
            None => self.since,
        })
    }
}

impl Published {
    pub(super) fn new(id: LogId, notice: Notice, schema: &Schema) -> Arc<Self> {
        let view = View::of(&notice, schema);
        let texts: Vec<_> = notice.patterns.iter().map(|pattern| pattern.as_str()).collect();
        let frame = frame::invalidate(id, &texts, notice.reason.as_str());
        Arc::new(Self { id, notice, view, frame, read_at: Instant::now() })
    }
}
