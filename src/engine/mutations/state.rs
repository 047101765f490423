//! What a mutation is told, and what is known of it.

use crate::engine::{NetworkMode, Retry, RetryDelay};

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
