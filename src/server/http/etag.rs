//! Strong entity tags, and whether a client has the body already.

use axum::http::{HeaderMap, HeaderValue, header};
use xxhash_rust::xxh3::xxh3_128;

/// The tag of a body: equal bytes, equal tag.
pub(super) fn etag(body: &[u8]) -> String {
    format!("\"{:032x}\"", xxh3_128(body))
}

/// Whether `If-None-Match` names this tag. Weak comparison, as RFC 9110 asks of this header: a proxy that
/// compressed the body on its way has put `W/` before our tag.
pub(super) fn is_held(headers: &HeaderMap, etag: &str) -> bool {
    let values = headers.get_all(header::IF_NONE_MATCH).into_iter();
    let texts = values.filter_map(|value: &HeaderValue| value.to_str().ok());
    let mut tags = texts.flat_map(|text| text.split(',')).map(str::trim);
    tags.any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(values: &[&str], tag: &str) -> bool {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::IF_NONE_MATCH, value.parse().unwrap());
        }
        is_held(&headers, tag)
    }

    #[test]
    fn a_tag_is_quoted_and_follows_the_bytes() {
        assert_eq!(etag(b"{}"), etag(b"{}"));
        assert_ne!(etag(b"{}"), etag(b"{ }"));
        assert_eq!(etag(b"").len(), 34);
        assert!(etag(b"").starts_with('"') && etag(b"").ends_with('"'));
    }

    #[test]
    fn a_tag_is_found_alone_in_a_list_weak_and_by_a_star() {
        for values in [&["\"a\""][..], &["\"x\", \"a\""], &["\"x\"", "\"a\""], &["W/\"a\""], &["*"]]
        {
            assert!(held(values, "\"a\""), "{values:?}");
        }
        for values in [&[][..], &["\"b\""], &["a"], &[""], &["\"a"]] {
            assert!(!held(values, "\"a\""), "{values:?}");
        }
    }
}
