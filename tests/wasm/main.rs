//! The border, in a browser: `make test-wasm`. What the engine decides is tested natively in `tests/engine`.
#![cfg(target_arch = "wasm32")]

#[cfg(feature = "client-fetch")]
mod fetch;
#[cfg(feature = "client-live")]
mod live;
mod reentrancy;

use js_sys::{Array, Float64Array, Function, Promise, Reflect, WebAssembly};
use samekey::client::{Act, Ask, Core, EffectCode, EffectWord, ErrorCode, Waker};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// Online and focused (`EnvironmentBits`).
const HERE: u32 = 3;
const NOW: f64 = 1_000.0;

fn core() -> Core {
    Core::new(waker(&Function::new_no_args("")))
}

/// What gives a timer the function that it calls.
fn waker(on_wake: &Function) -> Waker {
    let make = Function::new_with_args("onWake", "return () => onWake");
    make.call1(&JsValue::NULL, on_wake).expect("a function").unchecked_into()
}

fn add(core: &mut Core, hash: &str, gc_time: f64) -> u32 {
    let query = core.add(hash, "", 0, 0.0, 0.0, gc_time, false, 0.0, NOW, HERE);
    u32::try_from(query).expect("a key")
}

/// What JavaScript sees of the outbox; read, it is emptied.
fn effects(core: &Core) -> Vec<f64> {
    let memory: WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    let address = core.ask(Ask::Outbox, 0, NOW, HERE) as u32;
    let words = Float64Array::new_with_byte_offset_and_length(&memory.buffer(), address, 1024);
    let count = words.get_index(0) as u32;
    words.set_index(0, 0.0);
    words.slice(1, 1 + count).to_vec()
}

/// The code of the effect that `words` begin with.
fn code(words: &[f64]) -> f64 {
    words[EffectWord::Code as usize]
}

#[wasm_bindgen_test]
fn what_is_no_key_is_answered_with_an_error_below_zero() {
    let answer = |text: &str| core().add(text, "", 0, 0.0, 0.0, NOW, false, 0.0, NOW, HERE);
    assert_eq!(answer("[\"a\""), -(ErrorCode::KeyMalformed as i32));
    assert_eq!(answer("{\"a\":1}"), -(ErrorCode::KeyNotAnArray as i32));
    let deep = "[".repeat(100) + &"]".repeat(100);
    assert_eq!(answer(&deep), -(ErrorCode::KeyTooDeep as i32));
}

#[wasm_bindgen_test]
fn a_fetch_leaves_its_effects_in_the_buffer() {
    let mut core = core();
    let query = add(&mut core, "[\"kpis\",\"Zürich\"]", f64::INFINITY);
    effects(&core);
    let fetch = core.act(Act::StartFetch, query, 1, NOW, HERE);
    let words = effects(&core);
    let run = [4.0, f64::from(EffectCode::Run as u32), f64::from(query), f64::from(fetch)];
    assert_eq!(
        code(&words),
        f64::from(EffectCode::Updated as u32),
        "first what changed: {words:?}"
    );
    let length = words[EffectWord::Length as usize] as usize;
    assert_eq!(words[length..], run, "then what to do: {words:?}");
    assert!(effects(&core).is_empty(), "what was read is gone");
}

#[wasm_bindgen_test]
fn an_answer_is_taken_once() {
    let mut core = core();
    let query = add(&mut core, "[\"a\"]", f64::INFINITY);
    let fetch = core.act(Act::StartFetch, query, 1, NOW, HERE);
    assert_eq!(core.act(Act::FetchSucceeded, query, fetch, NOW + 1.0, HERE), 1);
    assert_eq!(core.act(Act::FetchSucceeded, query, fetch, NOW + 2.0, HERE), 0);
}

#[wasm_bindgen_test]
fn effects_that_do_not_fit_wait_for_the_refill() {
    let mut core = core();
    for index in 0..200 {
        let query = add(&mut core, &format!("[{index}]"), f64::INFINITY);
        core.set_data(query, false, NOW, NOW, HERE);
    }
    let updated = f64::from(EffectCode::Updated as u32);
    let (mut seen, mut words) = (0, effects(&core));
    while !words.is_empty() {
        let mut rest = &words[..];
        while !rest.is_empty() {
            assert_eq!(code(rest), updated, "{words:?}");
            rest = &rest[rest[EffectWord::Length as usize] as usize..];
            seen += 1;
        }
        core.act(Act::Refill, 0, 0, NOW, HERE);
        words = effects(&core);
    }
    assert_eq!(seen, 200);
}

#[wasm_bindgen_test]
async fn the_browser_wakes_the_cache_when_a_query_is_to_be_collected() {
    let mut core = None;
    let woken = Promise::new(&mut |resolve, _| core = Some(Core::new(waker(&resolve))));
    let mut core = core.expect("the executor runs at once");
    let now = js_sys::Date::now();
    let query = core.add("[\"a\"]", "", 0, 0.0, 0.0, 30.0, false, 0.0, now, HERE);
    effects(&core);
    JsFuture::from(woken).await.expect("the timer fires");
    assert!(js_sys::Date::now() - now >= 29.0, "not early");
    let mark = core.begin_wake();
    while core.wake(mark, js_sys::Date::now(), HERE) {}
    let words = effects(&core);
    let removed = [f64::from(EffectCode::Removed as u32), f64::from(query)];
    assert!(words.windows(2).any(|pair| pair == removed), "{words:?}");
}

#[wasm_bindgen_test]
fn a_freed_handle_answers_with_an_error() {
    let handle = JsValue::from(core());
    let call = |name: &str| {
        let method: Function = Reflect::get(&handle, &name.into()).expect(name).unchecked_into();
        Reflect::apply(&method, &handle, &Array::new())
    };
    assert!(call("beginWake").is_ok());
    call("free").expect("the first free");
    assert!(call("beginWake").is_err(), "nothing is read from memory that others may have now");
}
