//! Who was active when: read once for a window, counted in as many ways as are asked for.

use std::collections::HashMap;
use std::rc::Rc;

use rusqlite::named_params;

use super::runs::active_source;
use super::{Analyst, AnalyticsError};
use crate::timeframe::Window;

/// The users who were active in a window, bucket by bucket.
pub(super) struct Active {
    /// Buckets and users, each pair once.
    seen: Vec<(usize, i64)>,
    buckets: usize,
}

impl Active {
    /// Distinct users in each bucket.
    pub(super) fn per_bucket(&self, counts: impl Fn(i64) -> bool) -> Vec<i64> {
        let mut per_bucket = vec![0; self.buckets];
        for (bucket, _) in self.seen.iter().filter(|(_, user)| counts(*user)) {
            per_bucket[*bucket] += 1;
        }
        per_bucket
    }

    /// Distinct users in the whole window.
    pub(super) fn users(&self, counts: impl Fn(i64) -> bool) -> i64 {
        let users = self.seen.iter().map(|(_, user)| *user).filter(|user| counts(*user));
        let mut users: Vec<_> = users.collect();
        users.sort_unstable();
        users.dedup();
        users.len() as i64
    }
}

/// The segment of each user of a workspace.
pub(super) type SegmentOf = HashMap<i64, String>;

impl Analyst<'_> {
    /// Who was active in a window. An analyst looks once, however many of its questions want to know.
    pub(super) fn active(
        &self,
        workspace: i64,
        window: Window,
    ) -> Result<Rc<Active>, AnalyticsError> {
        if let Some(known) = self.notes.active.borrow().get(&(workspace, window)) {
            return Ok(known.clone());
        }
        let sql =
            format!("SELECT DISTINCT (at - :start) / :bucket, user FROM {}", active_source(window));
        let mut statement = self.connection.prepare_cached(&sql)?;
        let parameters = named_params! {
            ":workspace": workspace, ":start": window.start, ":end": window.end, ":bucket": window.bucket,
        };
        let seen = statement
            .query_map(parameters, |row| Ok((row.get::<_, i64>(0)? as usize, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        let active = Rc::new(Active { seen, buckets: window.buckets() });
        self.notes.active.borrow_mut().insert((workspace, window), active.clone());
        Ok(active)
    }

    /// Distinct users, of one segment if it is given.
    pub(super) fn active_users_in(
        &self,
        workspace: i64,
        window: Window,
        segment: Option<&str>,
    ) -> Result<i64, AnalyticsError> {
        let active = self.active(workspace, window)?;
        let Some(segment) = segment else { return Ok(active.users(|_| true)) };
        let segment_of = self.segment_of(workspace)?;
        Ok(active.users(|user| segment_of.get(&user).is_some_and(|of| of == segment)))
    }

    pub(super) fn segment_of(&self, workspace: i64) -> Result<Rc<SegmentOf>, AnalyticsError> {
        if let Some(known) = self.notes.segment_of.borrow().get(&workspace) {
            return Ok(known.clone());
        }
        let mut statement = self
            .connection
            .prepare_cached("SELECT id, segment FROM users WHERE workspace = :workspace")?;
        let rows = statement.query_map(named_params! { ":workspace": workspace }, |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        let segment_of: Rc<SegmentOf> = Rc::new(rows.collect::<Result<_, _>>()?);
        self.notes.segment_of.borrow_mut().insert(workspace, segment_of.clone());
        Ok(segment_of)
    }
}
