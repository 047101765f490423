//! Effects as numbers, in a buffer that JavaScript reads.

use super::wire::{
    self, EffectCode, EffectWord, FetchWord, MutationUpdatedWord, OutboxSize, UpdatedWord,
};
use crate::engine::{Effect, Engine};

/// The buffer: word 0 is how many words follow. It never moves, so JavaScript can keep its view of it for as
/// long as the memory does not grow.
pub(super) struct Outbox {
    words: Box<[f64; OutboxSize::Capacity as usize]>,
}

/// Room for one effect, whichever it is.
type Room = [f64; OutboxSize::LongestEffect as usize];

impl Outbox {
    pub(super) fn new() -> Self {
        Self { words: Box::new([0.0; OutboxSize::Capacity as usize]) }
    }

    pub(super) fn address(&self) -> *const f64 {
        self.words.as_ptr()
    }

    /// Moves effects from the engine into the buffer, behind those that JavaScript has not read yet, as long
    /// as there is room. What stays in the engine is moved by the next call.
    pub(super) fn fill(&mut self, engine: &mut Engine<(), ()>) {
        let mut end = 1 + self.words[0] as usize;
        while let Some(room) = self.words[end..].first_chunk_mut() {
            let Some(effect) = engine.poll_effect() else { break };
            end += write(&effect, room);
        }
        self.words[0] = (end - 1) as f64;
    }
}

/// Gives how many words the effect takes.
fn write(effect: &Effect<(), ()>, words: &mut Room) -> usize {
    const NOTHING_MORE: usize = EffectWord::Id as usize;
    let (code, id, last) = match *effect {
        Effect::Updated { query, action, state } => {
            let mut put = |word: UpdatedWord, value: f64| words[word as usize] = value;
            put(UpdatedWord::Action, f64::from(wire::action_code(action) as u32));
            put(UpdatedWord::Status, f64::from(wire::status_code(state.status) as u32));
            put(
                UpdatedWord::FetchStatus,
                f64::from(wire::fetch_status_code(state.fetch_status) as u32),
            );
            put(UpdatedWord::IsInvalidated, f64::from(u32::from(state.is_invalidated)));
            put(UpdatedWord::DataUpdateCount, f64::from(state.data_update_count));
            put(UpdatedWord::DataUpdatedAt, state.data_updated_at);
            put(UpdatedWord::ErrorUpdateCount, f64::from(state.error_update_count));
            put(UpdatedWord::ErrorUpdatedAt, state.error_updated_at);
            put(UpdatedWord::FetchFailureCount, f64::from(state.fetch_failure_count));
            (EffectCode::Updated, query, UpdatedWord::FetchFailureCount as usize)
        }
        Effect::Run { query, fetch } => {
            words[FetchWord::Fetch as usize] = f64::from(fetch);
            (EffectCode::Run, query, FetchWord::Fetch as usize)
        }
        Effect::Cancelled { query, fetch, mode } => {
            words[FetchWord::Fetch as usize] = f64::from(fetch);
            words[FetchWord::Mode as usize] = f64::from(wire::cancel_code(mode) as u32);
            (EffectCode::Cancelled, query, FetchWord::Mode as usize)
        }
        Effect::GaveUp { query, fetch } => {
            words[FetchWord::Fetch as usize] = f64::from(fetch);
            (EffectCode::GaveUp, query, FetchWord::Fetch as usize)
        }
        Effect::FetchDue { observer } => (EffectCode::FetchDue, observer, NOTHING_MORE),
        Effect::BecameStale { observer } => (EffectCode::BecameStale, observer, NOTHING_MORE),
        Effect::Removed { query } => (EffectCode::Removed, query, NOTHING_MORE),
        Effect::Released { query } => (EffectCode::Released, query, NOTHING_MORE),
        Effect::MutationUpdated { mutation, action, state } => {
            let mut put = |word: MutationUpdatedWord, value: f64| words[word as usize] = value;
            put(MutationUpdatedWord::Action, f64::from(wire::mutation_action_code(action) as u32));
            put(
                MutationUpdatedWord::Status,
                f64::from(wire::mutation_status_code(state.status) as u32),
            );
            put(MutationUpdatedWord::IsPaused, f64::from(u32::from(state.is_paused)));
            put(MutationUpdatedWord::FailureCount, f64::from(state.failure_count));
            put(MutationUpdatedWord::SubmittedAt, state.submitted_at);
            (EffectCode::MutationUpdated, mutation, MutationUpdatedWord::SubmittedAt as usize)
        }
        Effect::MutationRun { mutation } => (EffectCode::MutationRun, mutation, NOTHING_MORE),
        Effect::MutationRemoved { mutation } => {
            (EffectCode::MutationRemoved, mutation, NOTHING_MORE)
        }
    };
    let length = last + 1;
    words[EffectWord::Length as usize] = length as f64;
    words[EffectWord::Code as usize] = f64::from(code as u32);
    words[EffectWord::Id as usize] = f64::from(id);
    length
}
