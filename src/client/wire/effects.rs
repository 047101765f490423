//! The numbers of the effects in the outbox.

use wasm_bindgen::prelude::wasm_bindgen;

use crate::engine::{ActionKind, MutationAction};

/// The code of an effect in the outbox. Where its words stand is said by `EffectWord` and, for what each kind has
/// besides, by the enum that its comment names.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum EffectCode {
    /// Of a query; `UpdatedWord`.
    Updated = 0,
    /// Of a query; `FetchWord`.
    Run = 1,
    /// Of a query; `FetchWord`, with a mode.
    Cancelled = 2,
    /// Of a query; `FetchWord`.
    GaveUp = 3,
    /// Of an observer.
    FetchDue = 4,
    /// Of an observer.
    BecameStale = 5,
    /// Of a query.
    Removed = 6,
    /// Of a query.
    Released = 7,
    /// Of a mutation; `MutationUpdatedWord`.
    MutationUpdated = 8,
    /// Of a mutation.
    MutationRun = 9,
    /// Of a mutation.
    MutationRemoved = 10,
}

/// The words with which every effect begins.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum EffectWord {
    /// How many words it takes, this one included: so far on is the next effect.
    Length = 0,
    /// An `EffectCode`.
    Code = 1,
    /// Of the query, the observer or the mutation.
    Id = 2,
}

/// The words of a query's new state.
#[wasm_bindgen]
#[derive(Clone, Copy)]
#[allow(missing_docs, reason = "TanStack's names")]
pub enum UpdatedWord {
    /// An `ActionCode`.
    Action = 3,
    Status = 4,
    FetchStatus = 5,
    IsInvalidated = 6,
    DataUpdateCount = 7,
    DataUpdatedAt = 8,
    ErrorUpdateCount = 9,
    ErrorUpdatedAt = 10,
    FetchFailureCount = 11,
}

/// The words of an effect about a fetch.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum FetchWord {
    /// Its id.
    Fetch = 3,
    /// A `CancelCode`.
    Mode = 4,
}

/// The words of a mutation's new state.
#[wasm_bindgen]
#[derive(Clone, Copy)]
#[allow(missing_docs, reason = "TanStack's names")]
pub enum MutationUpdatedWord {
    /// A `MutationActionCode`.
    Action = 3,
    Status = 4,
    IsPaused = 5,
    FailureCount = 6,
    SubmittedAt = 7,
}

/// Sizes in words.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum OutboxSize {
    /// Of the outbox, the first word included: it says how many words follow.
    Capacity = 1024,
    /// Of the longest effect.
    LongestEffect = 12,
}

/// The names behind the numbers of `Updated`: a query's actions, in order.
#[wasm_bindgen]
#[derive(Clone, Copy)]
#[allow(missing_docs, reason = "the engine's names")]
pub enum ActionCode {
    Fetch = 0,
    Success = 1,
    ManualSuccess = 2,
    Failed = 3,
    Error = 4,
    Pause = 5,
    Continue = 6,
    Invalidate = 7,
    SetState = 8,
}

/// A mutation's actions, in order.
#[wasm_bindgen]
#[derive(Clone, Copy)]
#[allow(missing_docs, reason = "the engine's names")]
pub enum MutationActionCode {
    Pending = 0,
    Success = 1,
    Error = 2,
    Failed = 3,
    Pause = 4,
    Continue = 5,
}

pub(in crate::client) fn action_code(action: ActionKind) -> ActionCode {
    match action {
        ActionKind::Fetch => ActionCode::Fetch,
        ActionKind::Success => ActionCode::Success,
        ActionKind::ManualSuccess => ActionCode::ManualSuccess,
        ActionKind::Failed => ActionCode::Failed,
        ActionKind::Error => ActionCode::Error,
        ActionKind::Pause => ActionCode::Pause,
        ActionKind::Continue => ActionCode::Continue,
        ActionKind::Invalidate => ActionCode::Invalidate,
        ActionKind::SetState => ActionCode::SetState,
    }
}

pub(in crate::client) fn mutation_action_code(action: MutationAction) -> MutationActionCode {
    match action {
        MutationAction::Pending => MutationActionCode::Pending,
        MutationAction::Success => MutationActionCode::Success,
        MutationAction::Error => MutationActionCode::Error,
        MutationAction::Failed => MutationActionCode::Failed,
        MutationAction::Pause => MutationActionCode::Pause,
        MutationAction::Continue => MutationActionCode::Continue,
    }
}
