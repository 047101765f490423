//! The options of queries, mutations and observers as bits and numbers.

use wasm_bindgen::prelude::wasm_bindgen;

use crate::engine::{
    MutationOptions, NetworkMode, ObserverOptions, QueryOptions, RefetchOn, Retry, RetryDelay,
    StaleTime,
};

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
    /// They are a mutation's.
    Mutation = 128,
}

/// `interval` is NaN for none.
pub(in crate::client) fn observer_options(
    bits: u32,
    stale_time: f64,
    interval: f64,
) -> ObserverOptions {
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
pub(in crate::client) fn query_options(
    bits: u32,
    retries: f64,
    delay: f64,
    gc_time: f64,
) -> QueryOptions {
    QueryOptions {
        gc_time: some_number(gc_time),
        retry: retry(bits, retries, Retry::Default),
        retry_delay: retry_delay(bits, delay),
        network_mode: network_mode(bits),
        skip: bits & QueryBits::Skip as u32 != 0,
    }
}

/// As [`query_options`]; the default of a mutation's retry is never.
pub(in crate::client) fn mutation_options(
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
