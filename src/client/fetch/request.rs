//! One request.

use std::cell::Cell;
use std::rc::Rc;

use gloo_net::http::{Request, Response};
use gloo_timers::callback::Timeout;
use js_sys::JSON;
use serde::Serialize;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{Closure, JsValue, wasm_bindgen};
use web_sys::{AbortController, AbortSignal, RequestCache, RequestCredentials};

use super::freshness::max_age;
use super::options::Options;
use super::reply::{Problem, Reply};

/// Gets JSON. `options` are [`Options`]; `signal` aborts.
///
/// Resolves with a [`Reply`]. Rejects with a [`Problem`] whose code is `E_HTTP_OPTIONS` (the options cannot be read),
/// `E_HTTP_NETWORK` (no answer), `E_HTTP_TIMEOUT`, `E_HTTP_ABORTED` (by `signal`), `E_HTTP_STATUS` (an answer that is no
/// success) or `E_HTTP_BODY` (a success whose body is no JSON).
#[wasm_bindgen(js_name = fetchJson)]
pub async fn fetch_json(options: JsValue, signal: Option<AbortSignal>) -> Result<JsValue, JsValue> {
    match request(options, signal).await {
        Ok(reply) => Ok(to_js(&reply)),
        Err(problem) => Err(to_js(&problem)),
    }
}

async fn request(options: JsValue, signal: Option<AbortSignal>) -> Result<Reply, Problem> {
    let options: Options = serde_wasm_bindgen::from_value(options)
        .map_err(|error| Problem { cause: error.into(), ..Problem::new("E_HTTP_OPTIONS") })?;
    let abort = Abort::new(signal, options.timeout)?;
    let response = send(&options, &abort).await?;
    read(response, &options, &abort).await
}

async fn send(options: &Options, abort: &Abort) -> Result<Response, Problem> {
    let mut request = Request::get(&options.url)
        .abort_signal(Some(&abort.controller.signal()))
        // The browser's own cache must never answer in the server's place: after an invalidation, and a reload, it
        // would bring the old data back with a whole `max-age`; and a 304 would never be seen.
        .cache(RequestCache::NoStore)
        .header("Accept", "application/json");
    for (name, value) in &options.headers {
        request = request.header(name, value);
    }
    if let Some(etag) = &options.etag {
        request = request.header("If-None-Match", etag);
    }
    if options.include_credentials {
        request = request.credentials(RequestCredentials::Include);
    }
    request.send().await.map_err(|error| abort.problem(error))
}

async fn read(response: Response, options: &Options, abort: &Abort) -> Result<Reply, Problem> {
    let headers = response.headers();
    let etag = headers.get("ETag");
    let max_age = headers.get("Cache-Control").and_then(|value| max_age(&value));
    let status = response.status();
    if status == 304 {
        let (etag, hash) = (etag.or_else(|| options.etag.clone()), options.hash.clone());
        return Ok(Reply { unchanged: true, data: JsValue::UNDEFINED, etag, hash, max_age });
    }
    let body = response.binary().await.map_err(|error| abort.problem(error))?;
    let text = String::from_utf8_lossy(&body);
    let parsed = JSON::parse(&text);
    if !response.ok() {
        let body = parsed.unwrap_or_else(|_| JsValue::from_str(&text));
        return Err(Problem { status: Some(status), body, ..Problem::new("E_HTTP_STATUS") });
    }
    let hash = Some(hash(&body));
    if hash == options.hash {
        return Ok(Reply { unchanged: true, data: JsValue::UNDEFINED, etag, hash, max_age });
    }
    let data = parsed.map_err(|cause| Problem {
        status: Some(status),
        cause,
        ..Problem::new("E_HTTP_BODY")
    })?;
    Ok(Reply { unchanged: false, data, etag, hash, max_age })
}

/// Ends the request when the caller or the clock says so. Dropped, it listens and waits no more.
struct Abort {
    controller: AbortController,
    timed_out: Rc<Cell<bool>>,
    _timeout: Option<Timeout>,
    outer: Option<(AbortSignal, Closure<dyn FnMut()>)>,
}

impl Abort {
    fn new(signal: Option<AbortSignal>, timeout: Option<u32>) -> Result<Self, Problem> {
        let controller = AbortController::new()
            .map_err(|cause| Problem { cause, ..Problem::new("E_HTTP_NETWORK") })?;
        let timed_out = Rc::new(Cell::new(false));
        let timeout = timeout.map(|millis| {
            let (controller, timed_out) = (controller.clone(), timed_out.clone());
            Timeout::new(millis.min(i32::MAX as u32), move || {
                timed_out.set(true);
                controller.abort();
            })
        });
        let outer = signal.map(|signal| {
            let inner = controller.clone();
            if signal.aborted() {
                inner.abort();
            }
            let forward = Closure::new(move || inner.abort());
            // Nothing better can be done if the listener cannot be added than to go on without.
            let _ =
                signal.add_event_listener_with_callback("abort", forward.as_ref().unchecked_ref());
            (signal, forward)
        });
        Ok(Self { controller, timed_out, _timeout: timeout, outer })
    }

    fn problem(&self, error: gloo_net::Error) -> Problem {
        let code = if self.timed_out.get() {
            "E_HTTP_TIMEOUT"
        } else if self.controller.signal().aborted() {
            "E_HTTP_ABORTED"
        } else {
            "E_HTTP_NETWORK"
        };
        let cause = match error {
            gloo_net::Error::JsError(error) => JsValue::from_str(&error.message),
            _ => JsValue::UNDEFINED,
        };
        Problem { cause, ..Problem::new(code) }
    }
}

impl Drop for Abort {
    fn drop(&mut self) {
        if let Some((signal, forward)) = &self.outer {
            let _ = signal
                .remove_event_listener_with_callback("abort", forward.as_ref().unchecked_ref());
        }
    }
}

/// FNV-1a with 64 bits, eight bytes at a step: tells whether a body changed. (Whoever can forge a collision can send
/// any data anyway.)
fn hash(bytes: &[u8]) -> String {
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for chunk in bytes.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        hash = (hash ^ u64::from_le_bytes(word)).wrapping_mul(PRIME);
        // Multiplication only carries upwards; without this the high bytes of a word would be lost.
        hash ^= hash >> 32;
    }
    hash ^= bytes.len() as u64;
    let mut text = String::with_capacity(16);
    for shift in (0..16).rev() {
        text.push(char::from(b"0123456789abcdef"[(hash >> (4 * shift)) as usize & 15]));
    }
    text
}

fn to_js(value: &impl Serialize) -> JsValue {
    serde_wasm_bindgen::to_value(value).unwrap_or(JsValue::UNDEFINED)
}
