//! Mutations at the border. Each step is the engine's; see [`crate::engine::Engine::begin_mutation`].

use wasm_bindgen::prelude::wasm_bindgen;

use super::core::Core;
use super::wire::{self, FailureCode};
use crate::engine::{Moment, MutationId, MutationState, Verdict};

#[wasm_bindgen]
impl Core {
    /// Adds a mutation; those of one scope run one after another. `bits` are `QueryBits`.
    #[wasm_bindgen(js_name = addMutation)]
    #[allow(
        clippy::too_many_arguments,
        reason = "numbers cross the border cheaply, objects do not"
    )]
    pub fn add_mutation(
        &mut self,
        bits: u32,
        retries: f64,
        delay: f64,
        gc_time: f64,
        scope: Option<String>,
        now: f64,
        environment: u32,
    ) -> MutationId {
        let options = wire::mutation_options(bits, retries, delay, gc_time);
        let at = wire::moment(now, environment);
        let mutation = self.engine.add_mutation(options, scope.as_deref(), None, at);
        self.finish(at);
        mutation
    }

    /// Adds a mutation that was saved elsewhere, in the state that it had.
    #[wasm_bindgen(js_name = restoreMutation)]
    #[allow(clippy::too_many_arguments, reason = "as `addMutation`")]
    pub fn restore_mutation(
        &mut self,
        bits: u32,
        retries: f64,
        delay: f64,
        gc_time: f64,
        scope: Option<String>,
        status: u32,
        is_paused: bool,
        failure_count: u32,
        submitted_at: f64,
        now: f64,
        environment: u32,
    ) -> MutationId {
        let options = wire::mutation_options(bits, retries, delay, gc_time);
        let status = wire::mutation_status(status);
        let state = MutationState { status, is_paused, failure_count, submitted_at };
        let at = wire::moment(now, environment);
        let mutation = self.engine.add_mutation(options, scope.as_deref(), Some(state), at);
        self.finish(at);
        mutation
    }

    /// Replaces a mutation's options.
    #[wasm_bindgen(js_name = setMutationOptions)]
    #[allow(clippy::too_many_arguments, reason = "as `addMutation`")]
    pub fn set_mutation_options(
        &mut self,
        mutation: MutationId,
        bits: u32,
        retries: f64,
        delay: f64,
        gc_time: f64,
        now: f64,
        environment: u32,
    ) {
        let options = wire::mutation_options(bits, retries, delay, gc_time);
        self.engine.set_mutation_options(mutation, options, wire::moment(now, environment));
    }

    /// An observer came.
    #[wasm_bindgen(js_name = observeMutation)]
    pub fn observe_mutation(&mut self, mutation: MutationId) {
        self.engine.observe_mutation(mutation);
    }

    /// An observer left.
    #[wasm_bindgen(js_name = unobserveMutation)]
    pub fn unobserve_mutation(&mut self, mutation: MutationId, now: f64, environment: u32) {
        let at = wire::moment(now, environment);
        self.engine.unobserve_mutation(mutation, at);
        self.finish(at);
    }

    /// The user asks for the mutation.
    #[wasm_bindgen(js_name = beginMutation)]
    pub fn begin_mutation(&mut self, mutation: MutationId, now: f64, environment: u32) {
        let at = wire::moment(now, environment);
        self.engine.begin_mutation(mutation, at);
        self.finish(at);
    }

    /// `onMutate` gave a context.
    #[wasm_bindgen(js_name = mutationContextChanged)]
    pub fn mutation_context_changed(&mut self, mutation: MutationId, now: f64, environment: u32) {
        let at = wire::moment(now, environment);
        self.engine.mutation_context_changed(mutation, at);
        self.finish(at);
    }

    /// The callbacks before the first attempt are done.
    #[wasm_bindgen(js_name = runMutation)]
    pub fn run_mutation(&mut self, mutation: MutationId, now: f64, environment: u32) {
        let at = wire::moment(now, environment);
        self.engine.run_mutation(mutation, at);
        self.finish(at);
    }

    /// An attempt failed; as `fetchFailed`.
    #[wasm_bindgen(js_name = mutationFailed)]
    pub fn mutation_failed(
        &mut self,
        mutation: MutationId,
        retry: bool,
        delay: f64,
        now: f64,
        environment: u32,
    ) -> FailureCode {
        let at = wire::moment(now, environment);
        let failure = self.engine.mutation_failed(mutation, Verdict { retry, delay }, at);
        self.finish(at);
        wire::failure_code(failure)
    }

    /// The callbacks after the last attempt are done.
    #[wasm_bindgen(js_name = settleMutation)]
    pub fn settle_mutation(&mut self, mutation: MutationId, success: bool, now: f64) {
        self.engine.settle_mutation(mutation, success);
        self.finish(Moment::at(now));
    }

    /// A mutation has settled and everybody has heard it: the next one of its scope runs. Gives it if it is a
    /// restored one that JavaScript has to begin.
    #[wasm_bindgen(js_name = runNextMutation)]
    pub fn run_next_mutation(
        &mut self,
        mutation: MutationId,
        now: f64,
        environment: u32,
    ) -> Option<MutationId> {
        let at = wire::moment(now, environment);
        let restored = self.engine.run_next_mutation(mutation, at);
        self.finish(at);
        restored
    }

    /// A paused mutation may go on; `false` if it is a restored one that JavaScript has to begin.
    #[wasm_bindgen(js_name = continueMutation)]
    pub fn continue_mutation(&mut self, mutation: MutationId, now: f64, environment: u32) -> bool {
        let at = wire::moment(now, environment);
        let known = self.engine.continue_mutation(mutation, at);
        self.finish(at);
        known
    }

    /// Takes a mutation out of the cache; one that runs goes on until it settles.
    #[wasm_bindgen(js_name = removeMutation)]
    pub fn remove_mutation(&mut self, mutation: MutationId) {
        self.engine.remove_mutation(mutation);
    }
}
