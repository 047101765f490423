//! The built-in fetch against a real server: `scripts/tests/http-server.js`, which says what its addresses mean.

mod answers;
mod failures;

use gloo_timers::callback::Timeout;
use js_sys::{JSON, Promise, Reflect, encode_uri_component};
use samekey::client::fetch_json;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

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

/// The options of a request; `more` is JSON.
fn options(url: &str, more: &str) -> JsValue {
    let options = JSON::parse(more).expect("JSON");
    Reflect::set(&options, &"url".into(), &url.into()).expect("an object");
    options
}

async fn get(url: &str, more: &str) -> Result<JsValue, JsValue> {
    fetch_json(options(url, more), None).await
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
    for _ in 0..200 {
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
