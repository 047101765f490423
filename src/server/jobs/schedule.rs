//! When a job is run: a cron expression, in UTC.

use std::fmt;
use std::str::FromStr;

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::JobError;

/// A cron expression of five fields, in UTC: no hour is missing or comes twice.
///
/// ```
/// use samekey::server::jobs::Schedule;
///
/// let schedule: Schedule = "*/15 * * * *".parse()?;
/// let next = schedule.next_after("2026-11-22T09:31:07Z".parse().unwrap()).unwrap();
/// assert_eq!(next.to_string(), "2026-11-22T09:45:00Z");
/// // A time that never comes is found now, not by waiting for it.
/// assert_eq!("0 0 31 2 *".parse::<Schedule>().unwrap_err().code(), "E_JOB_SCHEDULE");
/// # Ok::<(), samekey::server::jobs::JobError>(())
/// ```
#[derive(Clone)]
pub struct Schedule {
    text: String,
    cron: Cron,
}

impl Schedule {
    /// The first tick after `time`; `None` beyond the calendar.
    #[must_use]
    pub fn next_after(&self, time: Timestamp) -> Option<Timestamp> {
        let next = self.cron.find_next_occurrence(&civil(time), false).ok()?;
        TimeZone::UTC.to_timestamp(next).ok()
    }

    /// The last tick at or before `time`.
    #[must_use]
    pub fn last_until(&self, time: Timestamp) -> Option<Timestamp> {
        // Whole seconds: the tick of this second is not later than a time within it.
        let whole = Timestamp::from_second(time.as_millisecond().div_euclid(1_000)).ok()?;
        let last = self.cron.find_previous_occurrence(&civil(whole), true).ok()?;
        TimeZone::UTC.to_timestamp(last).ok()
    }

    /// How many ticks come after one and before another; a thousand at most.
    pub(super) fn between(&self, after: Timestamp, before: Timestamp) -> u64 {
        let mut ticks = 0;
        let mut time = after;
        while let Some(next) = self.next_after(time).filter(|next| *next < before)
            && ticks < 1_000
        {
            (time, ticks) = (next, ticks + 1);
        }
        ticks
    }

    /// The expression.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

fn civil(time: Timestamp) -> DateTime {
    TimeZone::UTC.to_datetime(time)
}

impl FromStr for Schedule {
    type Err = JobError;

    fn from_str(text: &str) -> Result<Self, JobError> {
        let unusable = |reason: String| JobError::Schedule { schedule: text.to_owned(), reason };
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed);
        let cron = parser.build().parse(text).map_err(|error| unusable(error.to_string()))?;
        let schedule = Self { text: text.to_owned(), cron };
        // 29 February comes every four years, or eight; what has no tick from here on has none.
        match schedule.next_after(Timestamp::UNIX_EPOCH) {
            Some(_) => Ok(schedule),
            None => Err(unusable("no time ever matches it".to_owned())),
        }
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Schedule({})", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_ticks_before_and_after_a_time() {
        for (schedule, now, last, next) in [
            ("0 4 * * *", "2026-11-22T03:59:59.9Z", "2026-11-21T04:00:00Z", "2026-11-22T04:00:00Z"),
            ("0 4 * * *", "2026-11-22T04:00:00Z", "2026-11-22T04:00:00Z", "2026-11-23T04:00:00Z"),
            ("0 4 * * *", "2026-11-22T04:00:00.5Z", "2026-11-22T04:00:00Z", "2026-11-23T04:00:00Z"),
            ("30 * * * *", "2026-12-31T23:45:00Z", "2026-12-31T23:30:00Z", "2027-01-01T00:30:00Z"),
            ("0 */6 * * *", "2026-11-22T05:00:00Z", "2026-11-22T00:00:00Z", "2026-11-22T06:00:00Z"),
            ("0 0 29 2 *", "2026-11-22T00:00:00Z", "2024-02-29T00:00:00Z", "2028-02-29T00:00:00Z"),
        ] {
            let schedule: Schedule = schedule.parse().unwrap();
            assert_eq!(schedule.last_until(at(now)), Some(at(last)), "{schedule} {now}");
            assert_eq!(schedule.next_after(at(now)), Some(at(next)), "{schedule} {now}");
        }
    }

    #[test]
    fn ticks_between_two_are_counted_without_them_and_not_for_ever() {
        let schedule: Schedule = "*/15 * * * *".parse().unwrap();
        let noon = at("2026-11-22T12:00:00Z");
        for (until, ticks) in [
            ("2026-11-22T12:00:00Z", 0),
            ("2026-11-22T12:15:00Z", 0),
            ("2026-11-22T13:00:00Z", 3),
            ("2036-11-22T13:00:00Z", 1_000),
        ] {
            assert_eq!(schedule.between(noon, at(until)), ticks, "{until}");
        }
    }

    /// Where clocks are put forward or back, the time in UTC goes on.
    #[test]
    fn no_tick_is_missing_or_doubled_when_summer_time_begins_or_ends() {
        let schedule: Schedule = "30 * * * *".parse().unwrap();
        for day in ["2026-03-29T00:00:00Z", "2026-10-25T00:00:00Z", "2026-11-01T00:00:00Z"] {
            let mut ticks = 0;
            let mut time = at(day);
            while let Some(next) = schedule.next_after(time)
                && next.duration_since(at(day)).as_hours() < 24
            {
                assert!(next.duration_since(time).as_mins() <= 60);
                time = next;
                ticks += 1;
            }
            assert_eq!(ticks, 24, "{day}");
        }
    }

    #[test]
    fn what_is_no_schedule_or_has_no_tick_is_refused() {
        for wrong in [
            "",
            "* * * *",
            "61 * * * *",
            "0 0 31 2 *",
            "0 0 30 2 *",
            "* * * * * *",
            "0 0 31 4 *",
            "hourly",
        ] {
            let error = wrong.parse::<Schedule>().unwrap_err();
            assert_eq!(error.code(), "E_JOB_SCHEDULE", "{wrong}");
            assert!(error.to_string().contains(wrong), "{error}");
        }
    }
}
