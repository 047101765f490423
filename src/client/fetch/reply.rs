//! What comes back.

use serde::Serialize;
use wasm_bindgen::JsValue;

/// A good answer.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reply {
    /// The data is what is there already: a 304, or a body with the same hash. `data` is then undefined.
    pub(super) unchanged: bool,
    /// The parsed body.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    pub(super) data: JsValue,
    /// Its entity tag.
    pub(super) etag: Option<String>,
    /// Its body's hash.
    pub(super) hash: Option<String>,
    /// Seconds that it stays fresh, if the server says so.
    pub(super) max_age: Option<u32>,
}

/// A bad one.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Problem {
    /// `E_HTTP_…`, the same in TypeScript.
    pub(super) code: &'static str,
    /// Whether the same request may succeed later.
    pub(super) retryable: bool,
    /// The status, if there was an answer.
    pub(super) status: Option<u16>,
    /// The body of an answer that is no success: parsed if it is JSON, else its text.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    pub(super) body: JsValue,
    /// What the browser said.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    pub(super) cause: JsValue,
}

impl Problem {
    /// No answer, for a reason that may pass.
    pub(super) fn new(code: &'static str) -> Self {
        Self {
            code,
            retryable: true,
            status: None,
            body: JsValue::UNDEFINED,
            cause: JsValue::UNDEFINED,
        }
    }

    /// Whoever asks the same again gets the same.
    pub(super) fn lasting(code: &'static str, cause: JsValue) -> Self {
        Self { retryable: false, cause, ..Self::new(code) }
    }

    /// An answer that is no success. The server that says 4xx has understood, and refuses; but it may be too busy (429),
    /// or have lost patience (408, 425).
    pub(super) fn answered(status: u16, body: JsValue) -> Self {
        let refused = (400..500).contains(&status) && !matches!(status, 408 | 425 | 429);
        Self { retryable: !refused, status: Some(status), body, ..Self::new("E_HTTP_STATUS") }
    }
}
