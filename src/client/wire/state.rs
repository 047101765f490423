//! The numbers of a state.

use wasm_bindgen::prelude::wasm_bindgen;

use crate::engine::{FetchStatus, MutationStatus, Status};

/// `status`, in order.
#[wasm_bindgen]
#[derive(Clone, Copy)]
#[allow(missing_docs, reason = "TanStack's names")]
pub enum StatusCode {
    Pending = 0,
    Error = 1,
    Success = 2,
    /// Of mutations only.
    Idle = 3,
}

/// `fetchStatus`, in order.
#[wasm_bindgen]
#[derive(Clone, Copy)]
#[allow(missing_docs, reason = "TanStack's names")]
pub enum FetchStatusCode {
    Fetching = 0,
    Paused = 1,
    Idle = 2,
}

pub(in crate::client) fn status_code(status: Status) -> StatusCode {
    match status {
        Status::Pending => StatusCode::Pending,
        Status::Error => StatusCode::Error,
        Status::Success => StatusCode::Success,
    }
}

pub(in crate::client) fn status(code: u32) -> Status {
    match code {
        0 => Status::Pending,
        1 => Status::Error,
        _ => Status::Success,
    }
}

pub(in crate::client) fn fetch_status_code(status: FetchStatus) -> FetchStatusCode {
    match status {
        FetchStatus::Fetching => FetchStatusCode::Fetching,
        FetchStatus::Paused => FetchStatusCode::Paused,
        FetchStatus::Idle => FetchStatusCode::Idle,
    }
}

pub(in crate::client) fn fetch_status(code: u32) -> FetchStatus {
    match code {
        0 => FetchStatus::Fetching,
        1 => FetchStatus::Paused,
        _ => FetchStatus::Idle,
    }
}

pub(in crate::client) fn mutation_status_code(status: MutationStatus) -> StatusCode {
    match status {
        MutationStatus::Idle => StatusCode::Idle,
        MutationStatus::Pending => StatusCode::Pending,
        MutationStatus::Success => StatusCode::Success,
        MutationStatus::Error => StatusCode::Error,
    }
}

pub(in crate::client) fn mutation_status(code: u32) -> MutationStatus {
    match code {
        0 => MutationStatus::Pending,
        1 => MutationStatus::Error,
        2 => MutationStatus::Success,
        _ => MutationStatus::Idle,
    }
}
