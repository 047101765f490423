//! Mutations: their states, their attempts, and whose turn it is.
//!
//! The host runs the user's callbacks, some of which are awaited between two steps; so a mutation is driven
//! step by step: [`Engine::begin_mutation`], [`Engine::run_mutation`], the attempts, [`Engine::settle_mutation`].

mod running;
mod scope;
mod state;

use slab::Slab;

pub use state::{MutationAction, MutationOptions, MutationState, MutationStatus};

use super::deadlines::Deadline;
use super::options::resolve_gc_time;
use super::retryer::Retryer;
use super::{Effect, Engine, Moment, MutationId};

#[derive(Debug, Default)]
pub(super) struct Mutations {
    records: Slab<Mutation>,
    /// Those with a scope, oldest first: the mutations of one scope run one after another. One list for all
    /// scopes, since few mutations live at a time.
    scoped: Vec<MutationId>,
}

#[derive(Debug)]
pub(super) struct Mutation {
    state: MutationState,
    options: MutationOptions,
    gc_time: f64,
    observers: u32,
    scope: Option<Box<str>>,
    retryer: Option<Retryer>,
    /// Out of the cache, and kept only until its run ends.
    removed: bool,
}

impl<T: Clone, E: Clone> Engine<T, E> {
    /// Adds a mutation. Those of one `scope` run one after another. `state` is that of a restored one.
    pub fn add_mutation(
        &mut self,
        options: MutationOptions,
        scope: Option<&str>,
        state: Option<MutationState>,
        at: Moment,
    ) -> MutationId {
        let idle = MutationState {
            status: MutationStatus::Idle,
            is_paused: false,
            failure_count: 0,
            submitted_at: 0.0,
        };
        let id = self.mutations.records.insert(Mutation {
            state: state.unwrap_or(idle),
            options,
            gc_time: resolve_gc_time(options.gc_time, at),
            observers: 0,
            scope: scope.map(Box::from),
            retryer: None,
            removed: false,
        }) as MutationId;
        if scope.is_some() {
            self.mutations.scoped.push(id);
        }
        self.schedule_mutation_gc(id, at);
        id
    }

    /// A mutation's state.
    pub fn mutation_state(&self, id: MutationId) -> Option<MutationState> {
        self.mutations.get(id).map(|mutation| mutation.state)
    }

    /// Replaces a mutation's options; of `gc_time`, the longest ever asked for stays.
    pub fn set_mutation_options(&mut self, id: MutationId, options: MutationOptions, at: Moment) {
        if let Some(mutation) = self.mutations.get_mut(id) {
            mutation.options = options;
            mutation.gc_time = mutation.gc_time.max(resolve_gc_time(options.gc_time, at));
        }
    }

    /// An observer came: the mutation is not collected.
    pub fn observe_mutation(&mut self, id: MutationId) {
        if let Some(mutation) = self.mutations.get_mut(id) {
            mutation.observers += 1;
            self.deadlines.cancel(Deadline::MutationGc(id));
        }
    }

    /// An observer left: the `gc_time` begins.
    pub fn unobserve_mutation(&mut self, id: MutationId, at: Moment) {
        if let Some(mutation) = self.mutations.get_mut(id) {
            mutation.observers = mutation.observers.saturating_sub(1);
            self.schedule_mutation_gc(id, at);
        }
    }

    /// Takes a mutation out of the cache. One that runs goes on, for those who wait for its outcome, but it holds
    /// up nobody in its scope.
    pub fn remove_mutation(&mut self, id: MutationId) {
        let Some(mutation) = self.mutations.get_mut(id) else { return };
        mutation.scope = None;
        mutation.removed = true;
        let runs = mutation.retryer.is_some();
        self.deadlines.cancel(Deadline::MutationGc(id));
        if !runs {
            self.mutations.records.remove(id as usize);
        }
        self.mutations.scoped.retain(|&member| member != id);
    }

    pub(super) fn collect_mutation(&mut self, id: MutationId, at: Moment) {
        let Some(mutation) = self.mutations.get(id) else { return };
        if mutation.observers > 0 {
            return;
        }
        if mutation.state.status == MutationStatus::Pending {
            self.schedule_mutation_gc(id, at);
        } else {
            self.remove_mutation(id);
            self.effects.push(Effect::MutationRemoved { mutation: id });
        }
    }

    fn schedule_mutation_gc(&mut self, id: MutationId, at: Moment) {
        let Some(mutation) = self.mutations.get(id) else { return };
        if mutation.observers == 0 && !mutation.removed {
            let due = at.now + mutation.gc_time;
            self.deadlines.set(Deadline::MutationGc(id), due);
        }
    }
}

impl Mutations {
    fn get(&self, id: MutationId) -> Option<&Mutation> {
        self.records.get(id as usize)
    }

    fn get_mut(&mut self, id: MutationId) -> Option<&mut Mutation> {
        self.records.get_mut(id as usize)
    }
}
