//! Random operations through the engine and through the model: after each, everything that can be seen of the
//! two is the same.

use std::collections::HashMap;

use proptest::prelude::*;
use samekey::engine::{
    CancelMode, Failure, FetchId, FetchStatus, Filter, Key, KeyFilter, NetworkMode, ObserverFlags,
    ObserverId, ObserverOptions, QueryFlags, QueryId, QueryOptions, QueryState, QueryType,
    RefetchOn, Retry, RetryDelay, StaleTime, Status, Verdict,
};

use super::host::{Host, Told, key_of};
use super::model::{Event, Model};

const CASES: u32 = 10_000;

const KEYS: [&str; 10] = [
    "[]",
    r#"["a"]"#,
    r#"["a",1]"#,
    r#"["a",1,2]"#,
    r#"["a",{"x":1}]"#,
    r#"["a",{"y":2,"x":1}]"#,
    r#"["a",{"x":[1,2]},"z"]"#,
    r#"["a",undefined]"#,
    r#"["b",null]"#,
    r#"["b",[1,{"x":1}]]"#,
];

const PREFIXES: [&str; 8] = [
    "[]",
    r#"["a"]"#,
    r#"["a",1]"#,
    r#"["a",{"x":1}]"#,
    r#"["a",{}]"#,
    r#"["a",undefined]"#,
    r#"["b",[1]]"#,
    r#"["c"]"#,
];

/// One operation: which, and what it is about. Numbers rather than an enum, so that millions are made quickly
/// and a failing sequence shrinks to few and small ones.
type Step = (u8, u8, u8, u8);

fn pick<T: Copy>(choices: &[T], by: u8) -> T {
    choices[by as usize % choices.len()]
}

// Times that are no sums of each other, so that things of different kinds are never due together.

fn query_options(by: u8) -> QueryOptions {
    QueryOptions {
        gc_time: pick(&[None, Some(0.0), Some(41.319), Some(977.73), Some(f64::INFINITY)], by),
        retry: pick(
            &[Retry::Default, Retry::Count(0), Retry::Count(2), Retry::Always, Retry::Ask],
            by / 5,
        ),
        retry_delay: pick(
            &[
                RetryDelay::Backoff,
                RetryDelay::Millis(0.0),
                RetryDelay::Millis(13.071),
                RetryDelay::Ask,
            ],
            by / 3,
        ),
        network_mode: pick(
            &[
                NetworkMode::Online,
                NetworkMode::Online,
                NetworkMode::Always,
                NetworkMode::OfflineFirst,
            ],
            by / 7,
        ),
        skip: by > 250,
    }
}

fn observer_options(by: u8, more: u8) -> ObserverOptions {
    let trigger = [RefetchOn::Never, RefetchOn::IfStale, RefetchOn::Always];
    ObserverOptions {
        enabled: by % 5 != 4,
        stale_time: pick(
            &[
                StaleTime::Millis(0.0),
                StaleTime::Millis(17.311),
                StaleTime::Millis(1003.717),
                StaleTime::Millis(f64::INFINITY),
                StaleTime::Static,
            ],
            by / 5,
        ),
        refetch_on_mount: pick(&trigger, by / 25),
        refetch_on_focus: pick(&trigger, more),
        refetch_on_reconnect: pick(&trigger, more / 3),
        refetch_interval: pick(&[None, None, Some(29.173), Some(53.917), Some(0.0)], more / 9),
        refetch_interval_in_background: more.is_multiple_of(2),
        retry_on_mount: !more.is_multiple_of(7),
        suspense: more.is_multiple_of(11),
    }
}

/// The engine and the model, side by side.
struct Pair {
    host: Host,
    model: Model,
    /// The engine's names for the model's queries and observers, as long as there are any.
    queries: Vec<Option<QueryId>>,
    observers: Vec<Option<ObserverId>>,
    /// Attempts that were begun at some time.
    attempts: Vec<(QueryId, FetchId)>,
    told_stale: HashMap<usize, usize>,
}

impl Pair {
    fn new(server: bool) -> Self {
        let mut host = Host::new();
        host.at.server = server;
        let model = Model::new(host.at);
        Self {
            host,
            model,
            queries: Vec::new(),
            observers: Vec::new(),
            attempts: Vec::new(),
            told_stale: HashMap::new(),
        }
    }

    fn live_queries(&self) -> Vec<usize> {
        (0..self.queries.len()).filter(|&query| self.queries[query].is_some()).collect()
    }

    fn a_query(&self, by: u8) -> Option<(usize, QueryId)> {
        let live = self.live_queries();
        let query = *live.get(by as usize % live.len().max(1))?;
        Some((query, self.queries[query]?))
    }

    fn an_observer(&self, by: u8) -> Option<(usize, ObserverId)> {
        let all = 0..self.observers.len();
        let live: Vec<_> = all.filter(|&id| self.observers[id].is_some()).collect();
        let observer = *live.get(by as usize % live.len().max(1))?;
        Some((observer, self.observers[observer]?))
    }

    fn a_running_query(&self, by: u8) -> Option<(usize, QueryId)> {
        let live = self.live_queries();
        let running: Vec<_> =
            live.into_iter().filter(|&query| self.model.runs(query).is_some()).collect();
        let query = *running.get(by as usize % running.len().max(1))?;
        Some((query, self.queries[query]?))
    }

    /// Performs one operation on both; one that has nothing to work on does nothing.
    fn perform(&mut self, (kind, a, b, c): Step) -> Option<()> {
        match kind % 40 {
            0..=5 => self.add(a, b, c),
            6..=10 => self.observe(a, b, c)?,
            11..=12 => {
                let (observer, id) = self.an_observer(a)?;
                self.host.unmount(id);
                self.model.unobserve(observer);
                self.observers[observer] = None;
            }
            13..=14 => {
                let (observer, id) = self.an_observer(a)?;
                let options = observer_options(b, c);
                self.host.set_options(id, options);
                self.model.set_observer_options(observer, options);
            }
            15..=17 => {
                let (query, id) = self.a_query(a)?;
                if b.is_multiple_of(2) {
                    self.host.refetch(id)
                } else {
                    self.host.fetch(id)
                }
                self.model.fetch(query, b.is_multiple_of(2));
            }
            18..=20 => {
                let (query, id) = self.a_running_query(a)?;
                assert!(self.host.succeed(id, b.into()));
                self.model.succeed(query, b.into());
            }
            21..=23 => {
                let (query, id) = self.a_running_query(a)?;
                let verdict = Verdict { retry: b % 3 > 0, delay: pick(&[0.0, 7.777], c) };
                self.host.verdict = verdict;
                let failure = self.host.fail(id, "down");
                assert_eq!(failure, self.model.fail(query, "down", verdict));
            }
            24 => {
                let (query, id) = self.a_running_query(a)?;
                assert!(self.host.reject(id, "no data"));
                self.model.give_up(query, "no data");
            }
            25 => self.answer_late(a, b),
            26 => {
                let (query, id) = self.a_running_query(a)?;
                self.host.read_signal(id);
                self.model.read_signal(query);
            }
            27 => {
                let (query, id) = self.a_query(a)?;
                let mode = pick(&[CancelMode::Revert, CancelMode::Silent, CancelMode::Error], b);
                assert_eq!(self.model.is_fetching(query), self.host.cancel(id, mode));
                self.model.cancel(query, mode);
            }
            28..=29 => {
                let (query, id) = self.a_query(a)?;
                let updated_at = self.host.at.now + pick(&[0.0, 0.0, -50.0, 50.0], c);
                self.host.engine.set_data(id, b.into(), updated_at, self.host.at);
                self.model.set_data(query, b.into(), updated_at);
            }
            30 => {
                let (query, id) = self.a_query(a)?;
                let updated_at = self.host.at.now - f64::from(c);
                self.host.engine.set_initial_data(id, b.into(), updated_at, self.host.at);
                self.model.set_initial_data(query, b.into(), updated_at);
            }
            31 => {
                let (query, id) = self.a_query(a)?;
                let fetch_status = self.host.state(id).fetch_status;
                let state = QueryState {
                    fetch_status,
                    is_invalidated: c.is_multiple_of(2),
                    ..self.state(b, c)
                };
                self.host.engine.set_state(id, state, self.host.at);
                self.model.set_state(query, state);
            }
            32 => {
                let (query, id) = self.a_query(a)?;
                match b % 4 {
                    0 => {
                        self.host.invalidate(id);
                        self.model.invalidate(query);
                    }
                    1 => {
                        self.host.engine.set_covered(id, c.is_multiple_of(2));
                        self.model.queries[query].covered = c.is_multiple_of(2);
                    }
                    _ => {
                        self.host.outdate(id);
                        self.model.outdate(query);
                    }
                }
            }
            33 => {
                let (query, id) = self.a_query(a)?;
                self.host.reset(id);
                self.model.reset(query);
            }
            34 => {
                let (query, id) = self.a_query(a)?;
                self.host.remove(id);
                self.model.remove(query);
            }
            35 => {
                let (query, id) = self.a_query(a)?;
                self.host.engine.set_query_options(id, query_options(b), self.host.at);
                self.model.set_query_options(query, query_options(b));
            }
            36 => self.turn_page(a),
            37..=38 => {
                let millis = pick(&[0.0, 1.0, 7.0, 19.0, 31.0, 80.0, 400.0, 2_000.0], a);
                self.advance(millis);
            }
            _ => self.jump(pick(&[0.0, 20.0, 70.0, 1_500.0, 400_000.0], a)),
        }
        Some(())
    }

    fn state(&self, by: u8, more: u8) -> QueryState<u32, &'static str> {
        match by % 4 {
            0 => QueryState::initial(Some(more.into()), self.host.at.now - f64::from(more)),
            1 => QueryState {
                data_update_count: 3,
                ..QueryState::initial(Some(more.into()), self.host.at.now)
            },
            2 => QueryState {
                status: Status::Error,
                error: Some("restored"),
                error_update_count: 1,
                ..QueryState::initial(None, 0.0)
            },
            _ => QueryState::initial(None, 0.0),
        }
    }

    fn add(&mut self, a: u8, b: u8, c: u8) {
        let key: Key = key_of(pick(&KEYS, a));
        let state = if c < 128 { QueryState::initial(None, 0.0) } else { self.state(c, a) };
        let id = self.host.query_in_state(pick(&KEYS, a), query_options(b), state);
        let query = self.model.add(key, query_options(b), state);
        if query == self.queries.len() {
            self.queries.push(Some(id));
        }
        assert_eq!(self.queries[query], Some(id), "the same query was found");
    }

    fn observe(&mut self, a: u8, b: u8, c: u8) -> Option<()> {
        let (query, id) = self.a_query(a)?;
        let options = observer_options(b, c);
        let observer = self.host.mount(id, options);
        let fetches = self.model.fetches_on_mount(query, &options);
        self.model.observe(query, options);
        if fetches {
            self.model.fetch(query, false);
        }
        self.observers.push(Some(observer));
        Some(())
    }

    /// An attempt that is over answers once more: nothing comes of it.
    fn answer_late(&mut self, by: u8, how: u8) {
        let late: Vec<_> = self
            .attempts
            .iter()
            .copied()
            .filter(|&(query, fetch)| self.host.running(query) != Some(fetch))
            .collect();
        let Some(&(query, fetch)) = late.get(by as usize % late.len().max(1)) else { return };
        let at = self.host.at;
        let verdict = Verdict { retry: true, delay: 0.0 };
        if how.is_multiple_of(2) {
            assert!(!self.host.engine.fetch_succeeded(query, fetch, 255, at));
        } else {
            let failure = self.host.engine.fetch_failed(query, fetch, "late", verdict, at);
            assert_eq!(failure, Failure::Ignored);
        }
    }

    fn turn_page(&mut self, a: u8) {
        match a % 4 {
            0 => {
                self.host.go_offline();
                self.model.at = self.host.at;
            }
            1 => {
                self.host.go_online();
                self.model.at = self.host.at;
                self.model.come_back(|options| options.refetch_on_reconnect);
            }
            2 => {
                self.host.hide();
                self.model.at = self.host.at;
            }
            _ => {
                self.host.show();
                self.model.at = self.host.at;
                self.model.come_back(|options| options.refetch_on_focus);
            }
        }
    }

    /// Time passes, and each timer fires when it is due.
    fn advance(&mut self, millis: f64) {
        let end = self.model.at.now + millis;
        while let Some(due) = self.model.next_due().filter(|due| *due <= end) {
            self.model.at.now = self.model.at.now.max(due);
            self.model.wake();
        }
        self.model.at.now = end;
        self.host.pass(millis);
        self.host.at.now = end;
    }

    /// Time passes while the page sleeps, and the timers fire late.
    fn jump(&mut self, millis: f64) {
        self.model.at.now += millis;
        self.host.at.now = self.model.at.now;
        self.model.wake();
        while self.host.engine.next_deadline().is_some_and(|due| due <= self.host.at.now) {
            self.host.wake();
        }
        // An observer may be told a little earlier than its turn is, since its data is stale already.
        self.note_told();
        for (observer, told) in self.told_stale.clone() {
            let Some(model) = self.model.observers.get_mut(observer) else { continue };
            assert!(told >= model.told_stale);
            model.told_stale = told;
        }
    }

    /// Sorts what the engine told by query, and compares it.
    fn note_told(&mut self) {
        let mut events: HashMap<usize, Vec<Event>> = HashMap::new();
        for told in self.host.told() {
            let (id, event) = match told {
                Told::Updated(id, action) => (id, Event::Action(action)),
                Told::Run(id) => (id, Event::Run),
                Told::Cancelled(id, mode) => (id, Event::Cancelled(mode)),
                Told::GaveUp(id) => (id, Event::GaveUp),
                Told::Removed(id) => (id, Event::Removed),
                Told::Released(id) => (id, Event::Released),
                Told::BecameStale(id) => {
                    let observer = self.observers.iter().position(|known| *known == Some(id));
                    *self.told_stale.entry(observer.expect("a mounted observer")).or_default() += 1;
                    continue;
                }
                Told::FetchDue(_) => continue,
                other => panic!("{other:?}"),
            };
            let query = self.queries.iter().position(|known| *known == Some(id));
            let query = query.expect("a query that is there");
            events.entry(query).or_default().push(event);
            if event == Event::Released {
                self.queries[query] = None;
            }
        }
        for (index, query) in self.model.queries.iter_mut().enumerate() {
            let told = events.remove(&index).unwrap_or_default();
            assert_eq!(told, std::mem::take(&mut query.events), "what {} told", query.hash);
        }
    }

    fn compare(&mut self) {
        self.note_told();
        assert_eq!(self.host.at, self.model.at);
        for query in 0..self.queries.len() {
            assert_eq!(self.queries[query].is_some(), self.model.queries[query].alive);
            if let Some(id) = self.queries[query] {
                self.compare_query(query, id);
            }
        }
        for (index, observer) in self.model.observers.iter().enumerate() {
            let told = self.told_stale.get(&index).copied().unwrap_or_default();
            assert_eq!(told, observer.told_stale, "how often observer {index} was told");
        }
        self.compare_finding();
        let stats = self.host.engine.stats();
        let counted = (stats.hits, stats.misses, stats.fetches, stats.evicted_keys);
        let Model { hits, misses, fetches, evicted, .. } = self.model;
        assert_eq!(counted, (hits, misses, fetches as u64, evicted));
        let observers = self.model.observers.iter().filter(|observer| observer.mounted).count();
        assert_eq!(stats.observers as usize, observers);
        self.compare_deadlines();
    }

    fn compare_query(&mut self, query: usize, id: QueryId) {
        let (host, model) = (&self.host, &self.model);
        let known = &model.queries[query];
        assert_eq!(host.state(id), known.state, "the state of {}", known.hash);
        assert_eq!(host.running(id).is_some(), model.runs(query).is_some());
        if let Some(fetch) = host.running(id)
            && self.attempts.last() != Some(&(id, fetch))
        {
            self.attempts.push((id, fetch));
        }
        assert_eq!(
            host.engine.query_flags(id, host.at),
            QueryFlags {
                active: model.is_active(query),
                disabled: model.is_disabled(query),
                is_static: model.is_static(query),
                stale: model.is_stale(query),
            }
        );
        // Those who look, and some who might.
        let lookers = model.observers_of(query).into_iter().map(|id| model.observers[id].options);
        let others = [(0, 0), (5, 77), (37, 21), (129, 130), (244, 9)];
        for options in lookers.chain(others.map(|(by, more)| observer_options(by, more))) {
            assert_eq!(
                host.flags(id, &options),
                ObserverFlags {
                    stale: model.is_stale_for(query, &options),
                    fetch_on_mount: model.fetches_on_mount(query, &options),
                    fetch_on_change: model.fetches_on_change(query, &options),
                    can_fetch: model.can_fetch(query),
                }
            );
        }
    }

    /// What filters find is what looking at every query finds.
    fn compare_finding(&self) {
        let keys = PREFIXES.map(key_of);
        let prefixes = keys.iter().map(KeyFilter::Prefix);
        let exact = KEYS.iter().map(|key| KeyFilter::Exact(key));
        for key in prefixes.chain(exact).chain([KeyFilter::Any]) {
            self.compare_found(Filter { key, ..Filter::default() });
        }
        for key in [KeyFilter::Any, KeyFilter::Prefix(&keys[1])] {
            for query_type in [QueryType::All, QueryType::Active, QueryType::Inactive] {
                for stale in [None, Some(true), Some(false)] {
                    self.compare_found(Filter { key, query_type, stale, ..Filter::default() });
                }
                self.compare_found(Filter {
                    key,
                    query_type,
                    refetchable: true,
                    ..Filter::default()
                });
            }
            for status in [FetchStatus::Fetching, FetchStatus::Paused, FetchStatus::Idle] {
                self.compare_found(Filter { key, fetch_status: Some(status), ..Filter::default() });
            }
        }
    }

    fn compare_found(&self, filter: Filter<'_>) {
        let model = &self.model;
        let all = 0..model.queries.len();
        let expected: Vec<QueryId> = all
            .filter(|&query| {
                let known = &model.queries[query];
                known.in_cache
                    && match filter.key {
                        KeyFilter::Exact(hash) => known.hash == hash,
                        KeyFilter::Prefix(prefix) => known.key.matches(prefix),
                        _ => true,
                    }
                    && match filter.query_type {
                        QueryType::All => true,
                        QueryType::Active => model.is_active(query),
                        QueryType::Inactive => !model.is_active(query),
                    }
                    && filter.stale.is_none_or(|stale| stale == model.is_stale(query))
                    && filter.fetch_status.is_none_or(|status| status == known.state.fetch_status)
                    && !(filter.refetchable && (model.is_disabled(query) || model.is_static(query)))
            })
            .map(|query| self.queries[query].expect("a query in the cache has a name"))
            .collect();
        assert_eq!(self.host.find(filter), expected, "{filter:?}");
    }

    /// The engine may wake for nothing (a deadline that was moved), but never late.
    fn compare_deadlines(&mut self) {
        let engine = self.host.engine.next_deadline();
        if let Some(model) = self.model.next_due() {
            assert!(engine.is_some_and(|engine| engine <= model), "{engine:?} but {model}");
        }
    }
}

fn run(server: bool, steps: &[Step]) {
    let mut pair = Pair::new(server);
    for step in steps {
        pair.perform(*step);
        pair.compare();
    }
    // At the end everybody leaves, and time goes on until nothing is left to do.
    while let Some((observer, id)) = pair.an_observer(0) {
        pair.host.unmount(id);
        pair.model.unobserve(observer);
        pair.observers[observer] = None;
        pair.compare();
    }
    pair.jump(1e9);
    pair.compare();
    assert_eq!(pair.host.engine.next_deadline(), pair.model.next_due());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_engine_does_what_the_model_does(
        server in prop::bool::weighted(0.05),
        steps in prop::collection::vec(any::<Step>(), 1..60),
    ) {
        run(server, &steps);
    }
}
