//! The numbers of what is done to a query, an observer or a mutation.

use wasm_bindgen::prelude::wasm_bindgen;

use crate::engine::CancelMode;

/// What `Core.act` does, and to whom. Its answer is 0 unless said otherwise; `detail` is 0 unless it is named.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum Act {
    /// Marks a query stale.
    Invalidate = 0,
    /// Returns a query to its initial state.
    Reset = 1,
    /// Takes a query out of the cache.
    Remove = 2,
    /// Cancels a query's fetch; `detail` is a `CancelCode`. Answers 1 if there was one.
    Cancel = 3,
    /// Joins a query's fetch in progress, unless `detail` is 1 and it can be replaced. Answers 1 if it joined.
    JoinFetch = 4,
    /// Starts a query's fetch, and answers with its id. `detail` is 1 if JavaScript's details of it changed.
    StartFetch = 5,
    /// The query function gave data; `detail` is the fetch. Answers 1 unless nobody wants it any more.
    FetchSucceeded = 6,
    /// The fetch failed in a way that no retry mends; `detail` is the fetch. Answers 1 unless it was over.
    FetchRejected = 7,
    /// The query function is about to run, with a signal that nobody has read; `detail` is the fetch.
    SignalUnread = 8,
    /// The query function read its abort signal; `detail` is the fetch.
    SignalRead = 9,
    /// The page got the focus, for one query.
    Focus = 10,
    /// The page got the focus, for all queries.
    FocusAll = 11,
    /// The network is back, for one query.
    Online = 12,
    /// The network is back, for all queries.
    OnlineAll = 13,
    /// Takes an observer away.
    Unobserve = 14,
    /// A mutation's observer came.
    ObserveMutation = 15,
    /// A mutation's observer left.
    UnobserveMutation = 16,
    /// The user asks for the mutation.
    BeginMutation = 17,
    /// The mutation's `onMutate` gave a context.
    MutationContextChanged = 18,
    /// The callbacks before the mutation's first attempt are done.
    RunMutation = 19,
    /// The callbacks after the mutation's last attempt are done; `detail` is 1 for a success.
    SettleMutation = 20,
    /// The mutation has settled and everybody has heard it: the next one of its scope runs. Answers with it if it
    /// is a restored one that JavaScript has to begin, else with `u32::MAX`.
    RunNextMutation = 21,
    /// A paused mutation may go on.
    ContinueMutation = 22,
    /// Takes a mutation out of the cache; one that runs goes on until it settles.
    RemoveMutation = 23,
    /// What a query holds was changed elsewhere.
    Outdate = 24,
    /// `detail` is 1 if a healthy stream would tell of changes to a query.
    Cover = 25,
    /// Nothing: the effects that did not fit into the outbox before are put there.
    Refill = 26,
}

/// What becomes of a cancelled fetch.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum CancelCode {
    /// Back to the state before it.
    Revert = 0,
    /// Another follows.
    Silent = 1,
    /// An error like any other.
    Error = 2,
}

pub(in crate::client) fn cancel_mode(code: u32) -> CancelMode {
    match code {
        0 => CancelMode::Revert,
        1 => CancelMode::Silent,
        _ => CancelMode::Error,
    }
}

pub(in crate::client) fn cancel_code(mode: CancelMode) -> CancelCode {
    match mode {
        CancelMode::Revert => CancelCode::Revert,
        CancelMode::Silent => CancelCode::Silent,
        CancelMode::Error => CancelCode::Error,
    }
}
