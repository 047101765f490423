//! Users: one user's day and habits, and a workspace's users together.

use rusqlite::named_params;
use samekey::shadower::{
    ActivityEvent, SegmentCount, UserActivity, UserAnalytics, UserMetrics, UserTrendPoint,
};

use super::{Analyst, AnalyticsError, ratio};
use crate::clock::{date, instant, parse_date};
use crate::history::segments;
use crate::timeframe::{Timeframe, Window};

/// The most events that a day's activity lists; the latest are kept.
const MOST_EVENTS: u32 = 200;

impl Analyst<'_> {
    /// What a user did on a day written `YYYY-MM-DD`, latest first: runs in sum, all else event by event.
    pub fn user_activity(&self, user: &str, day: &str) -> Result<UserActivity, AnalyticsError> {
        let found = self.user(user)?;
        let midnight = parse_date(day).ok_or_else(|| AnalyticsError::BadParameter {
            field: "date",
            expected: "a date such as 2026-11-22".to_owned(),
            value: day.to_owned(),
        })?;
        let window = Window::day_of(midnight);
        let mut statement = self.connection.prepare_cached(
            "SELECT at, kind, detail FROM activity WHERE user = :user AND at >= :start AND at < :end ORDER BY at DESC, id DESC LIMIT :most",
        )?;
        let parameters = named_params! { ":user": found.id, ":start": window.start, ":end": window.end, ":most": MOST_EVENTS };
        let events = statement
            .query_map(parameters, |row| {
                Ok(ActivityEvent {
                    at: instant(row.get(0)?),
                    kind: row.get(1)?,
                    detail: row.get(2)?,
                })
            })?
            .collect::<Result<_, _>>()?;
        let (runs, _, credits) = self.user_sums(found.id, window)?;
        Ok(UserActivity {
            user_id: user.to_owned(),
            name: found.name,
            date: date(midnight),
            events,
            runs,
            credits,
            computed_at: self.computed_at(),
        })
    }

    /// A user's habits.
    pub fn user_metrics(
        &self,
        user: &str,
        timeframe: Timeframe,
    ) -> Result<UserMetrics, AnalyticsError> {
        let [metrics] = self.user_metrics_in(user, [timeframe])?;
        Ok(metrics)
    }

    /// Runs, success rate and credits of one user.
    fn user_sums(&self, user: i64, window: Window) -> Result<(i64, f64, f64), AnalyticsError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT COUNT(*), COALESCE(SUM(status = 'succeeded'), 0), COALESCE(SUM(status <> 'running'), 0), COALESCE(SUM(credits), 0)
             FROM runs WHERE user = :user AND started_at >= :start AND started_at < :end",
        )?;
        let parameters =
            named_params! { ":user": user, ":start": window.start, ":end": window.end };
        Ok(statement.query_row(parameters, |row| {
            Ok((row.get(0)?, ratio(row.get(1)?, row.get(2)?), row.get(3)?))
        })?)
    }

    /// A workspace's users, or those of one segment; `segments` tells of all of them either way.
    pub fn user_analytics(
        &self,
        workspace: &str,
        timeframe: Timeframe,
        segment: Option<&str>,
    ) -> Result<UserAnalytics, AnalyticsError> {
        let found = self.workspace(workspace)?;
        if let Some(unknown) = segment.filter(|segment| !segments().any(|known| known == *segment))
        {
            let expected = format!("one of {}", segments().collect::<Vec<_>>().join(", "));
            return Err(AnalyticsError::BadParameter {
                field: "segment",
                expected,
                value: unknown.to_owned(),
            });
        }
        let window = timeframe.window(self.now);
        let active =
            |frame: Timeframe| self.active_users_in(found.id, frame.window(self.now), segment);
        let trend = self.user_trend(found.id, window, segment)?;
        Ok(UserAnalytics {
            workspace_id: found.workspace,
            timeframe: timeframe.name().to_owned(),
            segment: segment.map(str::to_owned),
            dau: active(Timeframe::Day)?,
            wau: active(Timeframe::Week)?,
            mau: active(Timeframe::Month)?,
            new_users: trend.iter().map(|point| point.new).sum(),
            trend,
            segments: self.segment_counts(found.id, window)?,
            computed_at: self.computed_at(),
        })
    }

    fn user_trend(
        &self,
        workspace: i64,
        window: Window,
        segment: Option<&str>,
    ) -> Result<Vec<UserTrendPoint>, AnalyticsError> {
        let mut points: Vec<UserTrendPoint> = window
            .starts()
            .map(|at| UserTrendPoint { at: instant(at), active: 0, new: 0 })
            .collect();
        let active = self.active(workspace, window)?;
        let active = match segment {
            None => active.per_bucket(|_| true),
            Some(segment) => {
                let segment_of = self.segment_of(workspace)?;
                active.per_bucket(|user| segment_of.get(&user).is_some_and(|of| of == segment))
            }
        };
        for (point, active) in points.iter_mut().zip(active) {
            point.active = active;
        }
        let parameters = named_params! {
            ":workspace": workspace, ":start": window.start, ":end": window.end, ":bucket": window.bucket, ":segment": segment,
        };
        let mut statement = self.connection.prepare_cached(
            "SELECT (created_at - :start) / :bucket, COUNT(*) FROM users
             WHERE workspace = :workspace AND created_at >= :start AND created_at < :end AND (:segment IS NULL OR segment = :segment)
             GROUP BY 1",
        )?;
        let mut rows = statement.query(parameters)?;
        while let Some(row) = rows.next()? {
            points[row.get::<_, i64>(0)? as usize].new = row.get(1)?;
        }
        Ok(points)
    }

    fn segment_counts(
        &self,
        workspace: i64,
        window: Window,
    ) -> Result<Vec<SegmentCount>, AnalyticsError> {
        if let Some(known) = self.notes.segment_counts.borrow().get(&(workspace, window)) {
            return Ok(known.clone());
        }
        let runs_by_user = if window.is_whole_days() {
            "SELECT user, SUM(runs) AS runs FROM user_days WHERE workspace = :workspace AND day >= :start AND day < :end GROUP BY user"
        } else {
            "SELECT user, COUNT(*) AS runs FROM runs WHERE workspace = :workspace AND started_at >= :start AND started_at < :end GROUP BY user"
        };
        let sql = format!(
            "SELECT u.segment, COUNT(*), COALESCE(SUM(r.runs), 0) FROM users u LEFT JOIN ({runs_by_user}) AS r ON r.user = u.id
             WHERE u.workspace = :workspace GROUP BY u.segment ORDER BY 3 DESC, 1"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let parameters =
            named_params! { ":workspace": workspace, ":start": window.start, ":end": window.end };
        let rows = statement.query_map(parameters, |row| {
            Ok(SegmentCount { segment: row.get(0)?, users: row.get(1)?, runs: row.get(2)? })
        })?;
        let counts: Vec<_> = rows.collect::<Result<_, _>>()?;
        self.notes.segment_counts.borrow_mut().insert((workspace, window), counts.clone());
        Ok(counts)
    }
}
