//! Timeframes and the windows they open on the past.
//!
//! A window is a whole number of buckets, the last of which holds "now". So a
//! window's totals are the sums of its trend, and the windows of 30 and 90 days
//! are whole days, which the day tables answer without touching a run.

/// Milliseconds since the Unix epoch, UTC; also a length in milliseconds.
pub type Millis = i64;

/// A minute in milliseconds.
pub const MINUTE: Millis = 60_000;
/// An hour in milliseconds.
pub const HOUR: Millis = 60 * MINUTE;
/// A day in milliseconds.
pub const DAY: Millis = 24 * HOUR;

/// The five timeframes of the dashboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Timeframe {
    /// Twelve buckets of five minutes.
    Hour,
    /// 24 hours.
    Day,
    /// 28 quarters of a day.
    Week,
    /// 30 days.
    Month,
    /// 90 days.
    Quarter,
}

impl Timeframe {
    /// All of them, shortest first.
    pub const ALL: [Self; 5] = [Self::Hour, Self::Day, Self::Week, Self::Month, Self::Quarter];

    /// The timeframe as keys and URLs write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hour => "1h",
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
            Self::Quarter => "90d",
        }
    }

    /// Reads what keys and URLs write.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|frame| frame.name() == text)
    }

    /// The window that this timeframe opens at `now`.
    pub fn window(self, now: Millis) -> Window {
        match self {
            Self::Hour => Window::ending(now, 5 * MINUTE, 12),
            Self::Day => Window::ending(now, HOUR, 24),
            Self::Week => Window::ending(now, 6 * HOUR, 28),
            Self::Month => Window::ending(now, DAY, 30),
            Self::Quarter => Window::ending(now, DAY, 90),
        }
    }
}

/// The times `start..end`, cut into buckets of equal length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Window {
    /// The first instant inside.
    pub start: Millis,
    /// The first instant after.
    pub end: Millis,
    /// The length of a bucket; divides the window without a rest.
    pub bucket: Millis,
}

impl Window {
    /// `count` buckets, the last of which holds `now`.
    pub fn ending(now: Millis, bucket: Millis, count: i64) -> Self {
        let end = now.div_euclid(bucket) * bucket + bucket;
        Self { start: end - count * bucket, end, bucket }
    }

    /// The UTC day that holds `at`, as one bucket.
    pub fn day_of(at: Millis) -> Self {
        Self::ending(at, DAY, 1)
    }

    /// The window of the same length that ends where this one starts.
    pub fn previous(self) -> Self {
        Self { start: self.start - (self.end - self.start), end: self.start, bucket: self.bucket }
    }

    /// True when every bucket is made of whole UTC days.
    pub fn is_whole_days(self) -> bool {
        self.bucket % DAY == 0 && self.start % DAY == 0
    }

    /// Whether an instant is inside.
    pub fn holds(self, at: Millis) -> bool {
        (self.start..self.end).contains(&at)
    }

    /// The bucket of an instant inside.
    pub fn bucket_of(self, at: Millis) -> usize {
        ((at - self.start) / self.bucket) as usize
    }

    /// How many buckets there are.
    pub fn buckets(self) -> usize {
        ((self.end - self.start) / self.bucket) as usize
    }

    /// The starts of the buckets, in order.
    pub fn starts(self) -> impl Iterator<Item = Millis> {
        (0..self.buckets() as i64).map(move |index| self.start + index * self.bucket)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_bucket_of_every_timeframe_holds_now() {
        let now = 1_700_000_123_456;
        for frame in Timeframe::ALL {
            let window = frame.window(now);
            assert!(window.end - window.bucket <= now && now < window.end, "{frame:?}");
            assert_eq!(window.starts().count(), window.buckets());
            assert_eq!(window.previous().end, window.start);
            assert_eq!(
                window.is_whole_days(),
                matches!(frame, Timeframe::Month | Timeframe::Quarter)
            );
            assert_eq!(Timeframe::parse(frame.name()), Some(frame));
        }
        assert_eq!(Timeframe::parse("2h"), None);
    }

    #[test]
    fn an_instant_on_a_bucket_edge_opens_a_new_bucket() {
        let midnight = 20_000 * DAY;
        assert_eq!(Window::day_of(midnight).start, midnight);
        assert_eq!(Window::day_of(midnight - 1).end, midnight);
    }
}
