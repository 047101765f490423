//! One browser's stream.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep_until};
use tracing::Span;

use super::LogId;
use super::frame;
use super::hub::{Hub, Item};
use super::start::Start;
use super::tail::Published;
use crate::server::access::Reach;
use crate::server::telemetry::spans;
use crate::server::ttl::Ttl;

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
    end: Option<Instant>,
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
        // An interval of no time is none, and one of more than a clock holds never begins.
        let heartbeat = Ttl::cut(hub.config.heartbeat).max(Duration::from_millis(1));
        let mut first = VecDeque::with_capacity(2);
        let place = start.gap.is_none().then_some(start.place);
        first.push_back(frame::hello(place, heartbeat, start.looked_back));
        if let Some(why) = start.gap {
            hub.counters.resets.fetch_add(1, Relaxed);
            first.push_back(frame::reset(start.place, why));
        }
        let mut beat = interval_at(Instant::now() + heartbeat, heartbeat);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let end = end.map(|end| end.duration_since(SystemTime::now()).unwrap_or_default());
        let end = end.map(|left| Instant::now() + Ttl::cut(left));
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
            // Before what waits to be told: a slow reader could let something wait for ever.
            if self.end.is_some_and(|end| end <= Instant::now()) {
                self.ended = "expired";
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
                () = until(self.end) => continue,
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
async fn until(end: Option<Instant>) {
    match end {
        Some(end) => sleep_until(end).await,
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

#[cfg(test)]
mod tests {
    use super::super::start::Since;
    use super::super::{MemoryLog, Notice, Origin, Reason, StreamConfig};
    use super::*;
    use crate::schema::{Pattern, Schema};

    fn notice() -> Notice {
        Notice {
            patterns: vec![Pattern::parse("exec:kpis:ws1").unwrap()],
            reason: Reason::Pattern,
            scope: Vec::new(),
            origin: Origin { node: "n".into(), number: 0 },
        }
    }

    fn hub() -> Arc<Hub> {
        let schema = Schema {
            name: String::new(),
            ttl_classes: Vec::new(),
            entities: Vec::new(),
            families: Vec::new(),
            events: Vec::new(),
        };
        let hub = Hub::new(schema, Arc::new(MemoryLog::default()), StreamConfig::default());
        hub.begin(LogId::new(1, 0));
        Arc::new(hub)
    }

    /// Or a slow reader would be told for as long as he lets something wait.
    #[tokio::test(start_paused = true)]
    async fn whose_access_has_ended_is_told_nothing_more_however_much_waits() {
        let hub = hub();
        let minute = Duration::from_secs(60);
        let end = Some(SystemTime::now() + minute);
        let everything = Arc::new(Reach::Everything);
        let start = hub.start(Since::Now).await.unwrap();
        let mut slow = Subscription::new(hub.clone(), start, everything.clone(), end);
        for id in 2..5 {
            hub.publish(LogId::new(id, 0), notice());
        }
        let start = hub.start(Since::Id(LogId::new(1, 0))).await.unwrap();
        let mut late = Subscription::new(hub.clone(), start, everything, end);
        for stream in [&mut slow, &mut late] {
            assert!(stream.next().await.is_some(), "hello");
            assert!(stream.next().await.is_some());
        }
        tokio::time::advance(minute).await;
        for mut stream in [slow, late] {
            assert_eq!(stream.next().await, None);
            assert_eq!(stream.ended, "expired");
        }
    }
}
