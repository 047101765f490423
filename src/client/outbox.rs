//! Effects as numbers, in a buffer that JavaScript reads.

use super::wire;
use super::wire::EffectCode;
use crate::engine::{Effect, Engine};

/// The buffer: word 0 is how many words follow. It never moves, so JavaScript can keep its view of it for as
/// long as the memory does not grow.
pub(super) struct Outbox {
    words: Box<[f64; CAPACITY]>,
}

const CAPACITY: usize = 1024;
/// The longest effect, its code included.
const LONGEST: usize = 11;

impl Outbox {
    pub(super) fn new() -> Self {
        Self { words: Box::new([0.0; CAPACITY]) }
    }

    pub(super) fn address(&self) -> *const f64 {
        self.words.as_ptr()
    }

    /// Moves effects from the engine into the buffer, behind those that JavaScript has not read yet, as long
    /// as there is room. What stays in the engine is moved by the next call.
    pub(super) fn fill(&mut self, engine: &mut Engine<(), ()>) {
        let mut end = 1 + self.words[0] as usize;
        while end + LONGEST <= CAPACITY {
            let Some(effect) = engine.poll_effect() else { break };
            end += write(&effect, &mut self.words[end..]);
        }
        self.words[0] = (end - 1) as f64;
    }
}

fn write(effect: &Effect<(), ()>, words: &mut [f64]) -> usize {
    let mut length = 0;
    let mut put = |word: f64| {
        words[length] = word;
        length += 1;
    };
    match *effect {
        Effect::Updated { query, action, state } => {
            put(f64::from(EffectCode::Updated as u32));
            put(f64::from(query));
            put(f64::from(wire::action_code(action) as u32));
            put(f64::from(wire::status_code(state.status) as u32));
            put(f64::from(wire::fetch_status_code(state.fetch_status) as u32));
            put(f64::from(u32::from(state.is_invalidated)));
            put(f64::from(state.data_update_count));
            put(state.data_updated_at);
            put(f64::from(state.error_update_count));
            put(state.error_updated_at);
            put(f64::from(state.fetch_failure_count));
        }
        Effect::Run { query, fetch } => {
            put(f64::from(EffectCode::Run as u32));
            put(f64::from(query));
            put(f64::from(fetch));
        }
        Effect::Cancelled { query, fetch, mode } => {
            put(f64::from(EffectCode::Cancelled as u32));
            put(f64::from(query));
            put(f64::from(fetch));
            put(f64::from(wire::cancel_code(mode) as u32));
        }
        Effect::GaveUp { query, fetch } => {
            put(f64::from(EffectCode::GaveUp as u32));
            put(f64::from(query));
            put(f64::from(fetch));
        }
        Effect::FetchDue { observer } => {
            put(f64::from(EffectCode::FetchDue as u32));
            put(f64::from(observer));
        }
        Effect::BecameStale { observer } => {
            put(f64::from(EffectCode::BecameStale as u32));
            put(f64::from(observer));
        }
        Effect::Removed { query } => {
            put(f64::from(EffectCode::Removed as u32));
            put(f64::from(query));
        }
        Effect::Released { query } => {
            put(f64::from(EffectCode::Released as u32));
            put(f64::from(query));
        }
        Effect::MutationUpdated { mutation, action, state } => {
            put(f64::from(EffectCode::MutationUpdated as u32));
            put(f64::from(mutation));
            put(f64::from(wire::mutation_action_code(action) as u32));
            put(f64::from(wire::mutation_status_code(state.status) as u32));
            put(f64::from(u32::from(state.is_paused)));
            put(f64::from(state.failure_count));
            put(state.submitted_at);
        }
        Effect::MutationRun { mutation } => {
            put(f64::from(EffectCode::MutationRun as u32));
            put(f64::from(mutation));
        }
        Effect::MutationRemoved { mutation } => {
            put(f64::from(EffectCode::MutationRemoved as u32));
            put(f64::from(mutation));
        }
    }
    length
}
