//! Nothing that a host may do wrong, and no text or number whatever, makes the engine panic or run for ever.

use proptest::prelude::*;
use samekey::engine::{
    CancelMode, Effect, Engine, FetchStatus, Filter, Key, KeyFilter, Moment, MutationOptions,
    MutationState, MutationStatus, NetworkMode, ObserverOptions, QueryOptions, QueryState,
    QueryType, RefetchOn, Retry, RetryDelay, StaleTime, Status, Verdict,
};
use samekey::schema::Pattern;

/// Times and delays, the impossible ones among them.
fn millis() -> impl Strategy<Value = f64> {
    prop_oneof![
        2 => prop::sample::select(vec![
            f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN, f64::MIN_POSITIVE, -0.0, 0.0, -1.0, 1.0,
        ]),
        2 => 0.0..100.0,
        1 => any::<f64>(),
    ]
}

/// Ids: those that the engine gives first, and some that it never gave.
fn id() -> impl Strategy<Value = u32> {
    prop_oneof![8 => 0_u32..4, 1 => Just(u32::MAX), 1 => any::<u32>()]
}

fn moment() -> impl Strategy<Value = Moment> {
    (millis(), any::<(bool, bool)>(), prop::bool::weighted(0.1))
        .prop_map(|(now, (online, focused), server)| Moment { now, online, focused, server })
}

fn stale_time() -> impl Strategy<Value = StaleTime> {
    prop_oneof![Just(StaleTime::Static), millis().prop_map(StaleTime::Millis)]
}

prop_compose! {
    fn query_options()(
        gc_time in prop::option::of(millis()),
        retry in prop_oneof![
            Just(Retry::Default), Just(Retry::Always), Just(Retry::Ask), any::<u32>().prop_map(Retry::Count)
        ],
        retry_delay in prop_oneof![
            Just(RetryDelay::Backoff), Just(RetryDelay::Ask), millis().prop_map(RetryDelay::Millis)
        ],
        network_mode in prop::sample::select(
            vec![NetworkMode::Online, NetworkMode::Always, NetworkMode::OfflineFirst]
        ),
        skip in any::<bool>(),
    ) -> QueryOptions {
        QueryOptions { gc_time, retry, retry_delay, network_mode, skip }
    }
}

prop_compose! {
    fn observer_options()(
        flags in any::<[bool; 4]>(),
        stale_time in stale_time(),
        refetch_interval in prop::option::of(millis()),
        triggers in prop::array::uniform3(
            prop::sample::select(vec![RefetchOn::Never, RefetchOn::IfStale, RefetchOn::Always])
        ),
    ) -> ObserverOptions {
        ObserverOptions {
            enabled: flags[0],
            stale_time,
            refetch_on_mount: triggers[0],
            refetch_on_focus: triggers[1],
            refetch_on_reconnect: triggers[2],
            refetch_interval,
            refetch_interval_in_background: flags[1],
            retry_on_mount: flags[2],
            suspense: flags[3],
        }
    }
}

prop_compose! {
    fn state()(
        data in prop::option::of(any::<u8>()),
        counts in any::<[u32; 3]>(),
        times in prop::array::uniform2(millis()),
        error in prop::option::of(any::<u8>()),
        is_invalidated in any::<bool>(),
        status in prop::sample::select(vec![Status::Pending, Status::Error, Status::Success]),
        fetch_status in prop::sample::select(
            vec![FetchStatus::Fetching, FetchStatus::Paused, FetchStatus::Idle]
        ),
    ) -> QueryState<u8, u8> {
        QueryState {
            data,
            data_update_count: counts[0],
            data_updated_at: times[0],
            error,
            error_update_count: counts[1],
            error_updated_at: times[1],
            fetch_failure_count: counts[2],
            fetch_failure_reason: error,
            is_invalidated,
            status,
            fetch_status,
        }
    }
}

/// One call of a public method with whatever arguments.
#[derive(Debug, Clone)]
struct Call {
    method: u8,
    ids: (u32, u32),
    flag: bool,
    choice: u8,
    millis: f64,
    key: String,
    stale_time: StaleTime,
    query: QueryOptions,
    observer: ObserverOptions,
    state: QueryState<u8, u8>,
    at: Moment,
}

prop_compose! {
    fn call()(
        (method, choice, flag) in any::<(u8, u8, bool)>(),
        ids in (id(), id()),
        (millis, stale_time, at) in (millis(), stale_time(), moment()),
        key in prop::sample::select(vec!["[]", "[1]", "[1,{}]", "[{\"a\":[1]}]", "[undefined]", "[\"x\",2]"]),
        query in query_options(),
        observer in observer_options(),
        state in state(),
    ) -> Call {
        let key = key.to_owned();
        Call { method, ids, flag, choice, millis, key, stale_time, query, observer, state, at }
    }
}

fn perform(engine: &mut Engine<u8, u8>, call: &Call) {
    let Call { ids: (id, other), flag, choice, millis, at, state, .. } = *call;
    let verdict = Verdict { retry: flag, delay: millis };
    let mutation = MutationOptions {
        retry: call.query.retry,
        retry_delay: call.query.retry_delay,
        network_mode: call.query.network_mode,
        gc_time: call.query.gc_time,
    };
    match call.method % 36 {
        0..=3 => {
            let key = Key::from_json(&call.key).unwrap();
            engine.add(&key.hash(), key, call.query, state, at);
        }
        4 => engine.set_query_options(id, call.query, at),
        5 => engine.set_initial_data(id, choice, millis, at),
        6 => engine.set_data(id, choice, millis, at),
        7 => engine.set_state(id, state, at),
        8 => engine.invalidate(id, at),
        9 => engine.reset(id, at),
        10 => engine.remove(id, at),
        11 => drop(engine.needs_fetch(id, call.stale_time, at)),
        12..=13 => drop(engine.observe(id, call.observer, at)),
        14 => engine.unobserve(id, at),
        15 => engine.set_observer_options(id, call.observer, at),
        16 => drop(engine.join_fetch(id, flag, at)),
        17..=18 => drop(engine.start_fetch(id, flag, at)),
        19 => drop(engine.fetch_succeeded(id, other, choice, at)),
        20 => drop(engine.fetch_failed(id, other, choice, verdict, at)),
        21 => drop(engine.fetch_rejected(id, other, choice, at)),
        22 => engine.signal_consumed(id, other, flag),
        23 => {
            let modes = [CancelMode::Revert, CancelMode::Silent, CancelMode::Error];
            engine.cancel(id, modes[choice as usize % 3], at);
        }
        24 => engine.on_focus(at),
        25 => engine.on_online(at),
        26 => {
            engine.query_on_focus(id, at);
            engine.query_on_online(other, at);
        }
        27 => {
            let statuses = [MutationStatus::Idle, MutationStatus::Pending, MutationStatus::Error];
            let restored = MutationState {
                status: statuses[choice as usize % 3],
                is_paused: flag,
                failure_count: u32::MAX,
                submitted_at: millis,
            };
            let scope = flag.then_some("scope");
            engine.add_mutation(mutation, scope, (choice > 99).then_some(restored), at);
        }
        28 => {
            engine.set_mutation_options(id, mutation, at);
            engine.observe_mutation(id);
        }
        29 => engine.unobserve_mutation(id, at),
        30 => engine.begin_mutation(id, at),
        31 => {
            engine.mutation_context_changed(id, at);
            engine.run_mutation(id, at);
        }
        32 => drop(engine.mutation_failed(id, verdict, at)),
        33 => {
            engine.settle_mutation(id, flag);
            engine.run_next_mutation(id, at);
        }
        34 => drop(engine.continue_mutation(id, at)),
        _ => engine.remove_mutation(id),
    }
    read(engine, call);
    // As many rounds of waking as a host would do for one timer, and no end of them would be a fault.
    let mark = engine.wake_mark();
    let mut woken = 0;
    while engine.wake(mark, at) {
        woken += 1;
        assert!(woken < 1_000, "a round of waking does not end");
    }
}

/// The methods that only look.
fn read(engine: &Engine<u8, u8>, call: &Call) {
    let (id, at) = (call.ids.0, call.at);
    let prefix = Key::from_json(&call.key).unwrap();
    let pattern = Key::from_pattern(&Pattern::parse("x:*").unwrap());
    for key in [
        KeyFilter::Any,
        KeyFilter::Exact(&call.key),
        KeyFilter::Prefix(&prefix),
        KeyFilter::Pattern(&pattern),
    ] {
        let filter = Filter {
            key,
            query_type: [QueryType::All, QueryType::Active, QueryType::Inactive]
                [call.choice as usize % 3],
            stale: call.flag.then_some(true),
            fetch_status: (call.choice > 200).then_some(FetchStatus::Paused),
            refetchable: call.choice.is_multiple_of(2),
        };
        for query in engine.find(filter, at) {
            assert!(engine.state(query).is_some());
        }
    }
    let _ = (engine.get(&call.key), engine.state(id), engine.query_flags(id, at));
    let _ = engine.observer_flags(id, &call.observer, at);
    let _ = engine.is_stale_by_time(id, call.stale_time, at);
    let _ = (engine.mutation_state(id), engine.next_deadline());
    let rate = engine.stats().hit_rate_percent();
    assert!((0.0..=100.0).contains(&rate));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_call_with_whatever_arguments_panics_or_runs_for_ever(
        calls in prop::collection::vec(call(), 1..60),
    ) {
        let mut engine = Engine::new();
        for call in &calls {
            perform(&mut engine, call);
            // Whoever was released is not spoken of again: its id may be another's by then.
            let mut released = Vec::new();
            while let Some(effect) = engine.poll_effect() {
                let query = match effect {
                    Effect::Released { query } => {
                        released.push(query);
                        continue;
                    }
                    Effect::Updated { query, .. }
                    | Effect::Run { query, .. }
                    | Effect::Cancelled { query, .. }
                    | Effect::GaveUp { query, .. }
                    | Effect::Removed { query } => query,
                    _ => continue,
                };
                prop_assert!(!released.contains(&query));
            }
        }
    }

    #[test]
    fn no_text_makes_reading_a_key_panic(text in "\\PC*") {
        let _ = Key::from_json(&text);
    }

    #[test]
    fn no_text_like_a_key_makes_reading_it_panic(
        text in "[\\[\\]{}\",:\\\\u0-9a-fnul.eE+\\-\u{e9}\u{1f600} \n]{0,40}",
    ) {
        if let Ok(key) = Key::from_json(&text) {
            let hash = key.hash();
            prop_assert_eq!(Key::from_json(&hash).map(|key| key.hash()), Ok(hash), "{}", text);
            prop_assert!(key.matches(&key));
        }
    }

    #[test]
    fn what_javascript_would_write_is_read(json in json()) {
        let text = serde_json::Value::Array(vec![json]).to_string();
        prop_assert_eq!(Key::from_json(&text).unwrap().hash().len(), text.len());
    }
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|members| { serde_json::Value::Object(members.into_iter().collect()) }),
        ]
    })
}
