//! What calls answer with, as numbers.

use wasm_bindgen::prelude::wasm_bindgen;

use crate::engine::{Failure, KeyError, ObserverFlags, QueryFlags};

/// Why a text could not be read: a call that reads one answers with the number below zero.
#[wasm_bindgen]
#[derive(Clone, Copy)]
#[allow(missing_docs, reason = "the errors' own names")]
pub enum ErrorCode {
    KeyNotAnArray = 1,
    KeyMalformed = 2,
    KeyTooDeep = 3,
}

/// What a failed attempt led to.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum FailureCode {
    /// Another attempt.
    Retrying = 0,
    /// The end of the fetch.
    Final = 1,
    /// Nothing: the fetch was over.
    Ignored = 2,
}

/// What `Core.observerFlags` answers.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum ObserverFlag {
    /// The data is stale for the observer.
    Stale = 1,
    /// Mounting it fetches.
    FetchOnMount = 2,
    /// Switching it to the query, or enabling it, fetches.
    FetchOnChange = 4,
    /// A fetch would run rather than pause.
    CanFetch = 8,
}

/// What `Ask.QueryFlags` answers.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum QueryFlag {
    /// Some observer is enabled.
    Active = 1,
    /// A refetch leaves it out.
    Disabled = 2,
    /// Some observer calls the data static.
    Static = 4,
    /// The data is stale.
    Stale = 8,
}

/// What `Core.ask` answers: of the cache, or of a query.
#[wasm_bindgen]
#[derive(Clone, Copy)]
#[allow(missing_docs, reason = "as in `Stats`")]
pub enum Ask {
    Hits = 0,
    Misses = 1,
    Fetches = 2,
    EvictedKeys = 3,
    Keys = 4,
    Observers = 5,
    HitRatePercent = 6,
    /// Where the outbox is in the memory.
    Outbox = 7,
    /// How long a query is kept unobserved, in milliseconds: the longest ever asked for.
    GcTime = 8,
    /// `QueryFlag`s of a query.
    QueryFlags = 9,
}

/// As a call answers with it.
pub(in crate::client) fn key_error(error: KeyError) -> i32 {
    -(match error {
        KeyError::NotAnArray => ErrorCode::KeyNotAnArray,
        KeyError::Malformed => ErrorCode::KeyMalformed,
        KeyError::TooDeep => ErrorCode::KeyTooDeep,
    } as i32)
}

pub(in crate::client) fn failure_code(failure: Failure) -> FailureCode {
    match failure {
        Failure::Retrying => FailureCode::Retrying,
        Failure::Final => FailureCode::Final,
        Failure::Ignored => FailureCode::Ignored,
    }
}

pub(in crate::client) fn observer_flags(flags: ObserverFlags) -> u32 {
    bit(flags.stale, ObserverFlag::Stale as u32)
        | bit(flags.fetch_on_mount, ObserverFlag::FetchOnMount as u32)
        | bit(flags.fetch_on_change, ObserverFlag::FetchOnChange as u32)
        | bit(flags.can_fetch, ObserverFlag::CanFetch as u32)
}

pub(in crate::client) fn query_flags(flags: QueryFlags) -> u32 {
    bit(flags.active, QueryFlag::Active as u32)
        | bit(flags.disabled, QueryFlag::Disabled as u32)
        | bit(flags.is_static, QueryFlag::Static as u32)
        | bit(flags.stale, QueryFlag::Stale as u32)
}

fn bit(set: bool, bit: u32) -> u32 {
    if set { bit } else { 0 }
}
