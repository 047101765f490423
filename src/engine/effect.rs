//! What the host has to do after a call.

use super::{
    ActionKind, CancelMode, FetchId, MutationAction, MutationId, MutationState, ObserverId,
    QueryId, QueryState,
};

/// Something for the host to do. Effects are performed in the order in which they were queued.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect<T, E> {
    /// A query's state changed: update what observers see, and tell the cache's listeners.
    Updated {
        /// The query.
        query: QueryId,
        /// What happened.
        action: ActionKind,
        /// Its state afterwards.
        state: QueryState<T, E>,
    },
    /// Run the query function once, and report with [`Engine::fetch_succeeded`](super::Engine::fetch_succeeded)
    /// or [`Engine::fetch_failed`](super::Engine::fetch_failed).
    Run {
        /// The query.
        query: QueryId,
        /// The fetch this attempt belongs to.
        fetch: FetchId,
    },
    /// A fetch was cancelled: abort its signal and settle its promise as `mode` says.
    Cancelled {
        /// The query.
        query: QueryId,
        /// The fetch.
        fetch: FetchId,
        /// What becomes of those who wait for it.
        mode: CancelMode,
    },
    /// A fetch gave up between two attempts, because its last observer left: reject its promise with
    /// the last failure. ([`Effect::Updated`] with the error follows.)
    GaveUp {
        /// The query.
        query: QueryId,
        /// The fetch.
        fetch: FetchId,
    },
    /// A poll, the focus or the network asks for a refetch on behalf of an observer: fetch with that
    /// observer's options, joining a fetch in progress.
    FetchDue {
        /// The observer.
        observer: ObserverId,
    },
    /// Time made an observer's data stale: compute its result again.
    BecameStale {
        /// The observer.
        observer: ObserverId,
    },
    /// A query left the cache. Those who still observe it may go on reading it.
    Removed {
        /// The query.
        query: QueryId,
    },
    /// Nobody needs a removed query any more; its id may be given to another.
    Released {
        /// The query.
        query: QueryId,
    },
    /// A mutation's state changed.
    MutationUpdated {
        /// The mutation.
        mutation: MutationId,
        /// What happened.
        action: MutationAction,
        /// Its state afterwards.
        state: MutationState,
    },
    /// Run the mutation function once, and report back.
    MutationRun {
        /// The mutation.
        mutation: MutationId,
    },
    /// A mutation was not observed for its `gc_time`: it has left the cache.
    MutationRemoved {
        /// The mutation.
        mutation: MutationId,
    },
}
