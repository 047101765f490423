//! The steps of a mutation that runs.

use super::{MutationAction, MutationOptions, MutationState, MutationStatus};
use crate::engine::deadlines::Deadline;
use crate::engine::retryer::{Phase, RetryPlan, Retryer};
use crate::engine::{Effect, Engine, Failure, Moment, MutationId, Verdict};

impl<T: Clone, E: Clone> Engine<T, E> {
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

    pub(in crate::engine) fn mutation_retry_due(&mut self, id: MutationId, at: Moment) {
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

    fn can_start(&self, id: MutationId, at: Moment) -> bool {
        self.can_run(id)
            && self
                .mutations
                .get(id)
                .is_some_and(|mutation| mutation.options.network_mode.can_fetch(at))
    }

    fn retryer_mut(&mut self, id: MutationId) -> Option<&mut Retryer> {
        self.mutations.get_mut(id)?.retryer.as_mut()
    }
}
