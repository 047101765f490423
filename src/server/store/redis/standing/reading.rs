//! An invalidation's look at the lists: what was heard beside them, and whether that is all.

use std::sync::Arc;

use super::Standing;
use crate::schema::Pattern;
use crate::server::store::redis::keeping::Kept;

/// An invalidation that reads the lists.
pub(in super::super) struct Reading {
    standing: Arc<Standing>,
    /// Under which number it was heard when it began, if the lists were complete.
    since: Option<(u64, Kept)>,
}

impl Reading {
    pub(super) fn new(standing: Arc<Standing>, since: Option<(u64, Kept)>) -> Self {
        Self { standing, since }
    }

    /// The keys that were heard of and may not have been on the lists; and whether those and the lists are all. `kept`:
    /// how the server keeps the lists, asked after they were read, on a connection that tracks.
    pub(in super::super) fn end(
        &self,
        kept: Option<Kept>,
        patterns: &[&Pattern],
    ) -> (Vec<String>, bool) {
        let state = self.standing.lock();
        let (Some(heard), Some(prefixes)) = (&state.heard, &state.watched) else {
            return (Vec::new(), false);
        };
        let all = heard.fresh.iter().chain(&heard.looking).chain(&heard.looked_at);
        let meant = |key: &&String| patterns.iter().any(|pattern| pattern.matches(key));
        let keys = all.filter(meant).cloned().collect();
        let is_told = |pattern: &&Pattern| {
            let start = pattern.as_str().split('*').next().unwrap_or_default();
            let start = self.standing.names.data(start);
            prefixes.iter().any(|prefix| start.starts_with(prefix))
        };
        let is_whole = self.since.is_some_and(|(number, whole)| {
            number == heard.number && kept == Some(whole) && patterns.iter().all(is_told)
        });
        (keys, is_whole)
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        let mut state = self.standing.lock();
        state.readers -= 1;
        if state.readers == 0
            && let Some(heard) = &mut state.heard
        {
            heard.looked_at.clear();
        }
    }
}

#[cfg(all(test, feature = "cluster"))]
mod tests;
