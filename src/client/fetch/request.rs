//! One request.

use std::cell::Cell;
use std::rc::Rc;

use gloo_net::http::{Headers, Response};
use gloo_timers::callback::Timeout;
use js_sys::{JSON, Promise, Uint8Array};
use serde::Serialize;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{Closure, JsValue, wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal, RequestCache, RequestCredentials, RequestInit};

use super::freshness::max_age;
use super::options::Options;
use super::reply::{Problem, Reply};

#[wasm_bindgen]
extern "C" {
    /// The global `fetch`, looked up when it is called: what replaces it (a mock, an instrument) is used.
    ///
    /// Not gloo's `Request`: it writes the address with `core::fmt`, five kilobytes of download, and traps where what
    /// `fetch` rejects with is no `Error` (as jsdom's aborts are none).
    #[wasm_bindgen(catch)]
    fn fetch(url: &str, init: &RequestInit) -> Result<Promise, JsValue>;
}

/// Gets JSON. `options` are [`Options`]; `signal` aborts.
///
/// Resolves with a [`Reply`]. Rejects with a [`Problem`] whose code is `E_HTTP_OPTIONS` (they make no request),
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
        .map_err(|error| Problem::lasting("E_HTTP_OPTIONS", error.into()))?;
    let abort = Abort::new(signal, options.timeout)?;
    let response = send(&options, &abort).await?;
    read(response, &options, &abort).await
}

async fn send(options: &Options, abort: &Abort) -> Result<Response, Problem> {
    let headers = Headers::new();
    headers.set("Accept", "application/json");
    for (name, value) in &options.headers {
        headers.set(name, value);
    }
    if let Some(etag) = &options.etag {
        headers.set("If-None-Match", etag);
    }
    let init = RequestInit::new();
    init.set_headers(&headers.into_raw());
    init.set_signal(Some(&abort.controller.signal()));
    // The browser's own cache must never answer in the server's place: after an invalidation, and a reload, it
    // would bring the old data back with a whole `max-age`; and a 304 would never be seen.
    init.set_cache(RequestCache::NoStore);
    if options.include_credentials {
        init.set_credentials(RequestCredentials::Include);
    }
    let response = fetch(&options.url, &init).map_err(|cause| abort.problem(cause))?;
    let response = JsFuture::from(response).await.map_err(|cause| abort.problem(cause))?;
    Ok(response.unchecked_into::<web_sys::Response>().into())
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
    let ok = response.ok();
    let body = body(response.into()).await.map_err(|cause| abort.problem(cause))?;
    if !ok {
        let body = parse(&body).unwrap_or_else(|_| JsValue::from_str(&text(&body)));
        return Err(Problem::answered(status, body));
    }
    let hash = Some(hash(&body));
    if hash == options.hash {
        return Ok(Reply { unchanged: true, data: JsValue::UNDEFINED, etag, hash, max_age });
    }
    let data = parse(&body).map_err(|cause| Problem {
        status: Some(status),
        ..Problem::lasting("E_HTTP_BODY", cause)
    })?;
    Ok(Reply { unchanged: false, data, etag, hash, max_age })
}

async fn body(response: web_sys::Response) -> Result<Vec<u8>, JsValue> {
    let buffer = JsFuture::from(response.array_buffer()?).await?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

fn parse(body: &[u8]) -> Result<JsValue, JsValue> {
    let text = str::from_utf8(body).map_err(|_| JsValue::from_str("the body is no UTF-8"))?;
    JSON::parse(text)
}

/// Of a body that is to be shown, not parsed: what is no UTF-8 in it is left out.
fn text(body: &[u8]) -> String {
    body.utf8_chunks().map(|chunk| chunk.valid()).collect()
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
        let controller =
            AbortController::new().map_err(|cause| Problem::lasting("E_HTTP_OPTIONS", cause))?;
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

    /// Why there is no answer; `cause` is what the browser said.
    fn problem(&self, cause: JsValue) -> Problem {
        let code = if self.timed_out.get() {
            "E_HTTP_TIMEOUT"
        } else if self.controller.signal().aborted() {
            "E_HTTP_ABORTED"
        } else {
            "E_HTTP_NETWORK"
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
