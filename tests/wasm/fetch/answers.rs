//! What is asked, and what a good answer gives.

use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use super::{answer, at, count, field, get, json, text};

const BODY: &str = r#"{"total":17,"city":"Zürich"}"#;

#[wasm_bindgen_test]
async fn an_answer_gives_its_data_its_tag_its_hash_and_its_freshness() {
    let like =
        [("body", BODY), ("etag", "\"a1\""), ("cache-control", "private, no-cache, max-age=17")];
    let reply = get(&answer(&like), "{}").await.expect("an answer");
    assert_eq!(field(&reply, "unchanged"), JsValue::FALSE);
    assert_eq!(json(&field(&reply, "data")), BODY);
    assert_eq!(text(&reply, "etag"), "\"a1\"");
    assert_eq!(field(&reply, "maxAge"), 17);
    let hash = field(&reply, "hash").as_f64().expect("a number");
    assert!(hash > 0.0 && hash.fract() == 0.0 && hash < 2_f64.powi(53), "{hash}");
}

#[wasm_bindgen_test]
async fn what_no_header_says_is_undefined() {
    let reply = get(&answer(&[("body", "null")]), "{}").await.expect("an answer");
    assert_eq!(field(&reply, "data"), JsValue::NULL);
    assert!(field(&reply, "etag").is_undefined() && field(&reply, "maxAge").is_undefined());
}

#[wasm_bindgen_test]
async fn no_store_and_no_cache_alone_leave_no_freshness() {
    for header in ["no-store", "no-cache", "private, max-age=17, No-Store", "No-Cache, max-age=0"] {
        let url = answer(&[("body", "1"), ("cache-control", header)]);
        assert_eq!(field(&get(&url, "{}").await.expect("an answer"), "maxAge"), 0, "{header}");
    }
}

#[wasm_bindgen_test]
async fn a_304_leaves_the_data_and_renews_its_freshness() {
    let url = answer(&[("body", BODY), ("etag", "\"a1\""), ("cache-control", "max-age=9")]);
    let reply = get(&url, r#"{"etag":"\"a1\"","hash":123}"#).await.expect("an answer");
    assert_eq!(field(&reply, "unchanged"), JsValue::TRUE);
    assert!(field(&reply, "data").is_undefined());
    assert_eq!((text(&reply, "etag"), field(&reply, "hash")), ("\"a1\"".into(), 123.into()));
    assert_eq!(field(&reply, "maxAge"), 9);

    let silent = get(&answer(&[("status", "304")]), r#"{"etag":"\"a1\"","hash":123}"#).await;
    assert_eq!(text(&silent.expect("an answer"), "etag"), "\"a1\"", "a 304 need not say it again");
}

#[wasm_bindgen_test]
async fn another_tag_brings_the_new_data() {
    let url = answer(&[("body", BODY), ("etag", "\"b2\"")]);
    let reply = get(&url, r#"{"etag":"\"a1\"","hash":123}"#).await.expect("an answer");
    assert_eq!(field(&reply, "unchanged"), JsValue::FALSE);
    assert_eq!(
        (json(&field(&reply, "data")), text(&reply, "etag")),
        (BODY.into(), "\"b2\"".into())
    );
}

#[wasm_bindgen_test]
async fn without_a_tag_the_same_body_is_known_by_its_hash() {
    let url = answer(&[("body", BODY), ("cache-control", "max-age=5")]);
    let hash = field(&get(&url, "{}").await.expect("an answer"), "hash");
    let known = format!(r#"{{"hash":{}}}"#, json(&hash));
    let same = get(&url, &known).await.expect("an answer");
    assert_eq!(field(&same, "unchanged"), JsValue::TRUE);
    assert!(field(&same, "data").is_undefined());
    assert_eq!((field(&same, "hash"), field(&same, "maxAge")), (hash, 5.into()));

    let other = get(&answer(&[("body", &BODY.replace("17", "18"))]), &known).await;
    assert_eq!(field(&other.expect("an answer"), "unchanged"), JsValue::FALSE);
}

#[wasm_bindgen_test]
async fn the_browsers_own_cache_never_answers() {
    let url = answer(&[("body", "1"), ("cache-control", "max-age=60"), ("name", "twice")]);
    get(&url, "{}").await.expect("an answer");
    get(&url, "{}").await.expect("an answer");
    assert_eq!(count("twice", "begun").await, 2.0);
}

#[wasm_bindgen_test]
async fn the_headers_that_were_asked_for_are_sent() {
    let more = r#"{"headers":[["X-Tenant","7"],["Authorization","Bearer t"]],"etag":"\"a1\""}"#;
    let sent = field(&get(&at("/headers"), more).await.expect("an answer"), "data");
    assert_eq!(text(&sent, "x-tenant"), "7");
    assert_eq!(text(&sent, "authorization"), "Bearer t");
    assert_eq!(text(&sent, "if-none-match"), "\"a1\"");
    assert_eq!(text(&sent, "accept"), "application/json", "unless told otherwise");
    let sent = get(&at("/headers"), r#"{"headers":[["accept","text/plain"]]}"#).await;
    assert_eq!(text(&field(&sent.expect("an answer"), "data"), "accept"), "text/plain");
}

#[wasm_bindgen_test]
async fn cookies_go_to_another_origin_only_when_told() {
    let with = r#"{"includeCredentials":true}"#;
    get(&answer(&[("body", "1"), ("set-cookie", "samekey=yes")]), with).await.expect("an answer");
    let sent = field(&get(&at("/headers"), with).await.expect("an answer"), "data");
    assert_eq!(text(&sent, "cookie"), "samekey=yes");
    let sent = field(&get(&at("/headers"), "{}").await.expect("an answer"), "data");
    assert!(field(&sent, "cookie").is_undefined());
}
