//! One browser's stream.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::SystemTime;

use bytes::Bytes;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::time::{Interval, MissedTickBehavior, Sleep, interval_at, sleep};
use tracing::Span;

use super::LogId;
use super::frame;
use super::hub::{Hub, Item};
use super::start::Start;
use super::tail::Published;
use crate::server::access::Reach;
use crate::server::telemetry::spans;

/// Frames, one after the other, until the stream ends.
pub(in crate::server) struct Subscription {
    hub: Arc<Hub>,
    reach: Arc<Reach>,
    /// The first frames.
    first: VecDeque<Bytes>,
    missed: VecDeque<Arc<Published>>,
    ring: broadcast::Receiver<Item>,
    /// How far this stream has come, by what was told and by what was not for its eyes.
    place: LogId,
    /// The last id that was sent.
    told: LogId,
    beat: Interval,
    end: Option<Pin<Box<Sleep>>>,
    over: bool,
    span: Span,
    frames: u64,
    /// Why it ended; nobody says so of a browser that left.
    ended: &'static str,
}

impl Subscription {
    pub(super) fn new(
        hub: Arc<Hub>,
        start: Start,
        reach: Arc<Reach>,
        end: Option<SystemTime>,
    ) -> Self {
        hub.counters.open.fetch_add(1, Relaxed);
        let heartbeat = hub.config.heartbeat;
        let mut first = VecDeque::with_capacity(2);
        let place = start.gap.is_none().then_some(start.place);
        first.push_back(frame::hello(place, heartbeat, start.looked_back));
        if let Some(why) = start.gap {
            hub.counters.resets.fetch_add(1, Relaxed);
            first.push_back(frame::reset(start.place, why));
        }
        let mut beat = interval_at(tokio::time::Instant::now() + heartbeat, heartbeat);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let end = end.map(|end| {
            let left = end.duration_since(SystemTime::now()).unwrap_or_default();
            Box::pin(sleep(left))
        });
        let Start { ring, place, missed, .. } = start;
        let span = spans::stream(*reach != Reach::Everything);
        let (told, over, frames, ended) = (place, false, 0, "left");
        Self { hub, reach, first, missed, ring, place, told, beat, end, over, span, frames, ended }
    }

    /// The next frame; `None` when the stream ends.
    pub(in crate::server) async fn next(&mut self) -> Option<Bytes> {
        let frame = self.next_frame().await;
        self.frames += u64::from(frame.is_some());
        frame
    }

    async fn next_frame(&mut self) -> Option<Bytes> {
        if let Some(frame) = self.first.pop_front() {
            return Some(frame);
        }
        loop {
            if self.over {
                return None;
            }
            if let Some(published) = self.missed.pop_front() {
                if let Some(frame) = self.show(&published) {
                    return Some(frame);
                }
                continue;
            }
            let item = tokio::select! {
                biased;
                item = self.ring.recv() => item,
                () = over(&mut self.end) => {
                    self.ended = "expired";
                    return None;
                }
                _ = self.beat.tick() => {
                    let moved = (self.place > self.told).then_some(self.place);
                    self.told = self.place;
                    return Some(frame::beat(moved));
                }
            };
            match item {
                Ok(Item::Notice(published)) => {
                    if let Some(frame) = self.show(&published) {
                        return Some(frame);
                    }
                }
                Ok(Item::Reset(place, why)) => return Some(self.reset(place, why)),
                Ok(Item::Close) | Err(RecvError::Closed) => {
                    self.ended = "closed";
                    return None;
                }
                Err(RecvError::Lagged(_)) => {
                    (self.over, self.ended) = (true, "too_slow");
                    self.hub.counters.cut.fetch_add(1, Relaxed);
                    return Some(self.reset(self.hub.place(), "this stream was too slow"));
                }
            }
        }
    }

    /// The notice's frame, if there is something in it for this stream.
    fn show(&mut self, published: &Published) -> Option<Bytes> {
        if published.id <= self.place {
            return None;
        }
        self.place = published.id;
        if *self.reach == Reach::Everything {
            self.told = published.id;
            return Some(published.frame.clone());
        }
        let Published { id, notice, view, frame, .. } = published;
        let seen = view.within(notice, &self.reach);
        if seen.patterns.is_empty() {
            return None;
        }
        self.told = *id;
        let whole = seen.patterns.iter().eq(notice.patterns.iter().map(|pattern| pattern.as_str()));
        Some(if whole {
            frame.clone()
        } else {
            frame::invalidate(*id, &seen.patterns, seen.reason)
        })
    }

    fn reset(&mut self, place: LogId, why: &str) -> Bytes {
        self.hub.counters.resets.fetch_add(1, Relaxed);
        (self.place, self.told) = (place, place);
        frame::reset(place, why)
    }
}

/// Comes with the end, if there is one.
async fn over(end: &mut Option<Pin<Box<Sleep>>>) {
    match end {
        Some(end) => end.await,
        None => std::future::pending().await,
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.hub.counters.open.fetch_sub(1, Relaxed);
        let frames = self.frames;
        self.span.record("samekey.stream.frames", frames);
        self.span.record("samekey.stream.ended", self.ended);
    }
}
