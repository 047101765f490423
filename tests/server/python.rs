//! A Python service on the same Redis: `json.dumps`, `json.loads`, redis-py and the generated `CacheKeys`.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use samekey::schema::TypedKey;
use samekey::server::{Answer, CacheError, CacheService, Lookup, RedisStore, Source};
use samekey::shadower;
use serde_json::{Value, json};

use crate::redis_server::RedisServer;

/// Runs `tests/python/beside.py`; what it printed.
fn python(server: &RedisServer, what: &str, entries: &Value) -> Vec<Value> {
    let mut child = Command::new(".cache/python/bin/python")
        .args(["tests/python/beside.py", &server.port().to_string(), what])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python with redis-py: `scripts/setup test` installs it");
    child.stdin.take().unwrap().write_all(entries.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "beside.py failed");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Values that two JSON libraries may write differently: spaces, escapes, floats, the order of keys.
fn values() -> [Value; 4] {
    [
        json!({ "workspace_id": "ws:1", "rate": 0.1, "large": 1e300, "none": null, "runs": [1, -2, 9_007_199_254_740_993_i64] }),
        json!("é 漢字 😀 \" \\ \u{1} /"),
        json!([]),
        json!(false),
    ]
}

fn entries() -> (Value, Vec<TypedKey<Value>>) {
    // Identifiers that have to be encoded, and the same way in both languages.
    let ids = ["h1", "a:b*c", "é 😀", "%3A{}"];
    let entry = |(id, value): (&str, Value)| json!({ "family": "query_result", "arguments": [id], "value": value });
    let entries = ids.into_iter().zip(values()).map(entry).collect();
    (entries, ids.map(|id| shadower::query_result(id).unwrap()).into())
}

async fn stored(cache: &CacheService, key: &TypedKey<Value>) -> Answer {
    let missing = || async { Err::<Value, _>(CacheError::TtlTooShort(Duration::ZERO)) };
    let answer = cache.get_or_compute_json(key, Lookup::Use, missing).await;
    answer.unwrap_or_else(|_| panic!("{key} was not found"))
}

/// A service with an encryption key, compression, and an eye for pickles.
#[cfg(feature = "pickle")]
fn with_codec(server: &RedisServer) -> CacheService {
    use samekey::server::codec::{CodecSettings, Encoding, KeyRing};
    let settings = CodecSettings::default().keys(KeyRing::ephemeral()).read_pickles();
    let settings = settings.family("query_result", Encoding::MESSAGE_PACK.with_lz4());
    let store = RedisStore::new(&server.patient_config()).unwrap();
    let builder = CacheService::builder(shadower::schema()).store(store);
    builder.codec(settings.for_schema(shadower::schema()).unwrap()).build().unwrap()
}

fn service(server: &RedisServer) -> CacheService {
    let store = RedisStore::new(&server.patient_config()).unwrap();
    CacheService::new(shadower::schema(), store)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_python_stored_is_read_with_its_lifetime() {
    let server = RedisServer::start();
    let cache = service(&server);
    let (entries, keys) = entries();
    python(&server, "write", &entries);
    for (key, value) in keys.iter().zip(values()) {
        let answer = stored(&cache, key).await;
        assert_eq!(answer.source, Source::Hit);
        assert_eq!(serde_json::from_slice::<Value>(&answer.body).unwrap(), value);
        let slept = key.ttl() - answer.fresh_for;
        assert!(slept > Duration::ZERO && slept < Duration::from_secs(30), "{slept:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stored_here_python_reads_with_its_lifetime() {
    let server = RedisServer::start();
    let cache = service(&server);
    let (entries, keys) = entries();
    for (key, value) in keys.iter().zip(values()) {
        cache.set(key, &value).await.unwrap();
    }
    let found = python(&server, "read", &entries);
    assert_eq!(found.len(), keys.len());
    for ((key, value), found) in keys.iter().zip(values()).zip(found) {
        assert_eq!(found["key"], key.as_str());
        assert_eq!(found["value"], value);
        assert_eq!(found["ttl_of"], key.ttl().as_secs());
        let slept = key.ttl().as_millis() as i64 - found["pttl"].as_i64().unwrap();
        assert!((0..30_000).contains(&slept), "{slept} ms");
    }
}

#[cfg(feature = "pickle")]
#[tokio::test(flavor = "multi_thread")]
async fn what_python_pickled_is_read_and_replaced_by_what_every_language_reads() {
    let server = RedisServer::start();
    let (plain, cache) = (service(&server), with_codec(&server));
    let (mut entries, keys) = entries();
    for entry in entries.as_array_mut().unwrap() {
        entry["pickled"] = true.into();
    }
    python(&server, "write", &entries);
    for (key, value) in keys.iter().zip(values()) {
        let answer = stored(&cache, key).await;
        assert_eq!(serde_json::from_slice::<Value>(&answer.body).unwrap(), value);
        // A service that was not asked to read pickles does not, and leaves them alone.
        assert!(plain.get(key).await.unwrap().is_none());
        assert!(plain.exists(key).await.unwrap());
    }
    plain.set(&keys[0], &values()[0]).await.unwrap();
    assert_eq!(python(&server, "read", &entries)[0]["value"], values()[0]);
}

#[cfg(feature = "pickle")]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_sensitive_or_compressed_python_finds_and_cannot_read() {
    let server = RedisServer::start();
    let cache = with_codec(&server);
    let (revenue, rows) = (json!({ "days": vec!["secret"; 40] }), json!(vec!["a row"; 400]));
    let sensitive = shadower::revenue("ws1", "7d").unwrap();
    let sensitive: TypedKey<Value> =
        TypedKey::new(sensitive.key().clone(), sensitive.family(), sensitive.ttl());
    let compressed = shadower::query_result("h1").unwrap();
    cache.set(&sensitive, &revenue).await.unwrap();
    cache.set(&compressed, &rows).await.unwrap();
    let entries = json!([
        { "family": "revenue", "arguments": ["ws1", "7d"], "value": null },
        { "family": "query_result", "arguments": ["h1"], "value": null },
    ]);
    let found = python(&server, "read", &entries);
    for (found, ttl) in found.iter().zip([sensitive.ttl(), compressed.ttl()]) {
        assert!(found.get("value").is_none(), "{found}");
        assert_eq!(found["ttl_of"], ttl.as_secs());
        assert!(found["pttl"].as_u64().unwrap() > 0);
    }
    let bytes = |index: usize| found[index]["bytes"].as_u64().unwrap();
    assert!(bytes(0) > 13 + 24 + 16 && bytes(1) < 200, "{found:?}");
    for (key, value) in [(&sensitive, revenue), (&compressed, rows)] {
        assert_eq!(
            serde_json::from_slice::<Value>(&stored(&cache, key).await.body).unwrap(),
            value
        );
    }
}
