//! Observers: who looks at a query, what they make it do, and when time changes what they see.

use super::deadlines::Deadline;
use super::engine::{Observer, Query};
use super::{Engine, Moment, ObserverId, ObserverOptions, QueryId, RefetchOn, StaleTime, Status};

/// What an observer with given options would see of a query, and do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ObserverFlags {
    /// The data is stale for it.
    pub stale: bool,
    /// Mounting it fetches.
    pub fetch_on_mount: bool,
    /// Switching it to this query, or enabling it, fetches.
    pub fetch_on_change: bool,
    /// A fetch would run now rather than pause.
    pub can_fetch: bool,
}

impl ObserverFlags {
    pub(super) fn of<T, E>(query: &Query<T, E>, options: &ObserverOptions, at: Moment) -> Self {
        let stale = options.enabled && query.is_stale_by_time(options.stale_time, at);
        let errored = query.state.status == Status::Error;
        let loads =
            options.enabled && query.state.data.is_none() && (options.retry_on_mount || !errored);
        Self {
            stale,
            fetch_on_mount: loads
                || (query.state.data.is_some()
                    && should_fetch_on(query, options, options.refetch_on_mount, at)),
            fetch_on_change: stale && !(options.suspense && errored),
            can_fetch: query.options.network_mode.can_fetch(at),
        }
    }
}

/// Whether a trigger refetches on behalf of an observer.
pub(super) fn should_fetch_on<T, E>(
    query: &Query<T, E>,
    options: &ObserverOptions,
    trigger: RefetchOn,
    at: Moment,
) -> bool {
    options.enabled
        && options.stale_time != StaleTime::Static
        && match trigger {
            RefetchOn::Never => false,
            RefetchOn::IfStale => query.is_stale_by_time(options.stale_time, at),
            RefetchOn::Always => true,
        }
}

impl<T: Clone, E: Clone> Engine<T, E> {
    /// What an observer with these options would see of a query, and do about it.
    pub fn observer_flags(
        &self,
        query: QueryId,
        options: &ObserverOptions,
        at: Moment,
    ) -> ObserverFlags {
        match self.query(query) {
            Some(query) => ObserverFlags::of(query, options, at),
            None => ObserverFlags {
                stale: true,
                fetch_on_mount: options.enabled,
                fetch_on_change: options.enabled,
                can_fetch: at.online,
            },
        }
    }

    /// Adds an observer to a query, which is then not collected. Whether mounting fetches is in
    /// [`Engine::observer_flags`]; this counts a hit if it does not and there is data, else a miss.
    ///
    /// Gives `None` if there is no such query.
    pub fn observe(
        &mut self,
        query: QueryId,
        options: ObserverOptions,
        at: Moment,
    ) -> Option<ObserverId> {
        let record = self.query(query)?;
        if options.enabled {
            let hit = record.state.data.is_some()
                && !ObserverFlags::of(record, &options, at).fetch_on_mount;
            self.stats.count_lookup(hit);
        }
        let previous = self.queries[query as usize].last_observer;
        let observer = Observer { query, options, stale_at: f64::INFINITY, previous, next: None };
        let id = self.observers.insert(observer) as ObserverId;
        match previous {
            Some(previous) => self.observers[previous as usize].next = Some(id),
            None => self.queries[query as usize].first_observer = Some(id),
        }
        self.queries[query as usize].last_observer = Some(id);
        self.observed.insert(query);
        self.deadlines.cancel(Deadline::QueryGc(query));
        self.observer_changed(id, at);
        self.interval_changed(query, f64::INFINITY, options.interval(), at);
        Some(id)
    }

    /// Takes an observer away. After the last one, a fetch whose signal was read is cancelled and reverted,
    /// another may finish its attempt, and the `gc_time` begins.
    pub fn unobserve(&mut self, id: ObserverId, at: Moment) {
        let Some(observer) = self.observers.try_remove(id as usize) else { return };
        let (query, previous, next) = (observer.query, observer.previous, observer.next);
        match previous {
            Some(previous) => self.observers[previous as usize].next = next,
            None => self.queries[query as usize].first_observer = next,
        }
        match next {
            Some(next) => self.observers[next as usize].previous = previous,
            None => self.queries[query as usize].last_observer = previous,
        }
        if self.queries[query as usize].first_observer.is_none() {
            self.observed.remove(query);
            self.deadlines.cancel(Deadline::QueryStale(query));
            self.abandon_fetch(query, at);
            self.schedule_gc(query, at);
        }
        self.interval_changed(query, observer.options.interval(), f64::INFINITY, at);
        self.release_if_unused(query);
    }

    /// Replaces an observer's options.
    pub fn set_observer_options(&mut self, id: ObserverId, options: ObserverOptions, at: Moment) {
        if let Some(observer) = self.observers.get_mut(id as usize) {
            let (query, interval) = (observer.query, observer.options.interval());
            observer.options = options;
            self.observer_changed(id, at);
            self.interval_changed(query, interval, options.interval(), at);
        }
    }

    /// A query's observers, in the order in which they came.
    pub(super) fn observers_of(&self, query: QueryId) -> impl Iterator<Item = &Observer> {
        self.observer_ids(query).map(|id| &self.observers[id as usize])
    }

    pub(super) fn observer_ids(&self, query: QueryId) -> impl Iterator<Item = ObserverId> {
        let first = self.query(query).and_then(|query| query.first_observer);
        std::iter::successors(first, |&id| self.observer(id).and_then(|observer| observer.next))
    }

    /// After a state change, staleness is counted from the new data and the poll's wait begins again.
    pub(super) fn restart_observer_timers(&mut self, query: QueryId, at: Moment) {
        if self.query(query).is_none_or(|query| query.first_observer.is_none()) {
            return;
        }
        self.watch_staleness(query, at);
        self.restart_poll(query, self.queries[query as usize].poll_interval, at);
    }

    /// One observer came or has new options: no need to look at the others, of which there may be
    /// thousands. (A deadline that is then too early finds nothing stale and moves on.)
    fn observer_changed(&mut self, id: ObserverId, at: Moment) {
        let observer = &mut self.observers[id as usize];
        let Some(record) = self.queries.get(observer.query as usize) else { return };
        let query = observer.query;
        observer.stale_at = record.stale_at(&observer.options, at);
        let stale_at = observer.stale_at;
        if !self.deadlines.is_set_before(Deadline::QueryStale(query), stale_at) {
            self.deadlines.set(Deadline::QueryStale(query), stale_at);
        }
    }

    /// The data changed: sets the deadline at which the first of the observers sees it become stale.
    fn watch_staleness(&mut self, query: QueryId, at: Moment) {
        let Some(record) = self.queries.get(query as usize) else { return };
        let mut next = record.first_observer;
        let mut earliest = f64::INFINITY;
        while let Some(id) = next {
            let observer = &mut self.observers[id as usize];
            next = observer.next;
            observer.stale_at = record.stale_at(&observer.options, at);
            earliest = earliest.min(observer.stale_at);
        }
        self.deadlines.set(Deadline::QueryStale(query), earliest);
    }

    /// An observer polls at another interval (infinite: not at all). The query's one poll follows the shortest, and
    /// its wait begins anew only if that changed. Looks at the other observers only if it may have.
    fn interval_changed(&mut self, query: QueryId, old: f64, new: f64, at: Moment) {
        let Some(record) = self.query(query) else { return };
        let mut shortest = record.poll_interval;
        if new < shortest {
            shortest = new;
        } else if old == shortest && new > old {
            let intervals = self.observers_of(query).map(|observer| observer.options.interval());
            shortest = intervals.fold(f64::INFINITY, f64::min);
        }
        if shortest != record.poll_interval {
            self.restart_poll(query, shortest, at);
        }
    }

    /// Waits for the next poll from now on; an infinite interval does not poll.
    pub(super) fn restart_poll(&mut self, query: QueryId, interval: f64, at: Moment) {
        let Some(record) = self.query_mut(query) else { return };
        if interval == f64::INFINITY && record.poll_interval == f64::INFINITY {
            return;
        }
        record.poll_interval = interval;
        record.poll_began = at.now;
        let due = if at.server { f64::INFINITY } else { at.now + interval };
        self.deadlines.set(Deadline::QueryPoll(query), due);
    }
}

impl ObserverOptions {
    /// The interval at which such an observer polls (ms); infinite if it does not.
    pub(super) fn interval(&self) -> f64 {
        match self.refetch_interval {
            Some(interval) if self.enabled && interval > 0.0 => interval,
            _ => f64::INFINITY,
        }
    }
}

impl<T, E> Query<T, E> {
    /// When time makes the data stale for an observer (ms); infinite if it is stale, or never will be.
    fn stale_at(&self, options: &ObserverOptions, at: Moment) -> f64 {
        let ages = self.state.data.is_some() && !self.state.is_invalidated && !at.server;
        match options.stale_time {
            StaleTime::Millis(millis)
                if ages && options.enabled && self.state.data_updated_at + millis > at.now =>
            {
                // One millisecond late, since timers may fire that much early.
                self.state.data_updated_at + millis + 1.0
            }
            _ => f64::INFINITY,
        }
    }
}
