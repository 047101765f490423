//! What was changed elsewhere: the part of an invalidation stream that touches queries. The stream's own part, when to
//! connect and what to believe, is in `live`.

use super::engine::Query;
use super::{Effect, Engine, Moment, ObserverOptions, QueryId, StaleTime};

impl<T: Clone, E: Clone> Engine<T, E> {
    /// What a query holds was changed elsewhere: it is stale, and if somebody looks at it, fetched again.
    ///
    /// An attempt that runs may have been answered before the change, so another fetch follows it; it is not
    /// cancelled, for then a quick succession of changes would let none come to its end. A hidden page fetches when
    /// it is seen again. Disabled and static observers are left alone, as by every invalidation.
    pub fn outdate(&mut self, id: QueryId, at: Moment) {
        self.invalidate(id, at);
        let Some(query) = self.query_mut(id) else { return };
        if let Some(fetch) = &mut query.fetch {
            fetch.outdated = true;
            // Cancelled, it must not bring back the belief that the data is fresh.
            fetch.revert_state.is_invalidated = true;
        } else {
            self.refetch_when_seen(id, at);
        }
    }

    /// Says whether a healthy stream would tell of changes to a query. While it would, polls rest for as long as the
    /// data is fresh: nothing is to be learnt by asking.
    pub fn set_covered(&mut self, id: QueryId, covered: bool) {
        if let Some(query) = self.query_mut(id) {
            query.covered = covered;
        }
    }

    /// Fetches what was outdated; a hidden page owes it.
    pub(super) fn refetch_when_seen(&mut self, id: QueryId, at: Moment) {
        if at.focused {
            self.refetch_outdated(id, at);
        } else if let Some(query) = self.query_mut(id) {
            query.refetch_owed = true;
        }
    }

    /// The page is seen again: fetches what was outdated while it was hidden.
    pub(super) fn pay_refetch(&mut self, id: QueryId, at: Moment) -> bool {
        let Some(query) = self.query_mut(id).filter(|query| query.refetch_owed) else {
            return false;
        };
        query.refetch_owed = false;
        // Else it was fetched meanwhile.
        let owed = query.state.is_invalidated && query.fetch.is_none();
        owed && self.refetch_outdated(id, at)
    }

    /// Fetches on behalf of an observer, if one wants it.
    fn refetch_outdated(&mut self, id: QueryId, at: Moment) -> bool {
        let flags = self.query_flags(id, at);
        let observer = self
            .observer_ids(id)
            .find(|&id| !flags.is_static && self.observers[id as usize].options.enabled);
        self.effects.extend(observer.map(|observer| Effect::FetchDue { observer }));
        observer.is_some()
    }
}

impl<T, E> Query<T, E> {
    /// Whether an observer's poll rests. Who gives no time after which data is stale leaves that to the stream alone.
    pub(super) fn poll_rests(&self, options: &ObserverOptions, at: Moment) -> bool {
        self.covered
            && self.state.data.is_some()
            && !self.state.is_invalidated
            && (options.stale_time == StaleTime::Millis(0.0)
                || !self.is_stale_by_time(options.stale_time, at))
    }
}
