//! Adding, reading, writing and removing queries.

use super::deadlines::Deadline;
use super::engine::Query;
use super::id_table::hash_text;
use super::options::resolve_gc_time;
use super::{
    Action, CancelMode, Effect, Engine, Key, Moment, ObserverFlags, QueryId, QueryOptions,
    QueryState, StaleTime, Status,
};

/// What [`Engine::query_flags`] answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueryFlags {
    /// Some observer is enabled.
    pub active: bool,
    /// Refetching leaves it out: all observers are disabled, or there are none and nothing was ever fetched.
    pub disabled: bool,
    /// Some observer calls the data static.
    pub is_static: bool,
    /// Some observer calls the data stale; without observers, there is none or it was invalidated.
    pub stale: bool,
}

impl<T: Clone, E: Clone> Engine<T, E> {
    /// Adds a query under `hash`, or gives the one that is there. `hash` is `key.hash()`, unless the user
    /// hashes keys in a way of their own. `state` is [`QueryState::initial`], or that of a query restored from
    /// elsewhere; a reset returns to the former, not to the latter.
    pub fn add(
        &mut self,
        hash: &str,
        key: Key,
        options: QueryOptions,
        state: QueryState<T, E>,
        at: Moment,
    ) -> QueryId {
        if let Some(query) = self.get(hash) {
            return query;
        }
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        // A state that was fetched is a restored one: where a query was, not what it began with.
        let is_initial = state.data.is_some() && !state.is_fetched();
        let initial_state = is_initial.then(|| Box::new(state.clone()));
        let id = self.queries.insert(Box::new(Query {
            hash: hash.into(),
            sequence,
            place: None,
            state,
            initial_state,
            options,
            gc_time: resolve_gc_time(options.gc_time, at),
            fetch: None,
            signal_consumed: false,
            covered: false,
            refetch_owed: false,
            poll_interval: f64::INFINITY,
            poll_began: 0.0,
            first_observer: None,
            last_observer: None,
        })) as QueryId;
        self.by_hash.insert(hash_text(hash.as_bytes()), id);
        let place = self.index.insert(key, id);
        self.queries[id as usize].place = Some(place);
        self.schedule_gc(id, at);
        id
    }

    /// A query's state.
    pub fn state(&self, id: QueryId) -> Option<&QueryState<T, E>> {
        self.query(id).map(|query| &query.state)
    }

    /// How long a query is kept unobserved (ms): the longest ever asked for. `0.0` if there is no such query.
    pub fn gc_time(&self, id: QueryId) -> f64 {
        self.query(id).map_or(0.0, |query| query.gc_time)
    }

    /// Replaces a query's options; of `gc_time`, the longest ever asked for stays.
    pub fn set_query_options(&mut self, id: QueryId, options: QueryOptions, at: Moment) {
        if let Some(query) = self.query_mut(id) {
            query.options = options;
            query.gc_time = query.gc_time.max(resolve_gc_time(options.gc_time, at));
        }
    }

    /// Gives initial data to a query that has none; a later reset returns to it.
    pub fn set_initial_data(&mut self, id: QueryId, data: T, updated_at: f64, at: Moment) {
        let Some(query) = self.query_mut(id) else { return };
        if query.state.data.is_some() {
            return;
        }
        query.initial_state = Some(Box::new(QueryState::initial(Some(data.clone()), updated_at)));
        let state = QueryState {
            data: Some(data),
            data_updated_at: updated_at,
            error: None,
            is_invalidated: false,
            status: Status::Success,
            ..query.state.clone()
        };
        self.dispatch(id, Action::SetState(state), at);
    }

    /// Writes data by hand. A fetch in progress goes on, and a cancelled one reverts to this data.
    pub fn set_data(&mut self, id: QueryId, data: T, updated_at: f64, at: Moment) {
        self.dispatch(id, Action::Success { data, updated_at, manual: true }, at);
        if let Some(query) = self.query_mut(id)
            && let Some(fetch) = &mut query.fetch
        {
            fetch.revert_state = query.state.clone();
        }
    }

    /// Replaces a query's state whole.
    pub fn set_state(&mut self, id: QueryId, state: QueryState<T, E>, at: Moment) {
        self.dispatch(id, Action::SetState(state), at);
    }

    /// Marks a query stale. (Refetching is a second step, as in TanStack Query.)
    pub fn invalidate(&mut self, id: QueryId, at: Moment) {
        if self.query(id).is_some_and(|query| !query.state.is_invalidated) {
            self.dispatch(id, Action::Invalidate, at);
        }
    }

    /// Cancels a query's fetch and returns it to the state it was made with.
    pub fn reset(&mut self, id: QueryId, at: Moment) {
        self.cancel_fetch(id, CancelMode::Silent, at);
        let Some(query) = self.query(id) else { return };
        let initial = match &query.initial_state {
            Some(state) => (**state).clone(),
            None => QueryState::initial(None, 0.0),
        };
        self.dispatch(id, Action::SetState(initial), at);
        self.schedule_gc(id, at);
        self.release_if_unused(id);
    }

    /// Takes a query out of the cache and cancels its fetch. Its observers may go on reading it.
    pub fn remove(&mut self, id: QueryId, at: Moment) {
        let Some(query) = self.queries.get_mut(id as usize) else { return };
        let Some(place) = query.place.take() else { return };
        self.by_hash.remove(hash_text(query.hash.as_bytes()), id);
        self.index.remove(place, id);
        self.deadlines.cancel(Deadline::QueryGc(id));
        self.cancel_fetch(id, CancelMode::Silent, at);
        self.effects.push(Effect::Removed { query: id });
        self.release_if_unused(id);
    }

    /// Whether data of this age is stale for one who accepts `stale_time`.
    pub fn is_stale_by_time(&self, id: QueryId, stale_time: StaleTime, at: Moment) -> bool {
        self.query(id).is_none_or(|query| query.is_stale_by_time(stale_time, at))
    }

    /// Whether an imperative fetch that accepts `stale_time` has to run. Counts a hit or a miss.
    pub fn needs_fetch(&mut self, id: QueryId, stale_time: StaleTime, at: Moment) -> bool {
        let stale = self.is_stale_by_time(id, stale_time, at);
        self.stats.count_lookup(!stale);
        stale
    }

    /// What filters and refetches ask of a query.
    pub fn query_flags(&self, id: QueryId, at: Moment) -> QueryFlags {
        let Some(query) = self.query(id) else {
            return QueryFlags { active: false, disabled: true, is_static: false, stale: true };
        };
        if query.first_observer.is_none() {
            return QueryFlags {
                active: false,
                disabled: query.options.skip || !query.state.is_fetched(),
                is_static: false,
                stale: query.state.data.is_none() || query.state.is_invalidated,
            };
        }
        let mut flags =
            QueryFlags { active: false, disabled: true, is_static: false, stale: false };
        for observer in self.observers_of(id) {
            flags.active |= observer.options.enabled;
            flags.is_static |= observer.options.stale_time == StaleTime::Static;
            flags.stale |= ObserverFlags::of(query, &observer.options, at).stale;
        }
        flags.disabled = !flags.active;
        flags
    }
}

impl<T, E> Query<T, E> {
    pub(super) fn is_stale_by_time(&self, stale_time: StaleTime, at: Moment) -> bool {
        match stale_time {
            _ if self.state.data.is_none() => true,
            StaleTime::Static => false,
            _ if self.state.is_invalidated => true,
            // NaN counts as 0: stale at once.
            StaleTime::Millis(millis) => {
                let fresh = self.state.data_updated_at + millis > at.now;
                !fresh
            }
        }
    }
}
