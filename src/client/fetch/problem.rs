//! What went wrong.

use js_sys::Array;
use wasm_bindgen::JsValue;

/// `[code, retryable, status, body, cause]`: a list, since its names would be more to download than all else here.
///
/// `code` is `E_HTTP_…`, the same in TypeScript; `retryable` whether the same request may succeed later; `status` is
/// there if there was an answer; `body` is that of an answer that is no success, parsed if it is JSON, else its text;
/// `cause` is what the browser said.
pub(super) fn problem(
    code: &str,
    retryable: bool,
    status: Option<u16>,
    body: JsValue,
    cause: JsValue,
) -> Array {
    Array::of5(&code.into(), &retryable.into(), &status.into(), &body, &cause)
}

/// An answer that is no success. The server that says 4xx has understood, and refuses; but it may be too busy (429),
/// or have lost patience (408, 425).
pub(super) fn refused(status: u16, body: JsValue) -> Array {
    let refused = (400..500).contains(&status) && !matches!(status, 408 | 425 | 429);
    problem("E_HTTP_STATUS", !refused, Some(status), body, JsValue::UNDEFINED)
}
