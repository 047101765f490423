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
mod tests {
    use std::time::Duration;

    use super::super::{ENDLESS_LISTED_FOR, RENEWED_AFTER};
    use super::*;
    use crate::server::store::redis::keeping::kept;
    use crate::server::store::redis::names::Names;

    #[tokio::test(start_paused = true)]
    async fn in_a_cluster_the_lists_are_complete_for_half_as_long_as_an_endless_key_is_listed() {
        let kept = kept("maxmemory:0\r\n", "cmdstat_client|id:calls=1\r\n").unwrap();
        let pattern = Pattern::parse("exec:*").unwrap();
        let is_whole = |of: &Arc<Standing>| of.read().end(Some(kept), &[&pattern]).1;
        let names = Names::new("");
        let (one, of_cluster) = (Standing::new(names.clone()), Standing::in_cluster(names));
        for standing in [&one, &of_cluster] {
            standing.watched(&["exec:".to_owned()]);
            let number = standing.begin(kept).unwrap();
            standing.found_whole(number, kept);
            assert!(is_whole(standing));
        }
        tokio::time::advance(RENEWED_AFTER + Duration::from_secs(1)).await;
        assert!(RENEWED_AFTER * 2 <= Duration::from_millis(ENDLESS_LISTED_FOR));
        assert!(is_whole(&one));
        assert!(!is_whole(&of_cluster));
        assert_eq!((one.begin(kept), of_cluster.begin(kept).is_some()), (None, true));
    }
}
