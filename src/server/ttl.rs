//! How long a value may live. Nothing lives for ever: a store only takes a [`Ttl`].

use std::time::Duration;

use super::error::CacheError;

/// A time to live that a store can keep: at least one millisecond, at most [`Ttl::MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ttl(Duration);

impl Ttl {
    /// One year. Longer times are cut to it: past some point a longer life buys nothing, and Redis
    /// refuses times that overflow its clock, which would leave a value unstored.
    pub const MAX: Self = Self(Duration::from_secs(365 * 24 * 60 * 60));

    /// One millisecond.
    pub(crate) const SHORTEST: Self = Self(Duration::from_millis(1));

    /// Takes a duration, cut to whole milliseconds and to [`Ttl::MAX`].
    ///
    /// # Errors
    /// [`CacheError::TtlTooShort`] below one millisecond. Zero is refused and not read as "for
    /// ever", which is what a missing configuration value would then mean.
    pub fn new(duration: Duration) -> Result<Self, CacheError> {
        if duration >= Self::MAX.0 {
            return Ok(Self::MAX);
        }
        match u64::try_from(duration.as_millis()) {
            Ok(millis) if millis > 0 => Ok(Self(Duration::from_millis(millis))),
            _ => Err(CacheError::TtlTooShort(duration)),
        }
    }

    /// A time that a clock can go on by: [`Ttl::MAX`] where it is longer, as `Duration::MAX` is, which is how many write
    /// "for ever".
    pub(crate) fn cut(time: Duration) -> Duration {
        time.min(Self::MAX.0)
    }

    /// The same and so much more, at most [`Ttl::MAX`].
    pub(crate) fn longer_by(self, more: Duration) -> Self {
        Self::new(self.0.saturating_add(more)).unwrap_or(self)
    }

    /// The duration: whole milliseconds.
    #[must_use]
    pub const fn duration(self) -> Duration {
        self.0
    }

    /// The same in milliseconds, as Redis's `PX` takes it.
    #[must_use]
    pub fn as_millis(self) -> u64 {
        // At most a year, so it always fits.
        u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_and_less_than_a_millisecond_are_refused() {
        for duration in [Duration::ZERO, Duration::from_nanos(1), Duration::from_micros(999)] {
            assert_eq!(Ttl::new(duration).unwrap_err().code(), "E_TTL_TOO_SHORT");
        }
    }

    #[test]
    fn a_time_that_overflows_the_clock_is_cut_to_a_year() {
        assert_eq!(Ttl::new(Duration::MAX).unwrap(), Ttl::MAX);
        assert_eq!(Ttl::new(Ttl::MAX.duration() + Duration::from_nanos(1)).unwrap(), Ttl::MAX);
    }

    #[test]
    fn milliseconds_are_kept_and_what_is_below_is_dropped() {
        let ttl = Ttl::new(Duration::from_micros(1_999)).unwrap();
        assert_eq!((ttl.as_millis(), ttl.duration()), (1, Duration::from_millis(1)));
    }
}
