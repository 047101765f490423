//! Mutations: their states, their attempts, and whose turn it is.
//!
//! The host runs the user's callbacks, some of which are awaited between two steps; so a mutation is driven
//! step by step: [`Engine::begin_mutation`], [`Engine::run_mutation`], the attempts, [`Engine::settle_mutation`].

use slab::Slab;

use super::deadlines::Deadline;
use super::options::resolve_gc_time;
use super::retryer::{Phase, RetryPlan, Retryer};
use super::{Effect, Engine, Failure, Moment, MutationId, NetworkMode, Retry, RetryDelay, Verdict};

/// How a mutation is tried and kept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MutationOptions {
    /// How often a failed attempt is repeated; the default is never.
    pub retry: Retry,
    /// How long to wait before that.
    pub retry_delay: RetryDelay,
    /// Whether it may run without a network.
    pub network_mode: NetworkMode,
    /// Milliseconds that an unobserved mutation is kept; `None` is the default (5 minutes).
    pub gc_time: Option<f64>,
}

impl Default for MutationOptions {
    fn default() -> Self {
        Self {
            retry: Retry::Count(0),
            retry_delay: RetryDelay::Backoff,
            network_mode: NetworkMode::Online,
            gc_time: None,
        }
    }
}

/// What is known of a mutation's outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "TanStack's words, which say it")]
pub enum MutationStatus {
    Idle,
    Pending,
    Success,
    Error,
}

/// A mutation's state without its payloads (variables, context, data, error), which are the host's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MutationState {
    /// What is known of the outcome.
    pub status: MutationStatus,
    /// It waits for the network, the focus or its turn.
    pub is_paused: bool,
    /// Failed attempts.
    pub failure_count: u32,
    /// When it was begun (ms); `0.0` never.
    pub submitted_at: f64,
}

/// What happened to a mutation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "TanStack's words, which say it")]
pub enum MutationAction {
    Pending,
    Success,
    Error,
    Failed,
    Pause,
    Continue,
}

#[derive(Debug, Default)]
pub(super) struct Mutations {
    records: Slab<Mutation>,
    /// Those with a scope, oldest first: the mutations of one scope run one after another. One list for all
    /// scopes, since few mutations live at a time.
    scoped: Vec<MutationId>,
}

#[derive(Debug)]
struct Mutation {
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

    /// The user asks for the mutation: it is pending, paused if it may not run yet. A restored one that was
    /// pending already is continued instead.
    pub fn begin_mutation(&mut self, id: MutationId, at: Moment) {
        let can_start = self.can_start(id, at);
        let Some(mutation) = self.mutations.get_mut(id) else { return };
        // Not paused yet, even if it will be: nothing may continue it before its callbacks are done.
        let MutationOptions { retry, retry_delay, network_mode, .. } = mutation.options;
        let plan = RetryPlan { retry, retry_delay, network_mode };
        mutation.retryer = Some(Retryer::new(Phase::Running, plan));
        self.deadlines.cancel(Deadline::MutationRetry(id));
        if mutation.state.status == MutationStatus::Pending {
            self.dispatch_mutation(id, MutationAction::Continue, |state| state.is_paused = false);
        } else {
            self.mutation_pending(id, !can_start, at);
        }
    }

    /// The host's `onMutate` gave a context: the mutation is announced as pending once more.
    pub fn mutation_context_changed(&mut self, id: MutationId, at: Moment) {
        let paused = self.mutations.get(id).is_some_and(|mutation| mutation.state.is_paused);
        self.mutation_pending(id, paused, at);
    }

    /// The callbacks before the first attempt are done: it runs ([`Effect::MutationRun`]), or pauses.
    pub fn run_mutation(&mut self, id: MutationId, at: Moment) {
        let can_start = self.can_start(id, at);
        let Some(retryer) = self.retryer_mut(id) else { return };
        if can_start {
            retryer.phase = Phase::Running;
            self.effects.push(Effect::MutationRun { mutation: id });
        } else {
            self.pause_mutation(id);
        }
    }

    /// An attempt failed: perhaps there will be another.
    pub fn mutation_failed(&mut self, id: MutationId, verdict: Verdict, at: Moment) -> Failure {
        let Some(mutation) = self.mutations.get_mut(id) else { return Failure::Ignored };
        let running = mutation.retryer.as_mut().filter(|retryer| retryer.phase == Phase::Running);
        let Some(retryer) = running else { return Failure::Ignored };
        let delay = retryer.attempt_failed(verdict, at);
        let failure_count = retryer.failure_count;
        let Some(delay) = delay else { return Failure::Final };
        self.dispatch_mutation(id, MutationAction::Failed, |state| {
            state.failure_count = failure_count;
        });
        self.deadlines.set(Deadline::MutationRetry(id), at.now + delay);
        Failure::Retrying
    }

    /// The callbacks after the last attempt are done: the outcome is told. Once everybody has heard it, the host
    /// calls [`Engine::run_next_mutation`].
    pub fn settle_mutation(&mut self, id: MutationId, success: bool) {
        let Some(mutation) = self.mutations.get_mut(id) else { return };
        let removed = mutation.removed;
        mutation.retryer = None;
        self.deadlines.cancel(Deadline::MutationRetry(id));
        if success {
            self.dispatch_mutation(id, MutationAction::Success, |state| {
                state.status = MutationStatus::Success;
                state.failure_count = 0;
                state.is_paused = false;
            });
        } else {
            self.dispatch_mutation(id, MutationAction::Error, |state| {
                state.status = MutationStatus::Error;
                state.failure_count = state.failure_count.saturating_add(1);
                state.is_paused = false;
            });
        }
        if removed {
            self.mutations.records.remove(id as usize);
        }
    }

    /// A mutation has settled: the next one of its scope runs. If that is a restored one, which the host has to
    /// begin, this gives it.
    pub fn run_next_mutation(&mut self, id: MutationId, at: Moment) -> Option<MutationId> {
        let next = self.next_in_scope(id)?;
        let continued = self.continue_mutation(next, at);
        (!continued).then_some(next)
    }

    /// A paused mutation goes on, if the network, the focus and its scope allow it. `false` if it was not
    /// paused by an attempt of its own: a restored one, which the host has to begin.
    pub fn continue_mutation(&mut self, id: MutationId, at: Moment) -> bool {
        let can_run = self.can_run(id);
        let Some(mutation) = self.mutations.get_mut(id) else { return true };
        let Some(retryer) = &mut mutation.retryer else {
            return mutation.state.status != MutationStatus::Pending;
        };
        let may = retryer.plan.network_mode.can_continue(at) && can_run;
        if retryer.phase == Phase::Paused && mutation.state.is_paused && may {
            retryer.phase = Phase::Running;
            self.dispatch_mutation(id, MutationAction::Continue, |state| state.is_paused = false);
            self.effects.push(Effect::MutationRun { mutation: id });
        }
        true
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

    pub(super) fn mutation_retry_due(&mut self, id: MutationId, at: Moment) {
        let can_run = self.can_run(id);
        let Some(mutation) = self.mutations.get_mut(id) else { return };
        let Some(retryer) = &mut mutation.retryer else { return };
        let may = retryer.plan.network_mode.can_continue(at) && can_run;
        if may {
            retryer.phase = Phase::Running;
            self.effects.push(Effect::MutationRun { mutation: id });
        } else {
            self.pause_mutation(id);
        }
    }

    fn mutation_pending(&mut self, id: MutationId, is_paused: bool, at: Moment) {
        self.dispatch_mutation(id, MutationAction::Pending, |state| {
            *state = MutationState {
                status: MutationStatus::Pending,
                is_paused,
                failure_count: 0,
                submitted_at: at.now,
            };
        });
    }

    fn pause_mutation(&mut self, id: MutationId) {
        if let Some(retryer) = self.retryer_mut(id) {
            retryer.phase = Phase::Paused;
            self.dispatch_mutation(id, MutationAction::Pause, |state| state.is_paused = true);
        }
    }

    fn dispatch_mutation(
        &mut self,
        id: MutationId,
        action: MutationAction,
        change: impl FnOnce(&mut MutationState),
    ) {
        let Some(mutation) = self.mutations.get_mut(id) else { return };
        change(&mut mutation.state);
        let state = mutation.state;
        self.effects.push(Effect::MutationUpdated { mutation: id, action, state });
    }

    fn schedule_mutation_gc(&mut self, id: MutationId, at: Moment) {
        let Some(mutation) = self.mutations.get(id) else { return };
        if mutation.observers == 0 && !mutation.removed {
            let due = at.now + mutation.gc_time;
            self.deadlines.set(Deadline::MutationGc(id), due);
        }
    }

    fn can_start(&self, id: MutationId, at: Moment) -> bool {
        self.can_run(id)
            && self
                .mutations
                .get(id)
                .is_some_and(|mutation| mutation.options.network_mode.can_fetch(at))
    }

    /// Whether no older mutation of the scope is pending.
    fn can_run(&self, id: MutationId) -> bool {
        self.mutations
            .first_in_scope(id, |_, state| state.status == MutationStatus::Pending)
            .is_none_or(|first| first == id)
    }

    fn next_in_scope(&self, id: MutationId) -> Option<MutationId> {
        self.mutations.first_in_scope(id, |member, state| member != id && state.is_paused)
    }

    fn retryer_mut(&mut self, id: MutationId) -> Option<&mut Retryer> {
        self.mutations.get_mut(id)?.retryer.as_mut()
    }
}

impl Mutations {
    fn get(&self, id: MutationId) -> Option<&Mutation> {
        self.records.get(id as usize)
    }

    /// The oldest mutation of the scope of `id` that `is_wanted`.
    fn first_in_scope(
        &self,
        id: MutationId,
        is_wanted: impl Fn(MutationId, &MutationState) -> bool,
    ) -> Option<MutationId> {
        let scope = self.get(id)?.scope.as_ref()?;
        self.scoped.iter().copied().find(|&member| {
            self.get(member).is_some_and(|mutation| {
                mutation.scope.as_ref() == Some(scope) && is_wanted(member, &mutation.state)
            })
        })
    }

    fn get_mut(&mut self, id: MutationId) -> Option<&mut Mutation> {
        self.records.get_mut(id as usize)
    }
}
