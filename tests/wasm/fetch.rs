//! The built-in fetch against a real server: `scripts/tests/http-server.js`, which says what its addresses mean.

mod answers;
mod failures;

use gloo_timers::callback::Timeout;
use js_sys::{Array, JSON, Object, Promise, Reflect, encode_uri_component};
use samekey::client::JsonRequest;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers};

fn at(path: &str) -> String {
    let origin = option_env!("SAMEKEY_TEST_ORIGIN");
    format!("{}{path}", origin.expect("`make test-wasm` starts the server and says where it is"))
}

/// The address of an answer like this.
fn answer(like: &[(&str, &str)]) -> String {
    let value = |text| String::from(encode_uri_component(text));
    let like: Vec<_> = like.iter().map(|(name, text)| format!("{name}={}", value(text))).collect();
    at(&format!("/answer?{}", like.join("&")))
}

const ANSWER: [&str; 5] = ["unchanged", "data", "etag", "hash", "maxAge"];
const PROBLEM: [&str; 5] = ["code", "retryable", "status", "body", "cause"];

/// Sends a request as `fetchEndpoint.ts` does. `more` are its options as JSON: `etag`, `hash`, `timeout`, `headers`
/// (pairs), `includeCredentials`. What comes is an object with the names above.
async fn fetch(url: &str, more: &str, signal: Option<AbortSignal>) -> Result<JsValue, JsValue> {
    let more = JSON::parse(more).expect("JSON");
    let number = |name, default: f64| field(&more, name).as_f64().unwrap_or(default);
    let etag = field(&more, "etag").as_string();
    let (hash, timeout) = (number("hash", f64::NAN), number("timeout", f64::INFINITY));
    let mut request = JsonRequest::new(etag, hash, timeout, signal);
    let headers = Headers::new().expect("headers");
    for pair in field(&more, "headers").dyn_into::<Array>().unwrap_or_default() {
        let pair = Array::from(&pair);
        let value = |at| pair.get(at).as_string().expect("text");
        headers.set(&value(0), &value(1)).expect("a header");
    }
    let credentials = field(&more, "includeCredentials").is_truthy();
    match read(&mut request, url, headers, credentials).await {
        Ok(answer) => Ok(named(&ANSWER, &answer)),
        Err(thrown) => Err(named(
            &PROBLEM,
            &match thrown.dyn_into() {
                Ok(problem) => problem,
                Err(cause) => request.problem(cause),
            },
        )),
    }
}

async fn read(
    request: &mut JsonRequest,
    url: &str,
    headers: Headers,
    credentials: bool,
) -> Result<Array, JsValue> {
    let response = JsFuture::from(request.send(url, headers, credentials)?).await?;
    let body = match request.receive(response.unchecked_into())? {
        Some(body) => Some(JsFuture::from(body).await?.unchecked_into()),
        None => None,
    };
    Ok(request.answer(body)?)
}

fn named(names: &[&str], values: &Array) -> JsValue {
    let object = Object::new();
    for (name, value) in names.iter().zip(values.iter()) {
        Reflect::set(&object, &(*name).into(), &value).expect("an object");
    }
    object.into()
}

async fn get(url: &str, more: &str) -> Result<JsValue, JsValue> {
    fetch(url, more, None).await
}

fn field(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &name.into()).expect("an object")
}

fn text(of: &JsValue, name: &str) -> String {
    field(of, name).as_string().unwrap_or_else(|| panic!("{name} of {of:?}"))
}

fn json(value: &JsValue) -> String {
    JSON::stringify(value).ok().and_then(|text| text.as_string()).unwrap_or_default()
}

/// Waits until the server has counted one request of this name as `what`.
async fn seen(name: &str, what: &str) {
    for _ in 0..3_000 {
        if count(name, what).await == 1.0 {
            return;
        }
        let pause = Promise::new(&mut |resolve, _| {
            Timeout::new(20, move || drop(resolve.call0(&JsValue::NULL))).forget();
        });
        JsFuture::from(pause).await.expect("a timer");
    }
    panic!("no request {name} was {what}");
}

async fn count(name: &str, what: &str) -> f64 {
    let reply = get(&at(&format!("/seen?name={name}")), "{}").await.expect("a count");
    field(&field(&reply, "data"), what).as_f64().expect("a number")
}
