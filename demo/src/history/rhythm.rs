//! When people work, and when the platform breaks: the intensity of the history
//! at any hour.

use super::companies::Company;
use crate::timeframe::{DAY, HOUR, Millis};

/// Twice the longest timeframe, so that even 90 days have a time before them to
/// be compared with.
pub const HISTORY_DAYS: i64 = 180;

/// Work through a local day, hour by hour. The nights are scheduled runs.
const DAY_CURVE: [f64; 24] = [
    0.30, 0.26, 0.34, 0.24, 0.22, 0.26, 0.38, 0.62, 1.05, 1.48, 1.70, 1.66, 1.22, 1.34, 1.64, 1.72,
    1.58, 1.30, 0.92, 0.70, 0.58, 0.50, 0.44, 0.36,
];

/// Work through a week, Monday first.
const WEEK_CURVE: [f64; 7] = [1.02, 1.12, 1.14, 1.08, 0.92, 0.36, 0.30];

/// A time when many runs failed: hours before the end, its length, and the
/// share of runs that failed at its worst.
#[derive(Debug, Clone, Copy)]
pub struct Outage {
    /// Hours between its start and the end of the history.
    pub hours_before_end: i64,
    /// How long it lasted.
    pub hours: i64,
    /// The share of runs that failed.
    pub failing: f64,
}

/// The outages of the history; each timeframe from 7 days up shows at least one.
pub const OUTAGES: [Outage; 6] = [
    Outage { hours_before_end: 53, hours: 3, failing: 0.55 },
    Outage { hours_before_end: 20 * 24 + 7, hours: 5, failing: 0.78 },
    Outage { hours_before_end: 43 * 24 + 14, hours: 2, failing: 0.90 },
    Outage { hours_before_end: 77 * 24 + 3, hours: 9, failing: 0.42 },
    Outage { hours_before_end: 118 * 24 + 19, hours: 4, failing: 0.66 },
    Outage { hours_before_end: 151 * 24 + 10, hours: 6, failing: 0.60 },
];

/// The share of runs that fail in the hour that starts at `hour` because the
/// platform itself is broken; 0 in ordinary times.
pub fn outage_at(origin: Millis, hour: Millis) -> f64 {
    let before_end = (origin.div_euclid(HOUR) * HOUR - hour) / HOUR;
    OUTAGES
        .iter()
        .filter(|outage| {
            (outage.hours_before_end - outage.hours + 1..=outage.hours_before_end)
                .contains(&before_end)
        })
        .map(|outage| outage.failing)
        .fold(0.0, f64::max)
}

/// How busy one workspace is in the hour that starts at `hour`; only ratios
/// between results mean anything. Growth is counted from `origin`, the end of
/// the first history, and goes on after it for as long as the file is kept.
pub fn intensity(company: &Company, origin: Millis, hour: Millis) -> f64 {
    let local = hour + company.utc_offset * HOUR;
    let of_day = local.rem_euclid(DAY) / HOUR;
    // The epoch was a Thursday, three days into a week that starts on Monday.
    let weekday = (local.div_euclid(DAY) + 3).rem_euclid(7);
    let weekend = if weekday >= 5 { company.weekend } else { 1.0 };
    let weeks = (hour - origin) as f64 / (7 * DAY) as f64;
    company.share
        * DAY_CURVE[of_day as usize]
        * WEEK_CURVE[weekday as usize]
        * weekend
        * (1.0 + company.weekly_growth).powf(weeks)
}
