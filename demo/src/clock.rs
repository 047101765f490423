//! What time it is, and how times are written.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::timeframe::{DAY, Millis};

/// The clock behind every answer: the machine's, or one that stands still so
/// that tests can name the numbers they expect.
#[derive(Debug, Clone, Copy)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// Always this instant.
    Fixed(Millis),
}

impl Clock {
    /// Milliseconds since the Unix epoch.
    pub fn now(self) -> Millis {
        match self {
            Self::Fixed(at) => at,
            Self::System => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since| since.as_millis() as Millis),
        }
    }
}

/// An instant as RFC 3339 in UTC with milliseconds: `2026-11-22T09:30:00.000Z`.
pub fn instant(at: Millis) -> String {
    Timestamp::from_millisecond(at).map_or_else(|_| String::new(), |stamp| format!("{stamp:.3}"))
}

/// The UTC date of an instant: `2026-11-22`.
pub fn date(at: Millis) -> String {
    let midnight = at.div_euclid(DAY) * DAY;
    Timestamp::from_millisecond(midnight)
        .map_or_else(|_| String::new(), |stamp| stamp.to_zoned(TimeZone::UTC).date().to_string())
}

/// Midnight UTC of a date written `YYYY-MM-DD`; `None` for anything else.
pub fn parse_date(text: &str) -> Option<Millis> {
    let plain = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| {
            if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() }
        });
    let date: Date = plain.then(|| text.parse().ok())??;
    Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond())
}

/// An instant written as RFC 3339, or a bare date for its midnight.
pub fn parse_instant(text: &str) -> Option<Millis> {
    parse_date(text).or_else(|| text.parse::<Timestamp>().ok().map(|stamp| stamp.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_and_dates_are_written_in_utc_and_read_back() {
        let at = 1_795_339_800_123;
        assert_eq!(instant(at), "2026-11-22T09:30:00.123Z");
        assert_eq!(date(at), "2026-11-22");
        assert_eq!(parse_instant(&instant(at)), Some(at));
        assert_eq!(parse_date("2026-11-22").map(date).as_deref(), Some("2026-11-22"));
    }

    #[test]
    fn what_is_not_a_plain_date_is_refused() {
        for text in ["", "2026-11-31", "2026-1-2", "20261122", "yesterday", "2026-11-22T00:00"] {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }
}
