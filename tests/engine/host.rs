//! A host for the engine as small as one can be: it performs effects, keeps the clock, and lets a test
//! answer the query functions. What `src/client` and the TypeScript face do in the browser, without either.

use std::collections::HashMap;

use samekey::engine::{
    ActionKind, CancelMode, Effect, Engine, Failure, FetchId, Filter, Key, KeyFilter, Moment,
    MutationAction, MutationId, MutationOptions, ObserverFlags, ObserverId, ObserverOptions,
    QueryId, QueryOptions, QueryState, RefetchOn, Retry, RetryDelay, StaleTime, Status, Verdict,
};

/// What queries hold in these tests, and why they fail.
pub(crate) type Data = u32;
pub(crate) type Problem = &'static str;
pub(crate) type State = QueryState<Data, Problem>;

/// The time at which every test begins (ms).
pub(crate) const START: f64 = 1_700_000_000_000.0;
pub(crate) const SECOND: f64 = 1_000.0;
pub(crate) const MINUTE: f64 = 60.0 * SECOND;

/// What the engine told the host, without payloads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Told {
    Updated(QueryId, ActionKind),
    Run(QueryId),
    Cancelled(QueryId, CancelMode),
    GaveUp(QueryId),
    FetchDue(ObserverId),
    BecameStale(ObserverId),
    Removed(QueryId),
    Released(QueryId),
    Mutation(MutationId, MutationAction),
    MutationRun(MutationId),
    MutationRemoved(MutationId),
}

/// The engine, the clock and the page around it.
pub(crate) struct Host {
    pub(crate) engine: Engine<Data, Problem>,
    pub(crate) at: Moment,
    /// What the user's `retry` and `retryDelay` functions answer, where the options say `Ask`; and by default, whether
    /// errors are of the kind that another attempt may mend.
    pub(crate) verdict: Verdict,
    told: Vec<Told>,
    attempts: HashMap<QueryId, FetchId>,
    observed: HashMap<ObserverId, QueryId>,
}

impl Host {
    pub(crate) fn new() -> Self {
        Self {
            engine: Engine::new(),
            at: Moment::at(START),
            verdict: Verdict { retry: true, delay: 0.0 },
            told: Vec::new(),
            attempts: HashMap::new(),
            observed: HashMap::new(),
        }
    }

    /// Adds a query, or finds it, by the JSON text of its key.
    pub(crate) fn query(&mut self, key: &str) -> QueryId {
        self.query_with(key, QueryOptions::default())
    }

    pub(crate) fn query_with(&mut self, key: &str, options: QueryOptions) -> QueryId {
        self.query_in_state(key, options, QueryState::initial(None, 0.0))
    }

    pub(crate) fn query_in_state(
        &mut self,
        key: &str,
        options: QueryOptions,
        state: State,
    ) -> QueryId {
        let key = key_of(key);
        let id = self.engine.add(&key.hash(), key, options, state, self.at);
        self.perform();
        id
    }

    /// A query that has data, written now.
    pub(crate) fn query_with_data(&mut self, key: &str, data: Data) -> QueryId {
        let id = self.query(key);
        self.set_data(id, data);
        id
    }

    pub(crate) fn set_data(&mut self, query: QueryId, data: Data) {
        self.engine.set_data(query, data, self.at.now, self.at);
        self.perform();
    }

    /// Mounts an observer, and fetches if that is what mounting does.
    pub(crate) fn mount(&mut self, query: QueryId, options: ObserverOptions) -> ObserverId {
        let fetches = self.engine.observer_flags(query, &options, self.at).fetch_on_mount;
        let observer = self.engine.observe(query, options, self.at).expect("the query is there");
        self.observed.insert(observer, query);
        if fetches {
            self.fetch_now(query, false);
        }
        self.perform();
        observer
    }

    pub(crate) fn unmount(&mut self, observer: ObserverId) {
        self.observed.remove(&observer);
        self.engine.unobserve(observer, self.at);
        self.perform();
    }

    /// Gives a mounted observer new options.
    pub(crate) fn set_options(&mut self, observer: ObserverId, options: ObserverOptions) {
        self.engine.set_observer_options(observer, options, self.at);
        self.perform();
    }

    /// Fetches unless a fetch is in progress.
    pub(crate) fn fetch(&mut self, query: QueryId) {
        self.fetch_now(query, false);
        self.perform();
    }

    /// Fetches; one in progress is replaced if there is data to show meanwhile.
    pub(crate) fn refetch(&mut self, query: QueryId) {
        self.fetch_now(query, true);
        self.perform();
    }

    fn fetch_now(&mut self, query: QueryId, cancel_refetch: bool) {
        if !self.engine.join_fetch(query, cancel_refetch, self.at) {
            self.engine.start_fetch(query, false, self.at);
        }
    }

    /// The running query function gives data. Whether anybody wanted it.
    pub(crate) fn succeed(&mut self, query: QueryId, data: Data) -> bool {
        let fetch = self.attempts.remove(&query).expect("the query function runs");
        let accepted = self.engine.fetch_succeeded(query, fetch, data, self.at);
        self.perform();
        accepted
    }

    /// The running query function fails.
    pub(crate) fn fail(&mut self, query: QueryId, problem: Problem) -> Failure {
        let fetch = self.attempts.remove(&query).expect("the query function runs");
        let failure = self.engine.fetch_failed(query, fetch, problem, self.verdict, self.at);
        self.perform();
        failure
    }

    /// The running query function fails in a way that no retry mends.
    pub(crate) fn reject(&mut self, query: QueryId, problem: Problem) -> bool {
        let fetch = self.attempts.remove(&query).expect("the query function runs");
        let accepted = self.engine.fetch_rejected(query, fetch, problem, self.at);
        self.perform();
        accepted
    }

    /// The fetch whose query function runs.
    pub(crate) fn running(&self, query: QueryId) -> Option<FetchId> {
        self.attempts.get(&query).copied()
    }

    /// The running query function reads its signal.
    pub(crate) fn read_signal(&mut self, query: QueryId) {
        let fetch = self.running(query).expect("the query function runs");
        self.engine.signal_consumed(query, fetch, true);
    }

    pub(crate) fn cancel(&mut self, query: QueryId, mode: CancelMode) -> bool {
        let cancelled = self.engine.cancel(query, mode, self.at);
        self.perform();
        cancelled
    }

    pub(crate) fn invalidate(&mut self, query: QueryId) {
        self.engine.invalidate(query, self.at);
        self.perform();
    }

    /// What the query holds was changed elsewhere.
    pub(crate) fn outdate(&mut self, query: QueryId) {
        self.engine.outdate(query, self.at);
        self.perform();
    }

    pub(crate) fn reset(&mut self, query: QueryId) {
        self.engine.reset(query, self.at);
        self.perform();
    }

    pub(crate) fn remove(&mut self, query: QueryId) {
        self.engine.remove(query, self.at);
        self.perform();
    }

    pub(crate) fn state(&self, query: QueryId) -> State {
        *self.engine.state(query).expect("the query is there")
    }

    pub(crate) fn exists(&self, query: QueryId) -> bool {
        self.engine.state(query).is_some()
    }

    pub(crate) fn flags(&self, query: QueryId, options: &ObserverOptions) -> ObserverFlags {
        self.engine.observer_flags(query, options, self.at)
    }

    /// What a filter finds.
    pub(crate) fn find(&self, filter: Filter<'_>) -> Vec<QueryId> {
        self.engine.find(filter, self.at)
    }

    /// What a key prefix finds.
    pub(crate) fn find_prefix(&self, prefix: &str) -> Vec<QueryId> {
        let prefix = key_of(prefix);
        self.find(Filter { key: KeyFilter::Prefix(&prefix), ..Filter::default() })
    }

    /// What the engine told since the last call.
    pub(crate) fn told(&mut self) -> Vec<Told> {
        self.perform();
        std::mem::take(&mut self.told)
    }

    /// How often query functions were run since the last call of [`Host::told`] or this.
    pub(crate) fn runs(&mut self) -> usize {
        self.told().iter().filter(|told| matches!(told, Told::Run(_))).count()
    }

    /// What happened to a query's state since the last call of [`Host::told`].
    pub(crate) fn actions(&mut self, query: QueryId) -> Vec<ActionKind> {
        let told = self.told();
        told.into_iter()
            .filter_map(|told| match told {
                Told::Updated(id, action) if id == query => Some(action),
                _ => None,
            })
            .collect()
    }

    pub(crate) fn fetch_due(&mut self) -> Vec<ObserverId> {
        let told = self.told();
        told.into_iter()
            .filter_map(|told| match told {
                Told::FetchDue(observer) => Some(observer),
                _ => None,
            })
            .collect()
    }

    /// Turns the clock, stopping at every deadline on the way as a timer would.
    pub(crate) fn pass(&mut self, millis: f64) {
        let end = self.at.now + millis;
        let mut rounds = 0;
        while let Some(due) = self.engine.next_deadline().filter(|due| *due <= end) {
            self.at.now = self.at.now.max(due);
            self.wake();
            rounds += 1;
            assert!(rounds < 10_000, "the deadlines do not come to an end");
        }
        self.at.now = end;
    }

    /// One round of waking, at the time it is.
    pub(crate) fn wake(&mut self) {
        let mark = self.engine.wake_mark();
        while self.engine.wake(mark, self.at) {
            self.perform();
        }
    }

    pub(crate) fn go_offline(&mut self) {
        self.at.online = false;
    }

    pub(crate) fn go_online(&mut self) {
        self.at.online = true;
        self.engine.on_online(self.at);
        self.perform();
    }

    pub(crate) fn hide(&mut self) {
        self.at.focused = false;
    }

    pub(crate) fn show(&mut self) {
        self.at.focused = true;
        self.engine.on_focus(self.at);
        self.perform();
    }

    /// Performs effects until none is left.
    pub(crate) fn perform(&mut self) {
        while let Some(effect) = self.engine.poll_effect() {
            let told = match effect {
                Effect::Updated { query, action, state } => {
                    // The effect carries the state; it is still the query's, if nothing came after it.
                    assert!(state.data.is_some() || state.status != Status::Success);
                    Told::Updated(query, action)
                }
                Effect::Run { query, fetch } => {
                    self.attempts.insert(query, fetch);
                    Told::Run(query)
                }
                Effect::Cancelled { query, fetch, mode } => {
                    if self.running(query) == Some(fetch) {
                        self.attempts.remove(&query);
                    }
                    if mode == CancelMode::Error {
                        self.engine.fetch_rejected(query, fetch, "cancelled", self.at);
                    }
                    Told::Cancelled(query, mode)
                }
                Effect::GaveUp { query, .. } => Told::GaveUp(query),
                Effect::FetchDue { observer } => {
                    if let Some(&query) = self.observed.get(&observer) {
                        self.fetch_now(query, false);
                    }
                    Told::FetchDue(observer)
                }
                Effect::BecameStale { observer } => Told::BecameStale(observer),
                Effect::Removed { query } => Told::Removed(query),
                Effect::Released { query } => Told::Released(query),
                Effect::MutationUpdated { mutation, action, .. } => {
                    Told::Mutation(mutation, action)
                }
                Effect::MutationRun { mutation } => Told::MutationRun(mutation),
                Effect::MutationRemoved { mutation } => Told::MutationRemoved(mutation),
            };
            self.told.push(told);
        }
    }
}

pub(crate) fn key_of(text: &str) -> Key {
    Key::from_json(text).expect("a key")
}

/// An observer that does nothing by itself.
pub(crate) fn quiet() -> ObserverOptions {
    ObserverOptions {
        refetch_on_mount: RefetchOn::Never,
        refetch_on_focus: RefetchOn::Never,
        refetch_on_reconnect: RefetchOn::Never,
        ..ObserverOptions::default()
    }
}

pub(crate) fn stale_after(millis: f64) -> ObserverOptions {
    ObserverOptions { stale_time: StaleTime::Millis(millis), ..ObserverOptions::default() }
}

pub(crate) fn static_data() -> ObserverOptions {
    ObserverOptions { stale_time: StaleTime::Static, ..ObserverOptions::default() }
}

pub(crate) fn disabled() -> ObserverOptions {
    ObserverOptions { enabled: false, ..ObserverOptions::default() }
}

pub(crate) fn kept_for(gc_time: f64) -> QueryOptions {
    QueryOptions { gc_time: Some(gc_time), ..QueryOptions::default() }
}

/// Retries this often, at once.
pub(crate) fn retried(count: u32) -> QueryOptions {
    QueryOptions {
        retry: Retry::Count(count),
        retry_delay: RetryDelay::Millis(0.0),
        ..QueryOptions::default()
    }
}

pub(crate) fn mutation_retried(count: u32, delay: f64) -> MutationOptions {
    MutationOptions {
        retry: Retry::Count(count),
        retry_delay: RetryDelay::Millis(delay),
        ..MutationOptions::default()
    }
}
