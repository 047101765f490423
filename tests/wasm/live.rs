//! The connection to a stream, as TypeScript holds it: numbers in, one number out, and a timer that wakes.

use js_sys::{Date, Function, Promise, Reflect, global};
use samekey::client::{LinkAct, LinkFaultCode, LinkPlace, LinkStatusCode, LinkSteps, LiveLink};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

use super::{HERE, waker};

/// A link that counts on the page how often it was woken.
fn link(counter: &str) -> LiveLink {
    let count = format!("globalThis.{counter} = (globalThis.{counter} ?? 0) + 1");
    LiveLink::new(waker(&Function::new_no_args(&count)), false, false, 7)
}

fn woken(counter: &str) -> f64 {
    let count = Reflect::get(&global(), &JsValue::from_str(counter)).unwrap();
    count.as_f64().unwrap_or(0.0)
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
    link.act(LinkAct::Greeted, 40.0, place, Date::now(), HERE);
    sleep(30).await;
    assert_eq!(woken("wokenBySilence"), 0.0);
    sleep(200).await;
    assert_eq!(woken("wokenBySilence"), 1.0);
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
    assert_eq!(woken("wokenByTheDead"), 0.0);
}
