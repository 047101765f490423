//! The connection to a stream, as TypeScript holds it: numbers in, one number out, and a timer that wakes.

use js_sys::{Array, Date, Function, Promise, Reflect, global};
use samekey::client::{LinkAct, LinkFaultCode, LinkPlace, LinkStatusCode, LinkSteps, LiveLink};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

use super::{HERE, waker};

/// A link that writes down on the page when it was woken.
fn link(times: &str) -> LiveLink {
    let note = format!("(globalThis.{times} ??= []).push(Date.now())");
    LiveLink::new(waker(&Function::new_no_args(&note)), false, false, 7)
}

/// When it was woken (ms since the epoch).
fn woken(times: &str) -> Vec<f64> {
    let times = Reflect::get(&global(), &JsValue::from_str(times)).unwrap();
    let times = times.dyn_into::<Array>().unwrap_or_default();
    times.iter().filter_map(|time| time.as_f64()).collect()
}

async fn sleep(millis: u32) {
    let body = format!("setTimeout(resolve, {millis})");
    let wait = Function::new_with_args("resolve", &body);
    let promise = Promise::new(&mut |resolve, _| {
        wait.call1(&JsValue::NULL, &resolve).unwrap();
    });
    JsFuture::from(promise).await.unwrap();
}

fn status(answer: u32) -> u32 {
    answer >> 24 & 15
}

fn has(answer: u32, step: LinkSteps) -> bool {
    answer & step as u32 != 0
}

#[wasm_bindgen_test]
fn an_answer_is_the_steps_the_status_and_the_fault() {
    let mut link = link("unused");
    let now = Date::now();
    let answer = link.act(LinkAct::Start, 0.0, 0.0, now, HERE);
    assert!(has(answer, LinkSteps::Connect) && has(answer, LinkSteps::Status));
    assert_eq!(status(answer), LinkStatusCode::Connecting as u32);
    let answer = link.act(LinkAct::Greeted, 15_000.0, f64::from(LinkPlace::Now as u32), now, HERE);
    assert!(has(answer, LinkSteps::Cover) && has(answer, LinkSteps::Reset));
    assert_eq!(status(answer), LinkStatusCode::Open as u32);
    let answer = link.act(LinkAct::Answered, 401.0, f64::NAN, now, HERE);
    assert_eq!(status(answer), LinkStatusCode::Stopped as u32);
    assert_eq!(answer >> 28, LinkFaultCode::Unauthorized as u32);
    assert!(!has(answer, LinkSteps::Connect));
}

#[wasm_bindgen_test]
fn how_far_back_it_looks_is_a_time() {
    let mut link = link("unused");
    link.act(LinkAct::Start, 0.0, 0.0, 1_000.0, HERE);
    assert_eq!(link.look_back(f64::INFINITY, 1_500.0), 1_500.0);
}

#[wasm_bindgen_test]
async fn its_timer_wakes_when_nothing_is_heard_and_not_before() {
    let mut link = link("wokenBySilence");
    link.act(LinkAct::Start, 0.0, 0.0, Date::now(), HERE);
    let place = f64::from(LinkPlace::LookBack as u32);
    let greeted = Date::now();
    link.act(LinkAct::Greeted, 40.0, place, greeted, HERE);
    while woken("wokenBySilence").is_empty() {
        sleep(20).await;
    }
    sleep(200).await;
    // Two heart-beats and a half, by the clock of the waking: a page may stand still before it looks.
    let times = woken("wokenBySilence");
    assert!(matches!(times[..], [at] if at >= greeted + 99.0), "{greeted}: {times:?}");
    let answer = link.act(LinkAct::Wake, 0.0, 0.0, Date::now(), HERE);
    assert!(has(answer, LinkSteps::Disconnect) && has(answer, LinkSteps::Report));
    assert_eq!(answer >> 28, LinkFaultCode::Silence as u32);
}

#[wasm_bindgen_test]
async fn stopped_and_freed_it_wakes_nobody() {
    let mut link = link("wokenByTheDead");
    link.act(LinkAct::Start, 0.0, 0.0, Date::now(), HERE);
    link.act(LinkAct::Greeted, 20.0, 0.0, Date::now(), HERE);
    link.act(LinkAct::Stop, 0.0, 0.0, Date::now(), HERE);
    drop(link);
    sleep(120).await;
    assert!(woken("wokenByTheDead").is_empty());
}
