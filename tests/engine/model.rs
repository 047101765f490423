//! A query cache as slow and obvious as one can be: the engine is compared with it.
//!
//! Written from TanStack Query's behaviour, not from the engine: a plain list of queries that is scanned for
//! everything, one timer per observer and purpose, every answer worked out anew. It plays the host as well:
//! where the engine asks for a fetch, the model fetches.

use samekey::engine::{
    ActionKind, CancelMode, Failure, FetchStatus, Key, Moment, NetworkMode, ObserverOptions,
    QueryOptions, QueryState, RefetchOn, Retry, RetryDelay, StaleTime, Status, Verdict,
};

use super::host::{Data, Problem, State};

/// What a query tells, in order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Event {
    Action(ActionKind),
    Run,
    Cancelled(CancelMode),
    GaveUp,
    Removed,
    Released,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Attempt {
    Running,
    /// Tried again at this time (ms).
    Waiting(f64),
    Paused,
}

#[derive(Debug)]
struct Fetch {
    number: usize,
    attempt: Attempt,
    failures: u32,
    no_more_retries: bool,
    before: State,
    /// The data changed elsewhere while the attempt ran.
    outdated: bool,
    last_problem: Option<Problem>,
    /// What the query's options said when the fetch began: retries follow those.
    options: QueryOptions,
}

#[derive(Debug)]
pub(crate) struct Query {
    pub(crate) key: Key,
    pub(crate) hash: String,
    pub(crate) in_cache: bool,
    /// Somebody may still name it.
    pub(crate) alive: bool,
    pub(crate) state: State,
    pub(crate) events: Vec<Event>,
    initial: State,
    options: QueryOptions,
    gc_time: f64,
    gc_at: Option<f64>,
    fetch: Option<Fetch>,
    signal_read: bool,
    /// A stream would tell of changes.
    pub(crate) covered: bool,
    /// Outdated while the page was hidden.
    refetch_owed: bool,
    poll_interval: Option<f64>,
    poll_began: f64,
    poll_at: Option<f64>,
}

#[derive(Debug)]
pub(crate) struct Observer {
    pub(crate) query: usize,
    pub(crate) options: ObserverOptions,
    pub(crate) mounted: bool,
    /// How often it was told that its data became stale.
    pub(crate) told_stale: usize,
    stale_at: Option<f64>,
}

#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) at: Moment,
    pub(crate) queries: Vec<Query>,
    pub(crate) observers: Vec<Observer>,
    pub(crate) hits: u64,
    pub(crate) misses: u64,
    pub(crate) evicted: u64,
    /// How many fetches were started: each is known by its number.
    pub(crate) fetches: usize,
}

/// What is due at some time.
#[derive(Debug, Clone, Copy)]
enum Due {
    Gc(usize),
    Stale(usize),
    Poll(usize),
    Retry(usize),
}

impl Model {
    pub(crate) fn new(at: Moment) -> Self {
        Self {
            at,
            queries: Vec::new(),
            observers: Vec::new(),
            hits: 0,
            misses: 0,
            evicted: 0,
            fetches: 0,
        }
    }

    // What can be asked.

    pub(crate) fn find_by_hash(&self, hash: &str) -> Option<usize> {
        self.queries.iter().position(|query| query.in_cache && query.hash == hash)
    }

    pub(crate) fn observers_of(&self, query: usize) -> Vec<usize> {
        let all = 0..self.observers.len();
        let mut of_query: Vec<usize> = all
            .filter(|&id| self.observers[id].mounted && self.observers[id].query == query)
            .collect();
        of_query.sort_unstable();
        of_query
    }

    pub(crate) fn is_fetching(&self, query: usize) -> bool {
        self.queries[query].fetch.is_some()
    }

    pub(crate) fn runs(&self, query: usize) -> Option<usize> {
        let fetch = self.queries[query].fetch.as_ref()?;
        (fetch.attempt == Attempt::Running).then_some(fetch.number)
    }

    fn is_stale_by_time(&self, query: usize, stale_time: StaleTime) -> bool {
        let state = &self.queries[query].state;
        if state.data.is_none() {
            return true;
        }
        match stale_time {
            StaleTime::Static => false,
            StaleTime::Millis(millis) => {
                state.is_invalidated || state.data_updated_at + millis <= self.at.now
            }
        }
    }

    pub(crate) fn is_stale_for(&self, query: usize, options: &ObserverOptions) -> bool {
        options.enabled && self.is_stale_by_time(query, options.stale_time)
    }

    fn wants(&self, query: usize, options: &ObserverOptions, trigger: RefetchOn) -> bool {
        options.enabled
            && options.stale_time != StaleTime::Static
            && (trigger == RefetchOn::Always
                || trigger == RefetchOn::IfStale && self.is_stale_for(query, options))
    }

    pub(crate) fn fetches_on_mount(&self, query: usize, options: &ObserverOptions) -> bool {
        let state = &self.queries[query].state;
        if state.data.is_some() {
            return self.wants(query, options, options.refetch_on_mount);
        }
        options.enabled && (state.status != Status::Error || options.retry_on_mount)
    }

    pub(crate) fn fetches_on_change(&self, query: usize, options: &ObserverOptions) -> bool {
        let failed = self.queries[query].state.status == Status::Error;
        self.is_stale_for(query, options) && !(options.suspense && failed)
    }

    pub(crate) fn can_fetch(&self, query: usize) -> bool {
        self.at.online || self.queries[query].options.network_mode != NetworkMode::Online
    }

    pub(crate) fn is_active(&self, query: usize) -> bool {
        self.observers_of(query).iter().any(|&id| self.observers[id].options.enabled)
    }

    pub(crate) fn is_disabled(&self, query: usize) -> bool {
        if !self.observers_of(query).is_empty() {
            return !self.is_active(query);
        }
        let Query { state, options, .. } = &self.queries[query];
        options.skip || state.data_update_count + state.error_update_count == 0
    }

    pub(crate) fn is_static(&self, query: usize) -> bool {
        let observers = self.observers_of(query);
        observers.iter().any(|&id| self.observers[id].options.stale_time == StaleTime::Static)
    }

    pub(crate) fn is_stale(&self, query: usize) -> bool {
        let observers = self.observers_of(query);
        if observers.is_empty() {
            let state = &self.queries[query].state;
            return state.data.is_none() || state.is_invalidated;
        }
        observers.iter().any(|&id| self.is_stale_for(query, &self.observers[id].options))
    }

    // What can be done.

    pub(crate) fn add(&mut self, key: Key, options: QueryOptions, state: State) -> usize {
        let hash = key.hash();
        if let Some(query) = self.find_by_hash(&hash) {
            return query;
        }
        let fetched = state.data_update_count + state.error_update_count > 0;
        let initial = if fetched { QueryState::initial(None, 0.0) } else { state };
        self.queries.push(Query {
            key,
            hash,
            in_cache: true,
            alive: true,
            state,
            events: Vec::new(),
            initial,
            options,
            gc_time: self.resolved(options.gc_time),
            gc_at: None,
            fetch: None,
            signal_read: false,
            covered: false,
            refetch_owed: false,
            poll_interval: None,
            poll_began: 0.0,
            poll_at: None,
        });
        let query = self.queries.len() - 1;
        self.begin_gc(query);
        query
    }

    pub(crate) fn set_query_options(&mut self, query: usize, options: QueryOptions) {
        let gc_time = self.resolved(options.gc_time);
        let query = &mut self.queries[query];
        query.options = options;
        query.gc_time = query.gc_time.max(gc_time);
    }

    pub(crate) fn observe(&mut self, query: usize, options: ObserverOptions) -> usize {
        let fetches = self.fetches_on_mount(query, &options);
        if options.enabled {
            let hit = self.queries[query].state.data.is_some() && !fetches;
            if hit { self.hits += 1 } else { self.misses += 1 }
        }
        let mounted = true;
        self.observers.push(Observer { query, options, mounted, told_stale: 0, stale_at: None });
        let observer = self.observers.len() - 1;
        self.queries[query].gc_at = None;
        self.begin_stale(observer);
        self.intervals_changed(query);
        observer
    }

    pub(crate) fn unobserve(&mut self, observer: usize) {
        let query = self.observers[observer].query;
        self.observers[observer].mounted = false;
        self.observers[observer].stale_at = None;
        if self.observers_of(query).is_empty() {
            let Query { state, signal_read, fetch, .. } = &mut self.queries[query];
            if let Some(fetch) = fetch {
                let never_ran =
                    state.status == Status::Pending && state.fetch_status == FetchStatus::Paused;
                if *signal_read || never_ran {
                    self.end_fetch(query, CancelMode::Revert);
                } else {
                    fetch.no_more_retries = true;
                }
            }
            self.begin_gc(query);
        }
        self.intervals_changed(query);
        self.release(query);
    }

    pub(crate) fn set_observer_options(&mut self, observer: usize, options: ObserverOptions) {
        self.observers[observer].options = options;
        self.begin_stale(observer);
        self.intervals_changed(self.observers[observer].query);
    }

    pub(crate) fn fetch(&mut self, query: usize, cancel_refetch: bool) {
        if self.is_fetching(query) {
            if self.queries[query].state.data.is_some() && cancel_refetch {
                self.end_fetch(query, CancelMode::Silent);
            } else {
                self.queries[query].fetch.as_mut().unwrap().no_more_retries = false;
                return;
            }
        }
        let can_fetch = self.can_fetch(query);
        let before = self.queries[query].state;
        if before.fetch_status == FetchStatus::Idle {
            let fetch_status = if can_fetch { FetchStatus::Fetching } else { FetchStatus::Paused };
            let mut state = QueryState {
                fetch_failure_count: 0,
                fetch_failure_reason: None,
                fetch_status,
                ..before
            };
            if state.data.is_none() {
                state = QueryState { error: None, status: Status::Pending, ..state };
            }
            self.change(query, ActionKind::Fetch, state);
        }
        self.queries[query].fetch = Some(Fetch {
            number: self.fetches,
            attempt: Attempt::Paused,
            failures: 0,
            no_more_retries: false,
            before,
            outdated: false,
            last_problem: None,
            options: self.queries[query].options,
        });
        self.fetches += 1;
        if can_fetch { self.run(query) } else { self.pause(query) }
    }

    pub(crate) fn succeed(&mut self, query: usize, data: Data) {
        let outdated = self.queries[query].fetch.take().is_some_and(|fetch| fetch.outdated);
        let state = QueryState {
            fetch_status: FetchStatus::Idle,
            fetch_failure_count: 0,
            fetch_failure_reason: None,
            ..self.with_data(query, data, self.at.now)
        };
        self.change(query, ActionKind::Success, state);
        if outdated {
            self.invalidate(query);
        }
        self.begin_gc(query);
        self.release(query);
        if outdated {
            self.refetch_when_seen(query);
        }
    }

    pub(crate) fn fail(&mut self, query: usize, problem: Problem, verdict: Verdict) -> Failure {
        let (now, server) = (self.at.now, self.at.server);
        let fetch = self.queries[query].fetch.as_mut().unwrap();
        let options = fetch.options;
        let limit = match options.retry {
            Retry::Default => Some(if server || !verdict.retry { 0 } else { 3 }),
            Retry::Count(count) => Some(count),
            Retry::Always => None,
            Retry::Ask => Some(if verdict.retry { u32::MAX } else { 0 }),
        };
        fetch.last_problem = Some(problem);
        if fetch.no_more_retries || limit.is_some_and(|limit| fetch.failures >= limit) {
            self.give_up(query, problem);
            return Failure::Final;
        }
        let delay = match options.retry_delay {
            RetryDelay::Backoff => (1000.0 * 2f64.powi(fetch.failures as i32)).min(30_000.0),
            RetryDelay::Millis(millis) => millis,
            RetryDelay::Ask => verdict.delay,
        };
        fetch.failures += 1;
        let fetch_failure_count = fetch.failures;
        let fetch_failure_reason = Some(problem);
        fetch.attempt = Attempt::Waiting(now + delay);
        let state = self.queries[query].state;
        let state = QueryState { fetch_failure_count, fetch_failure_reason, ..state };
        self.change(query, ActionKind::Failed, state);
        Failure::Retrying
    }

    /// A failure that no retry mends.
    pub(crate) fn give_up(&mut self, query: usize, problem: Problem) {
        self.queries[query].fetch = None;
        let state = self.queries[query].state;
        let state = QueryState {
            error: Some(problem),
            error_update_count: state.error_update_count + 1,
            error_updated_at: self.at.now,
            fetch_failure_count: state.fetch_failure_count + 1,
            fetch_failure_reason: Some(problem),
            fetch_status: FetchStatus::Idle,
            status: Status::Error,
            is_invalidated: true,
            ..state
        };
        self.change(query, ActionKind::Error, state);
        self.begin_gc(query);
        self.release(query);
    }

    pub(crate) fn read_signal(&mut self, query: usize) {
        self.queries[query].signal_read = true;
    }

    pub(crate) fn cancel(&mut self, query: usize, mode: CancelMode) {
        if !self.is_fetching(query) {
            return;
        }
        if mode == CancelMode::Error {
            self.queries[query].events.push(Event::Cancelled(mode));
            self.give_up(query, "cancelled");
        } else {
            self.end_fetch(query, mode);
            self.begin_gc(query);
            self.release(query);
        }
    }

    pub(crate) fn set_data(&mut self, query: usize, data: Data, updated_at: f64) {
        let state = self.with_data(query, data, updated_at);
        self.change(query, ActionKind::ManualSuccess, state);
        if let Some(fetch) = &mut self.queries[query].fetch {
            fetch.before = state;
        }
    }

    pub(crate) fn set_initial_data(&mut self, query: usize, data: Data, updated_at: f64) {
        let state = self.queries[query].state;
        if state.data.is_none() {
            self.queries[query].initial = QueryState::initial(Some(data), updated_at);
            let filled = self.with_data(query, data, updated_at);
            let state = QueryState { data_update_count: state.data_update_count, ..filled };
            self.change(query, ActionKind::SetState, state);
        }
    }

    pub(crate) fn set_state(&mut self, query: usize, state: State) {
        self.change(query, ActionKind::SetState, state);
    }

    pub(crate) fn invalidate(&mut self, query: usize) {
        let state = self.queries[query].state;
        if !state.is_invalidated {
            let state = QueryState { is_invalidated: true, ..state };
            self.change(query, ActionKind::Invalidate, state);
        }
    }

    /// Somebody elsewhere changed what the query holds.
    pub(crate) fn outdate(&mut self, query: usize) {
        self.invalidate(query);
        if let Some(fetch) = &mut self.queries[query].fetch {
            fetch.outdated = true;
            fetch.before.is_invalidated = true;
        } else {
            self.refetch_when_seen(query);
        }
    }

    fn refetch_when_seen(&mut self, query: usize) {
        if !self.at.focused {
            self.queries[query].refetch_owed = true;
        } else if self.refetches_outdated(query) {
            self.fetch(query, false);
        }
    }

    /// Whether somebody looks for whom outdated data is fetched again.
    fn refetches_outdated(&self, query: usize) -> bool {
        self.is_active(query) && !self.is_static(query)
    }

    pub(crate) fn reset(&mut self, query: usize) {
        if self.is_fetching(query) {
            self.end_fetch(query, CancelMode::Silent);
        }
        self.change(query, ActionKind::SetState, self.queries[query].initial);
        self.begin_gc(query);
        self.release(query);
    }

    pub(crate) fn remove(&mut self, query: usize) {
        if !self.queries[query].in_cache {
            return;
        }
        self.queries[query].in_cache = false;
        self.queries[query].gc_at = None;
        if self.is_fetching(query) {
            self.end_fetch(query, CancelMode::Silent);
        }
        self.queries[query].events.push(Event::Removed);
        self.release(query);
    }

    /// The page got the focus, or the network is back.
    pub(crate) fn come_back(&mut self, trigger: fn(&ObserverOptions) -> RefetchOn) {
        for query in 0..self.queries.len() {
            if self.queries[query].in_cache {
                let owed = std::mem::take(&mut self.queries[query].refetch_owed);
                let still = self.queries[query].state.is_invalidated && !self.is_fetching(query);
                if owed && still && self.refetches_outdated(query) {
                    self.fetch(query, false);
                    continue;
                }
                let wanted = self.observers_of(query).into_iter().any(|id| {
                    let options = self.observers[id].options;
                    self.wants(query, &options, trigger(&options))
                });
                if wanted && self.is_fetching(query) {
                    self.fetch(query, false);
                }
                self.go_on(query);
                if wanted {
                    self.fetch(query, false);
                }
            }
        }
    }

    // Time.

    /// When the next thing is due (ms).
    pub(crate) fn next_due(&self) -> Option<f64> {
        self.timers().into_iter().map(|(at, _)| at).reduce(f64::min)
    }

    /// Handles everything that is due, earliest first.
    pub(crate) fn wake(&mut self) {
        loop {
            let due = self.timers().into_iter().filter(|(at, _)| *at <= self.at.now);
            match due.reduce(|first, other| if other.0 < first.0 { other } else { first }) {
                None => return,
                Some((_, Due::Gc(query))) => self.collect(query),
                Some((_, Due::Stale(observer))) => {
                    self.observers[observer].stale_at = None;
                    self.observers[observer].told_stale += 1;
                }
                Some((_, Due::Poll(query))) => self.poll(query),
                Some((_, Due::Retry(query))) => self.retry(query),
            }
        }
    }

    fn timers(&self) -> Vec<(f64, Due)> {
        let mut timers = Vec::new();
        for (id, query) in self.queries.iter().enumerate() {
            timers.extend(query.gc_at.map(|at| (at, Due::Gc(id))));
            timers.extend(query.poll_at.map(|at| (at, Due::Poll(id))));
            if let Some(Fetch { attempt: Attempt::Waiting(at), .. }) = query.fetch {
                timers.push((at, Due::Retry(id)));
            }
        }
        for (id, observer) in self.observers.iter().enumerate() {
            timers.extend(observer.stale_at.map(|at| (at, Due::Stale(id))));
        }
        timers
    }

    fn collect(&mut self, query: usize) {
        self.queries[query].gc_at = None;
        let idle = self.queries[query].state.fetch_status == FetchStatus::Idle;
        if idle && self.observers_of(query).is_empty() {
            self.evicted += 1;
            self.remove(query);
        }
    }

    fn retry(&mut self, query: usize) {
        if self.can_go_on(query) { self.next_attempt(query) } else { self.pause(query) }
    }

    fn poll(&mut self, query: usize) {
        let (now, began) = (self.at.now, self.queries[query].poll_began);
        let rhythm = self.shortest_interval(query, false).expect("somebody polls");
        let wanted = self.shortest_interval(query, true);
        let due = wanted.map(|interval| began + interval);
        if due.is_some_and(|due| due <= now) {
            self.queries[query].poll_began = now;
            self.queries[query].poll_at = Some(now + rhythm);
            self.fetch(query, false);
        } else {
            let tick = now + rhythm;
            self.queries[query].poll_at = Some(due.map_or(tick, |due| due.min(tick)));
        }
    }

    fn shortest_interval(&self, query: usize, awake_only: bool) -> Option<f64> {
        let observers = self.observers_of(query);
        let options = observers.iter().map(|&id| self.observers[id].options);
        options
            .filter(|options| options.enabled)
            .filter(|options| !awake_only || self.is_awake(query, options))
            .filter_map(|options| options.refetch_interval)
            .filter(|interval| *interval > 0.0)
            .reduce(f64::min)
    }

    /// Whether its polls do not rest: the page is hidden, or a stream would tell while the data is fresh.
    fn is_awake(&self, query: usize, options: &ObserverOptions) -> bool {
        let Query { covered, state, .. } = &self.queries[query];
        let trusts = *covered && state.data.is_some() && !state.is_invalidated;
        let fresh = options.stale_time == StaleTime::Millis(0.0)
            || !self.is_stale_by_time(query, options.stale_time);
        (self.at.focused || options.refetch_interval_in_background) && !(trusts && fresh)
    }

    fn intervals_changed(&mut self, query: usize) {
        let shortest = self.shortest_interval(query, false);
        if shortest != self.queries[query].poll_interval {
            self.queries[query].poll_interval = shortest;
            self.begin_poll(query);
        }
    }

    fn begin_poll(&mut self, query: usize) {
        let (now, server) = (self.at.now, self.at.server);
        let query = &mut self.queries[query];
        query.poll_began = now;
        query.poll_at = query.poll_interval.filter(|_| !server).map(|interval| now + interval);
    }

    fn begin_stale(&mut self, observer: usize) {
        let Observer { query, options, .. } = self.observers[observer];
        let state = &self.queries[query].state;
        let ages = !self.at.server && options.enabled && !self.is_stale_for(query, &options);
        self.observers[observer].stale_at = match options.stale_time {
            StaleTime::Millis(millis) if ages && millis.is_finite() => {
                Some(state.data_updated_at + millis + 1.0)
            }
            _ => None,
        };
    }

    fn begin_gc(&mut self, query: usize) {
        let unobserved = self.observers_of(query).is_empty();
        let now = self.at.now;
        let query = &mut self.queries[query];
        let wanted = unobserved && query.in_cache && query.gc_time.is_finite();
        query.gc_at = wanted.then_some(now + query.gc_time);
    }

    fn resolved(&self, gc_time: Option<f64>) -> f64 {
        gc_time.unwrap_or(if self.at.server { f64::INFINITY } else { 300_000.0 })
    }

    // Fetches.

    fn run(&mut self, query: usize) {
        let query = &mut self.queries[query];
        query.signal_read = false;
        let fetch = query.fetch.as_mut().unwrap();
        (fetch.attempt, fetch.outdated) = (Attempt::Running, false);
        query.events.push(Event::Run);
    }

    fn pause(&mut self, query: usize) {
        self.queries[query].fetch.as_mut().unwrap().attempt = Attempt::Paused;
        let state = self.queries[query].state;
        let state = QueryState { fetch_status: FetchStatus::Paused, ..state };
        self.change(query, ActionKind::Pause, state);
    }

    fn can_go_on(&self, query: usize) -> bool {
        let fetch = self.queries[query].fetch.as_ref();
        let always = fetch.is_some_and(|fetch| fetch.options.network_mode == NetworkMode::Always);
        self.at.focused && (self.at.online || always)
    }

    fn go_on(&mut self, query: usize) {
        let attempt = self.queries[query].fetch.as_ref().map(|fetch| fetch.attempt);
        if attempt == Some(Attempt::Paused) && self.can_go_on(query) {
            let state = self.queries[query].state;
            let state = QueryState { fetch_status: FetchStatus::Fetching, ..state };
            self.change(query, ActionKind::Continue, state);
            self.next_attempt(query);
        }
    }

    fn next_attempt(&mut self, query: usize) {
        let fetch = self.queries[query].fetch.as_ref().unwrap();
        match fetch.last_problem {
            Some(problem) if fetch.no_more_retries => {
                self.queries[query].events.push(Event::GaveUp);
                self.give_up(query, problem);
            }
            _ => self.run(query),
        }
    }

    fn end_fetch(&mut self, query: usize, mode: CancelMode) {
        let fetch = self.queries[query].fetch.take().unwrap();
        self.queries[query].events.push(Event::Cancelled(mode));
        if mode == CancelMode::Revert {
            let state = QueryState { fetch_status: FetchStatus::Idle, ..fetch.before };
            self.change(query, ActionKind::SetState, state);
        }
    }

    fn with_data(&self, query: usize, data: Data, updated_at: f64) -> State {
        let state = self.queries[query].state;
        QueryState {
            data: Some(data),
            data_update_count: state.data_update_count + 1,
            data_updated_at: updated_at,
            error: None,
            is_invalidated: false,
            status: Status::Success,
            ..state
        }
    }

    fn change(&mut self, query: usize, action: ActionKind, state: State) {
        self.queries[query].state = state;
        self.queries[query].events.push(Event::Action(action));
        for observer in self.observers_of(query) {
            self.begin_stale(observer);
        }
        if !self.observers_of(query).is_empty() {
            self.begin_poll(query);
        }
    }

    fn release(&mut self, query: usize) {
        let needed = !self.observers_of(query).is_empty() || self.is_fetching(query);
        let query = &mut self.queries[query];
        if !query.in_cache && !needed && query.alive {
            query.alive = false;
            query.events.push(Event::Released);
        }
    }
}
