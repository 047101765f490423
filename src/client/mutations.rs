//! Mutations at the border. Each step is the engine's, most of them by `Core.act`; see
//! [`crate::engine::Engine::begin_mutation`].

use wasm_bindgen::prelude::wasm_bindgen;

use super::core::Core;
use super::wire::{self, FailureCode};
use crate::engine::{MutationId, MutationState, Verdict};

#[wasm_bindgen]
impl Core {
    /// Adds a mutation in the state that it has, or had where it was saved; those of one scope run one after
    /// another. `bits` are `QueryBits`.
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
}
