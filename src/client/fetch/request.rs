//! One request.

use gloo_net::http::{Headers, Response};
use js_sys::{Array, ArrayBuffer, JSON, Promise, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use web_sys::{AbortSignal, RequestCache, RequestCredentials, RequestInit};

use super::abort::Abort;
use super::freshness::max_age;
use super::hash::hash;
use super::problem::{problem, refused};

#[wasm_bindgen]
extern "C" {
    /// The global `fetch`, looked up when it is called: what replaces it (a mock, an instrument) is used.
    ///
    /// Not gloo's `Request`: it writes the address with `core::fmt`, five kilobytes of download, and traps where what
    /// `fetch` rejects with is no `Error` (as jsdom's aborts are none).
    #[wasm_bindgen(catch)]
    fn fetch(url: &str, init: &RequestInit) -> Result<Promise, JsValue>;
}

/// A request, from [`JsonRequest::send`] by [`JsonRequest::receive`] to [`JsonRequest::answer`]; whatever is thrown or rejected
/// on the way becomes a problem by [`JsonRequest::problem`]. Freed, it listens to no signal and waits no more.
#[wasm_bindgen]
pub struct JsonRequest {
    abort: Abort,
    /// The entity tag and the hash of the data that is there already, then of what came.
    etag: Option<String>,
    known: f64,
    /// Seconds that the answer stays fresh, if the server says so.
    max_age: Option<u32>,
    /// 0 before there is one.
    status: u16,
}

#[wasm_bindgen]
impl JsonRequest {
    /// `etag` and `known` are those of the data that is there already (NaN: it has no hash), `timeout` milliseconds
    /// (infinite: none), and `signal` aborts.
    #[wasm_bindgen(constructor)]
    pub fn new(
        etag: Option<String>,
        known: f64,
        timeout: f64,
        signal: Option<AbortSignal>,
    ) -> Self {
        Self { abort: Abort::new(signal, timeout), etag, known, max_age: None, status: 0 }
    }

    /// Asks `url`, relative to the page or absolute. Gives the promise of a `Response`.
    ///
    /// # Errors
    /// What a `fetch` throws that is not the platform's.
    pub fn send(
        &self,
        url: &str,
        headers: web_sys::Headers,
        include_credentials: bool,
    ) -> Result<Promise, JsValue> {
        let headers = Headers::from_raw(headers);
        if !headers.has("Accept") {
            headers.set("Accept", "application/json");
        }
        if let Some(etag) = &self.etag {
            headers.set("If-None-Match", etag);
        }
        let init = RequestInit::new();
        init.set_headers(&headers.into_raw());
        init.set_signal(Some(&self.abort.signal()));
        // The browser's own cache must never answer in the server's place: after an invalidation, and a reload, it
        // would bring the old data back with a whole `max-age`; and a 304 would never be seen.
        init.set_cache(RequestCache::NoStore);
        if include_credentials {
            init.set_credentials(RequestCredentials::Include);
        }
        fetch(url, &init)
    }

    /// Reads the head of the response. Gives the promise of the body, an `ArrayBuffer`, if it is wanted.
    ///
    /// # Errors
    /// What the browser says of a body that cannot be read.
    pub fn receive(&mut self, response: web_sys::Response) -> Result<Option<Promise>, JsValue> {
        let response = Response::from(response);
        let headers = response.headers();
        self.max_age = headers.get("Cache-Control").and_then(|value| max_age(&value));
        self.status = response.status();
        let etag = headers.get("ETag");
        if self.status == 304 {
            // Which need not say it again.
            self.etag = etag.or(self.etag.take());
            return Ok(None);
        }
        self.etag = etag;
        let response: web_sys::Response = response.into();
        response.array_buffer().map(|promise| Some(promise.unchecked_into()))
    }

    /// What the body means: `[unchanged, data, etag, hash, maxAge]`. `unchanged` says that the data is what is there
    /// already, by a 304 or by its hash; `data` is then undefined. `maxAge` are seconds.
    ///
    /// # Errors
    /// A problem whose code is `E_HTTP_STATUS` (an answer that is no success) or `E_HTTP_BODY` (a success whose body is
    /// no JSON).
    pub fn answer(&mut self, body: Option<ArrayBuffer>) -> Result<Array, Array> {
        let body = body.map(|body| Uint8Array::new(&body).to_vec());
        let mut data = JsValue::UNDEFINED;
        let mut unchanged = true;
        if let Some(body) = body {
            if !(200..300).contains(&self.status) {
                let body = parse(&body).unwrap_or_else(|_| text(&body).into());
                return Err(refused(self.status, body));
            }
            let hash = hash(&body);
            unchanged = hash == self.known;
            self.known = hash;
            if !unchanged {
                data = parse(&body).map_err(|cause| {
                    problem("E_HTTP_BODY", false, Some(self.status), JsValue::UNDEFINED, cause)
                })?;
            }
        }
        let (etag, hash, max_age) =
            (self.etag.take().into(), self.known.into(), self.max_age.into());
        Ok(Array::of5(&unchanged.into(), &data, &etag, &hash, &max_age))
    }

    /// Why there is no answer, of what was thrown or rejected: `[code, retryable, status, body, cause]`, whose code is
    /// `E_HTTP_NETWORK` (no answer), `E_HTTP_TIMEOUT` or `E_HTTP_ABORTED` (by the signal).
    pub fn problem(&self, cause: JsValue) -> Array {
        problem(self.abort.reason(), true, None, JsValue::UNDEFINED, cause)
    }
}

fn parse(body: &[u8]) -> Result<JsValue, JsValue> {
    let text = str::from_utf8(body).map_err(|_| JsValue::from_str("the body is no UTF-8"))?;
    JSON::parse(text)
}

/// Of a body that is to be shown, not parsed: what is no UTF-8 in it is left out.
fn text(body: &[u8]) -> String {
    body.utf8_chunks().map(|chunk| chunk.valid()).collect()
}
