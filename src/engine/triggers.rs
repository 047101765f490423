//! What happens by itself: time passes, the page gets the focus, the network comes back.

use super::deadlines::Deadline;
use super::observers::should_fetch_on;
use super::{Effect, Engine, FetchStatus, Moment, ObserverOptions, QueryId, RefetchOn};

impl<T: Clone, E: Clone> Engine<T, E> {
    /// A mark for a round of [`Engine::wake`]: what is set during the round waits for the next one.
    pub fn wake_mark(&self) -> u64 {
        self.deadlines.mark()
    }

    /// Handles the earliest deadline that is due and was set before `mark`; `false` if there is none. One at a
    /// time, so that the host can perform its effects before the next, as with timers of their own.
    pub fn wake(&mut self, mark: u64, at: Moment) -> bool {
        let Some(deadline) = self.deadlines.take_due(at.now, mark) else { return false };
        match deadline {
            Deadline::QueryGc(id) => self.collect(id, at),
            Deadline::QueryStale(id) => self.became_stale(id, at),
            Deadline::QueryPoll(id) => self.poll(id, at),
            Deadline::QueryRetry(id) => self.retry_due(id, at),
            Deadline::MutationGc(id) => self.collect_mutation(id, at),
            Deadline::MutationRetry(id) => self.mutation_retry_due(id, at),
        }
        true
    }

    /// The clock was set back by so many milliseconds: what waits goes on as it would have, and not after an hour more.
    pub fn clock_set_back(&mut self, millis: f64) {
        self.deadlines.bring_forward(millis);
    }

    /// The page got the focus: stale queries on screen are refetched, paused fetches go on.
    pub fn on_focus(&mut self, at: Moment) {
        self.on_return(|options| options.refetch_on_focus, at);
    }

    /// The network is back: as [`Engine::on_focus`].
    pub fn on_online(&mut self, at: Moment) {
        self.on_return(|options| options.refetch_on_reconnect, at);
    }

    /// One query's share of [`Engine::on_focus`].
    pub fn query_on_focus(&mut self, id: QueryId, at: Moment) {
        self.refetch_on(id, |options| options.refetch_on_focus, at);
    }

    /// One query's share of [`Engine::on_online`].
    pub fn query_on_online(&mut self, id: QueryId, at: Moment) {
        self.refetch_on(id, |options| options.refetch_on_reconnect, at);
    }

    fn on_return(&mut self, trigger: fn(&ObserverOptions) -> RefetchOn, at: Moment) {
        let mut affected = self.observed.members().to_vec();
        affected.extend(self.busy.members());
        self.sort_by_age(&mut affected);
        affected.dedup();
        for id in affected {
            // A removed query is not the cache's any more, whoever may still look at it.
            if self.query(id).is_some_and(|query| query.place.is_some()) {
                self.refetch_on(id, trigger, at);
            }
        }
    }

    fn refetch_on(&mut self, id: QueryId, trigger: fn(&ObserverOptions) -> RefetchOn, at: Moment) {
        if self.pay_refetch(id, at) {
            return;
        }
        let Some(query) = self.query(id) else { return };
        let observer = self.observer_ids(id).find(|&observer| {
            let options = &self.observers[observer as usize].options;
            should_fetch_on(query, options, trigger(options), at)
        });
        if let Some(observer) = observer {
            self.effects.push(Effect::FetchDue { observer });
            // The refetch will join a fetch that goes on here; its retries must not have been given up.
            self.revive_retries(id);
        }
        self.continue_fetch(id, at);
    }

    fn collect(&mut self, id: QueryId, at: Moment) {
        let unused = self.query(id).is_some_and(|query| {
            query.first_observer.is_none() && query.state.fetch_status == FetchStatus::Idle
        });
        if unused {
            self.stats.evicted_keys += 1;
            self.remove(id, at);
        }
    }

    fn became_stale(&mut self, id: QueryId, at: Moment) {
        let mut earliest = f64::INFINITY;
        let mut next = self.query(id).and_then(|query| query.first_observer);
        while let Some(observer_id) = next {
            let observer = &mut self.observers[observer_id as usize];
            next = observer.next;
            if observer.stale_at <= at.now {
                observer.stale_at = f64::INFINITY;
                self.effects.push(Effect::BecameStale { observer: observer_id });
            } else {
                earliest = earliest.min(observer.stale_at);
            }
        }
        self.deadlines.set(Deadline::QueryStale(id), earliest);
    }

    fn poll(&mut self, id: QueryId, at: Moment) {
        let Some(query) = self.query(id) else { return };
        let interval = query.poll_interval;
        let mut due = f64::INFINITY;
        let mut polling = None;
        for id in self.observer_ids(id) {
            let options = &self.observers[id as usize].options;
            // It began in the future if the clock was set back; then it is time because the deadline says so.
            let waited = at.now - query.poll_began;
            let next = if waited < 0.0 { at.now } else { query.poll_began + options.interval() };
            let awake = at.focused || options.refetch_interval_in_background;
            if awake && next < due && !query.poll_rests(options, at) {
                due = next;
                polling = Some(id);
            }
        }
        // While hidden, or while a stream would tell, the rhythm goes on and the requests rest, but for those who poll
        // all the same: they may have longer intervals than the one that the rhythm follows.
        match polling {
            Some(observer) if due <= at.now => {
                self.restart_poll(id, interval, at);
                self.effects.push(Effect::FetchDue { observer });
            }
            _ => self.deadlines.set(Deadline::QueryPoll(id), due.min(at.now + interval)),
        }
    }
}
