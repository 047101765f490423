//! The engine: everything it knows, and the one way in which a query's state changes.

use slab::Slab;

use super::deadlines::{Deadline, Deadlines};
use super::fetching::Fetch;
use super::id_set::IdSet;
use super::id_table::{IdTable, hash_text};
use super::index::{Index, Place};
use super::mutations::Mutations;
use super::{
    Action, Effect, FetchStatus, Moment, ObserverOptions, QueryOptions, QueryState, Stats,
};

/// Names a query. Given again to another after [`Effect::Released`].
pub type QueryId = u32;
/// Names an observer, from [`Engine::observe`] to [`Engine::unobserve`].
pub type ObserverId = u32;
/// Names one fetch of a query; never given twice.
pub type FetchId = u32;
/// Names a mutation, until [`Effect::MutationRemoved`] or [`Engine::remove_mutation`].
pub type MutationId = u32;

/// The query cache of one client. `T` is the type of data, `E` that of errors: in the browser both are `()`,
/// since JavaScript keeps its own payloads; natively they are whatever a test or a tool likes.
///
/// ```
/// use samekey::engine::{Effect, Engine, Key, Moment, QueryOptions, QueryState};
///
/// let mut engine = Engine::<&str, &str>::new();
/// let key = Key::from_json(r#"["todos"]"#).unwrap();
/// let at = Moment::at(1_000.0);
/// let todos = engine.add(&key.hash(), key, QueryOptions::default(), QueryState::initial(None, 0.0), at);
///
/// let fetch = engine.start_fetch(todos, false, at);
/// assert!(matches!(engine.poll_effect(), Some(Effect::Updated { .. })));
/// assert_eq!(engine.poll_effect(), Some(Effect::Run { query: todos, fetch }));
///
/// engine.fetch_succeeded(todos, fetch, "milk", Moment::at(1_200.0));
/// assert_eq!(engine.state(todos).unwrap().data, Some("milk"));
/// ```
///
/// A call that names a query, observer or mutation that is not there does nothing: a late answer of the
/// host is no error.
#[derive(Debug)]
pub struct Engine<T, E> {
    /// Boxed, since a list grows by doubling and half of it may stand empty.
    pub(super) queries: Slab<Box<Query<T, E>>>,
    pub(super) observers: Slab<Observer>,
    pub(super) mutations: Mutations,
    /// Queries by their hashes.
    pub(super) by_hash: IdTable,
    pub(super) index: Index,
    pub(super) deadlines: Deadlines,
    /// Cleared once the host has taken the last of them; those before `taken` it has.
    pub(super) effects: Vec<Effect<T, E>>,
    taken: usize,
    /// Queries that are fetching or paused.
    pub(super) busy: IdSet,
    /// Queries with observers.
    pub(super) observed: IdSet,
    pub(super) stats: Stats,
    pub(super) next_fetch: FetchId,
    /// Counts the queries ever added: the order in which filters list them.
    pub(super) next_sequence: u32,
}

/// What the engine knows of a query.
#[derive(Debug)]
pub(super) struct Query<T, E> {
    pub(super) hash: Box<str>,
    pub(super) sequence: u32,
    /// `None` once the query was removed from the cache.
    pub(super) place: Option<Place>,
    pub(super) state: QueryState<T, E>,
    /// What a reset returns to; `None` is the state without data.
    pub(super) initial_state: Option<Box<QueryState<T, E>>>,
    pub(super) options: QueryOptions,
    /// The longest ever asked for (ms).
    pub(super) gc_time: f64,
    pub(super) fetch: Option<Box<Fetch<T, E>>>,
    /// The query function read its signal when it last ran, so leaving the query aborts it.
    pub(super) signal_consumed: bool,
    /// A stream would tell if the data changed: see [`Engine::set_covered`].
    pub(super) covered: bool,
    /// The data was outdated while the page was hidden: it is fetched when the page is seen again.
    pub(super) refetch_owed: bool,
    /// The shortest interval among those who poll (ms); infinite if none does.
    pub(super) poll_interval: f64,
    /// When the wait for the next poll began (ms).
    pub(super) poll_began: f64,
    /// The list of observers, in the order in which they came.
    pub(super) first_observer: Option<ObserverId>,
    pub(super) last_observer: Option<ObserverId>,
}

/// What the engine knows of an observer; a link in its query's list.
#[derive(Debug)]
pub(super) struct Observer {
    pub(super) query: QueryId,
    pub(super) options: ObserverOptions,
    /// When time will make this observer's data stale (ms); infinite if it will not.
    pub(super) stale_at: f64,
    pub(super) previous: Option<ObserverId>,
    pub(super) next: Option<ObserverId>,
}

impl<T: Clone, E: Clone> Default for Engine<T, E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Clone, E: Clone> Engine<T, E> {
    /// An empty cache.
    pub fn new() -> Self {
        Self {
            queries: Slab::new(),
            observers: Slab::new(),
            mutations: Mutations::default(),
            by_hash: IdTable::default(),
            index: Index::new(),
            deadlines: Deadlines::default(),
            effects: Vec::new(),
            taken: 0,
            busy: IdSet::default(),
            observed: IdSet::default(),
            stats: Stats::default(),
            next_fetch: 0,
            next_sequence: 0,
        }
    }

    /// The next thing for the host to do; `None` when all is done.
    pub fn poll_effect(&mut self) -> Option<Effect<T, E>> {
        let effect = self.effects.get(self.taken).cloned();
        self.taken += 1;
        if effect.is_none() {
            self.effects.clear();
            self.taken = 0;
        }
        effect
    }

    /// When the host has to call [`Engine::wake`] next (ms since the epoch); `None` if nothing waits.
    pub fn next_deadline(&self) -> Option<f64> {
        self.deadlines.next()
    }

    /// What the cache has counted about itself.
    pub fn stats(&self) -> Stats {
        Stats {
            keys: self.by_hash.len() as u32,
            observers: self.observers.len() as u32,
            ..self.stats
        }
    }

    /// The query under `hash`.
    pub fn get(&self, hash: &str) -> Option<QueryId> {
        self.by_hash.find(hash_text(hash.as_bytes()), |id| *self.queries[id as usize].hash == *hash)
    }

    pub(super) fn query(&self, id: QueryId) -> Option<&Query<T, E>> {
        self.queries.get(id as usize).map(Box::as_ref)
    }

    pub(super) fn query_mut(&mut self, id: QueryId) -> Option<&mut Query<T, E>> {
        self.queries.get_mut(id as usize).map(Box::as_mut)
    }

    pub(super) fn observer(&self, id: ObserverId) -> Option<&Observer> {
        self.observers.get(id as usize)
    }

    /// Changes a query's state, and all that hangs on it: the sets it belongs to, its deadlines, and what
    /// the host is told.
    pub(super) fn dispatch(&mut self, id: QueryId, action: Action<T, E>, at: Moment) {
        let Some(query) = self.query_mut(id) else { return };
        let kind = action.kind();
        let was_busy = query.state.fetch_status != FetchStatus::Idle;
        query.state.apply(action);
        let state = query.state.clone();
        let busy = state.fetch_status != FetchStatus::Idle;
        // Asked first: the set is memory that most changes need not touch.
        if busy != was_busy {
            self.busy.set(id, busy);
        }
        self.effects.push(Effect::Updated { query: id, action: kind, state });
        self.restart_observer_timers(id, at);
    }

    /// Lets an unobserved query go once its `gc_time` is over; keeps an observed one.
    pub(super) fn schedule_gc(&mut self, id: QueryId, at: Moment) {
        let Some(query) = self.query(id) else { return };
        if query.first_observer.is_none() && query.place.is_some() {
            let due = at.now + query.gc_time;
            self.deadlines.set(Deadline::QueryGc(id), due);
        } else {
            self.deadlines.cancel(Deadline::QueryGc(id));
        }
    }

    /// Forgets a removed query that nobody observes and nothing fetches.
    pub(super) fn release_if_unused(&mut self, id: QueryId) {
        let unused = self.query(id).is_some_and(|query| {
            query.place.is_none() && query.first_observer.is_none() && query.fetch.is_none()
        });
        if unused {
            for deadline in
                [Deadline::QueryGc, Deadline::QueryStale, Deadline::QueryPoll, Deadline::QueryRetry]
            {
                self.deadlines.cancel(deadline(id));
            }
            self.busy.remove(id);
            self.queries.remove(id as usize);
            self.effects.push(Effect::Released { query: id });
        }
    }
}
