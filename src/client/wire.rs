//! The numbers that stand for names at the border. TypeScript's copy of this file is generated from it
//! (`pkg-template/src/border/wire.ts`).

use wasm_bindgen::prelude::wasm_bindgen;

pub(super) use super::environment::moment;
use crate::engine::{
    ActionKind, CancelMode, Failure, FetchStatus, KeyError, MutationAction, MutationOptions,
    MutationStatus, NetworkMode, ObserverFlags, ObserverOptions, QueryFlags, QueryOptions,
    RefetchOn, Retry, RetryDelay, StaleTime, Stats, Status,
};

/// The first word of an effect in the outbox; the words that follow it are named in its comment.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum EffectCode {
    /// query, action, status, fetchStatus, isInvalidated, dataUpdateCount, dataUpdatedAt, errorUpdateCount,
    /// errorUpdatedAt, fetchFailureCount
    Updated = 0,
    /// query, fetch
    Run = 1,
    /// query, fetch, mode
    Cancelled = 2,
    /// query, fetch
    GaveUp = 3,
    /// observer
    FetchDue = 4,
    /// observer
    BecameStale = 5,
    /// query
    Removed = 6,
    /// query
    Released = 7,
    /// mutation, action, status, isPaused, failureCount, submittedAt
    MutationUpdated = 8,
    /// mutation
    MutationRun = 9,
    /// mutation
    MutationRemoved = 10,
}

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
}

/// Why a text could not be read: a call that reads one answers with the number below zero.
#[wasm_bindgen]
#[derive(Clone, Copy)]
#[allow(missing_docs, reason = "the errors' own names")]
pub enum ErrorCode {
    KeyNotAnArray = 1,
    KeyMalformed = 2,
    KeyTooDeep = 3,
}

/// What `Core.stat` tells.
#[wasm_bindgen]
#[derive(Clone, Copy)]
#[allow(missing_docs, reason = "as in `Stats`")]
pub enum Stat {
    Hits = 0,
    Misses = 1,
    Fetches = 2,
    EvictedKeys = 3,
    Keys = 4,
    Observers = 5,
    HitRatePercent = 6,
}

/// An observer's options, but for its times. The three triggers are two bits each: 0 never, 1 if stale,
/// 2 always.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum ObserverBits {
    /// It may fetch on its own.
    Enabled = 1,
    /// `refetchOnMount`, from this bit on.
    OnMount = 2,
    /// `refetchOnWindowFocus`, from this bit on.
    OnFocus = 8,
    /// `refetchOnReconnect`, from this bit on.
    OnReconnect = 32,
    /// `refetchIntervalInBackground`.
    InBackground = 128,
    /// `retryOnMount`.
    RetryOnMount = 256,
    /// `suspense`.
    Suspense = 512,
    /// `staleTime: 'static'`; the stale time given is then ignored.
    Static = 1024,
}

/// The options of a query or a mutation, but for its numbers. Retry and delay are two bits each: 0 the default,
/// 1 the number given, 2 (retry) for ever, 3 ask the user's function.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum QueryBits {
    /// `retry`, from this bit on.
    Retry = 1,
    /// `retryDelay`, from this bit on.
    RetryDelay = 4,
    /// `networkMode`, from this bit on: 0 online, 1 always, 2 offlineFirst.
    NetworkMode = 16,
    /// The query function is `skipToken`.
    Skip = 64,
}

/// Which queries a filter wants. `fetchStatus` is two bits: 0 any, else the status plus one.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum FilterBits {
    /// With an enabled observer.
    Active = 1,
    /// Without.
    Inactive = 2,
    /// Stale ones.
    Stale = 4,
    /// Fresh ones.
    Fresh = 8,
    /// Neither disabled nor static.
    Refetchable = 16,
    /// `fetchStatus`, from this bit on.
    FetchStatus = 32,
}

/// How a filter's text is read.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum FilterKind {
    /// It is not: every key.
    Any = 0,
    /// The hash of one key.
    Exact = 1,
    /// A key that others begin with.
    Prefix = 2,
    /// A pattern of the schema: a key whose strings are its literals, and `null` each `*`.
    Pattern = 3,
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

/// What `Core.queryFlags` answers.
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

/// As a call answers with it.
pub(super) fn key_error(error: KeyError) -> i32 {
    -(match error {
        KeyError::NotAnArray => ErrorCode::KeyNotAnArray,
        KeyError::Malformed => ErrorCode::KeyMalformed,
        KeyError::TooDeep => ErrorCode::KeyTooDeep,
    } as i32)
}

pub(super) fn stat(stats: &Stats, stat: Stat) -> f64 {
    match stat {
        Stat::Hits => stats.hits as f64,
        Stat::Misses => stats.misses as f64,
        Stat::Fetches => stats.fetches as f64,
        Stat::EvictedKeys => stats.evicted_keys as f64,
        Stat::Keys => f64::from(stats.keys),
        Stat::Observers => f64::from(stats.observers),
        Stat::HitRatePercent => stats.hit_rate_percent(),
    }
}

/// `interval` is NaN for none.
pub(super) fn observer_options(bits: u32, stale_time: f64, interval: f64) -> ObserverOptions {
    let has = |bit: ObserverBits| bits & bit as u32 != 0;
    let trigger = |lowest: ObserverBits| match bits / lowest as u32 % 4 {
        0 => RefetchOn::Never,
        1 => RefetchOn::IfStale,
        _ => RefetchOn::Always,
    };
    ObserverOptions {
        enabled: has(ObserverBits::Enabled),
        stale_time: if has(ObserverBits::Static) {
            StaleTime::Static
        } else {
            StaleTime::Millis(stale_time)
        },
        refetch_on_mount: trigger(ObserverBits::OnMount),
        refetch_on_focus: trigger(ObserverBits::OnFocus),
        refetch_on_reconnect: trigger(ObserverBits::OnReconnect),
        refetch_interval: (interval > 0.0).then_some(interval),
        refetch_interval_in_background: has(ObserverBits::InBackground),
        retry_on_mount: has(ObserverBits::RetryOnMount),
        suspense: has(ObserverBits::Suspense),
    }
}

/// `gc_time` is NaN for the default.
pub(super) fn query_options(bits: u32, retries: f64, delay: f64, gc_time: f64) -> QueryOptions {
    QueryOptions {
        gc_time: some_number(gc_time),
        retry: retry(bits, retries, Retry::Default),
        retry_delay: retry_delay(bits, delay),
        network_mode: network_mode(bits),
        skip: bits & QueryBits::Skip as u32 != 0,
    }
}

/// As [`query_options`]; the default of a mutation's retry is never.
pub(super) fn mutation_options(
    bits: u32,
    retries: f64,
    delay: f64,
    gc_time: f64,
) -> MutationOptions {
    MutationOptions {
        retry: retry(bits, retries, Retry::Count(0)),
        retry_delay: retry_delay(bits, delay),
        network_mode: network_mode(bits),
        gc_time: some_number(gc_time),
    }
}

fn retry(bits: u32, retries: f64, default: Retry) -> Retry {
    match bits / QueryBits::Retry as u32 % 4 {
        0 => default,
        // `failureCount < 2.5` holds three times. The cast saturates: negative counts are none.
        1 if retries.is_finite() => Retry::Count(retries.ceil() as u32),
        1 if retries.is_nan() => Retry::Count(0),
        3 => Retry::Ask,
        _ => Retry::Always,
    }
}

fn retry_delay(bits: u32, delay: f64) -> RetryDelay {
    match bits / QueryBits::RetryDelay as u32 % 4 {
        0 => RetryDelay::Backoff,
        3 => RetryDelay::Ask,
        _ => RetryDelay::Millis(delay),
    }
}

fn network_mode(bits: u32) -> NetworkMode {
    match bits / QueryBits::NetworkMode as u32 % 4 {
        0 => NetworkMode::Online,
        1 => NetworkMode::Always,
        _ => NetworkMode::OfflineFirst,
    }
}

fn some_number(number: f64) -> Option<f64> {
    (!number.is_nan()).then_some(number)
}

pub(super) fn observer_flags(flags: ObserverFlags) -> u32 {
    bit(flags.stale, ObserverFlag::Stale as u32)
        | bit(flags.fetch_on_mount, ObserverFlag::FetchOnMount as u32)
        | bit(flags.fetch_on_change, ObserverFlag::FetchOnChange as u32)
        | bit(flags.can_fetch, ObserverFlag::CanFetch as u32)
}

pub(super) fn query_flags(flags: QueryFlags) -> u32 {
    bit(flags.active, QueryFlag::Active as u32)
        | bit(flags.disabled, QueryFlag::Disabled as u32)
        | bit(flags.is_static, QueryFlag::Static as u32)
        | bit(flags.stale, QueryFlag::Stale as u32)
}

fn bit(set: bool, bit: u32) -> u32 {
    if set { bit } else { 0 }
}

pub(super) fn action_code(action: ActionKind) -> ActionCode {
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

pub(super) fn status_code(status: Status) -> StatusCode {
    match status {
        Status::Pending => StatusCode::Pending,
        Status::Error => StatusCode::Error,
        Status::Success => StatusCode::Success,
    }
}

pub(super) fn status(code: u32) -> Status {
    match code {
        0 => Status::Pending,
        1 => Status::Error,
        _ => Status::Success,
    }
}

pub(super) fn fetch_status_code(status: FetchStatus) -> FetchStatusCode {
    match status {
        FetchStatus::Fetching => FetchStatusCode::Fetching,
        FetchStatus::Paused => FetchStatusCode::Paused,
        FetchStatus::Idle => FetchStatusCode::Idle,
    }
}

pub(super) fn fetch_status(code: u32) -> FetchStatus {
    match code {
        0 => FetchStatus::Fetching,
        1 => FetchStatus::Paused,
        _ => FetchStatus::Idle,
    }
}

pub(super) fn cancel_code(mode: CancelMode) -> CancelCode {
    match mode {
        CancelMode::Revert => CancelCode::Revert,
        CancelMode::Silent => CancelCode::Silent,
        CancelMode::Error => CancelCode::Error,
    }
}

pub(super) fn cancel_mode(code: u32) -> CancelMode {
    match code {
        0 => CancelMode::Revert,
        1 => CancelMode::Silent,
        _ => CancelMode::Error,
    }
}

pub(super) fn failure_code(failure: Failure) -> FailureCode {
    match failure {
        Failure::Retrying => FailureCode::Retrying,
        Failure::Final => FailureCode::Final,
        Failure::Ignored => FailureCode::Ignored,
    }
}

pub(super) fn mutation_action_code(action: MutationAction) -> MutationActionCode {
    match action {
        MutationAction::Pending => MutationActionCode::Pending,
        MutationAction::Success => MutationActionCode::Success,
        MutationAction::Error => MutationActionCode::Error,
        MutationAction::Failed => MutationActionCode::Failed,
        MutationAction::Pause => MutationActionCode::Pause,
        MutationAction::Continue => MutationActionCode::Continue,
    }
}

pub(super) fn mutation_status_code(status: MutationStatus) -> StatusCode {
    match status {
        MutationStatus::Idle => StatusCode::Idle,
        MutationStatus::Pending => StatusCode::Pending,
        MutationStatus::Success => StatusCode::Success,
        MutationStatus::Error => StatusCode::Error,
    }
}

pub(super) fn mutation_status(code: u32) -> MutationStatus {
    match code {
        0 => MutationStatus::Pending,
        1 => MutationStatus::Error,
        2 => MutationStatus::Success,
        _ => MutationStatus::Idle,
    }
}
