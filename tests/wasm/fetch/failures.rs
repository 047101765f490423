//! What went wrong, by its code, and whether to try again.

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::AbortController;

use super::{answer, at, count, fetch, field, get, json, seen, text};

/// Code, status, whether to try again, and the body as JSON.
type Problem = (String, Option<f64>, bool, String);

fn problem(outcome: Result<JsValue, JsValue>) -> Problem {
    let told = outcome.expect_err("a problem");
    let retryable = field(&told, "retryable").as_bool().expect("yes or no");
    let status = field(&told, "status").as_f64();
    (text(&told, "code"), status, retryable, json(&field(&told, "body")))
}

fn unanswered(code: &str) -> Problem {
    (code.into(), None, true, String::new())
}

#[wasm_bindgen_test]
async fn a_status_that_is_no_success_is_told_with_its_body() {
    for (status, retryable) in
        [("404", false), ("409", false), ("429", true), ("500", true), ("503", true)]
    {
        for (body, parsed) in
            [(r#"{"title":"Weg"}"#, r#"{"title":"Weg"}"#), ("gone, sorry", "\"gone, sorry\"")]
        {
            let told = problem(get(&answer(&[("status", status), ("body", body)]), "{}").await);
            let number = status.parse().ok();
            assert_eq!(told, ("E_HTTP_STATUS".into(), number, retryable, parsed.into()));
        }
    }
}

#[wasm_bindgen_test]
async fn a_success_whose_body_is_no_json_is_a_problem_that_lasts() {
    for body in ["<html></html>", "{\"total\":", ""] {
        let told = problem(get(&answer(&[("body", body)]), "{}").await);
        assert_eq!(told, ("E_HTTP_BODY".into(), Some(200.0), false, String::new()), "{body}");
    }
}

#[wasm_bindgen_test]
async fn where_nobody_listens_is_a_problem_of_the_network() {
    let closed = text(&get(&at("/closed"), "{}").await.expect("an answer"), "data");
    let outcome = get(&closed, "{}").await;
    let cause = field(outcome.as_ref().expect_err("a problem"), "cause");
    assert_eq!(text(&cause, "name"), "TypeError", "what the browser said");
    assert_eq!(problem(outcome), unanswered("E_HTTP_NETWORK"));
}

#[wasm_bindgen_test]
async fn a_server_that_is_too_slow_is_given_up() {
    let slow = answer(&[("wait", "600000")]);
    assert_eq!(problem(get(&slow, r#"{"timeout":100}"#).await), unanswered("E_HTTP_TIMEOUT"));
    let stalled = answer(&[("body", "[1,"), ("stall", "")]);
    assert_eq!(problem(get(&stalled, r#"{"timeout":300}"#).await), unanswered("E_HTTP_TIMEOUT"));
}

#[wasm_bindgen_test]
async fn an_answer_in_time_is_taken() {
    let url = answer(&[("body", "1"), ("wait", "50")]);
    let reply = get(&url, r#"{"timeout":600000}"#).await.expect("an answer");
    assert_eq!(field(&reply, "data"), 1);
}

#[wasm_bindgen_test]
async fn what_was_aborted_before_is_not_sent() {
    let controller = AbortController::new().expect("a controller");
    controller.abort();
    let url = answer(&[("name", "before"), ("body", "1")]);
    let outcome = fetch(&url, "{}", Some(controller.signal())).await;
    assert_eq!(problem(outcome), unanswered("E_HTTP_ABORTED"));
    assert_eq!(count("before", "begun").await, 0.0);
}

#[wasm_bindgen_test]
async fn what_is_aborted_on_the_way_ends_at_the_server_too() {
    let waiting = answer(&[("name", "waiting"), ("wait", "600000")]);
    let stalled = answer(&[("name", "halfway"), ("body", "[1,"), ("stall", "")]);
    for (name, url) in [("waiting", waiting), ("halfway", stalled)] {
        let controller = AbortController::new().expect("a controller");
        // A timeout too: who came first is told.
        let signal = Some(controller.signal());
        let running =
            future_to_promise(async move { fetch(&url, r#"{"timeout":600000}"#, signal).await });
        seen(name, "begun").await;
        controller.abort();
        assert_eq!(problem(JsFuture::from(running).await), unanswered("E_HTTP_ABORTED"), "{name}");
        seen(name, "aborted").await;
    }
}
