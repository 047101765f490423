//! Rows 24 to 33: what stands under a key is damaged, foreign, hostile, too large, of another age or shape. Row 27 is in
//! `tests/memory/bombs.rs`, where it is counted what is allocated.

use std::fs;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use samekey::schema::TypedKey;
use samekey::server::codec::{CodecSettings, Encoding};
use samekey::server::{BoxError, CacheService, L1Config, Record, RedisStore, Store, Ttl};
use serde_json::json;

use super::{ask, of, patient};
use crate::fixture::{Counted, kpis, schema};
use crate::redis_server::RedisServer;

const KEY: &str = "exec:kpis:ws1";

fn store(server: &RedisServer) -> RedisStore {
    RedisStore::new(&server.patient_config()).unwrap()
}

async fn put(store: &RedisStore, value: impl Into<Bytes>) {
    let ttl = Ttl::new(Duration::from_secs(60)).unwrap();
    store.set(Record::new(KEY, value.into(), ttl)).await.unwrap();
}

async fn stored(store: &RedisStore) -> Option<Bytes> {
    store.get(KEY).await.unwrap().map(|entry| entry.value)
}

/// A service that compresses, and what it stores for 3 kB of JSON.
async fn compressing(server: &RedisServer) -> (CacheService, Bytes) {
    let codec = CodecSettings::default().encoding(Encoding::JSON.with_lz4());
    let cache = CacheService::builder(schema())
        .store(store(server))
        .codec(codec.for_schema(&schema()).unwrap())
        .l1(L1Config::off())
        .build()
        .unwrap();
    cache.set(&kpis("ws1"), &json!(vec!["compressible"; 200])).await.unwrap();
    let value = stored(&store(server)).await.unwrap();
    assert!(value.starts_with(b"\xC1SK") && value.len() < 1_000);
    (cache, value)
}

/// 24: each cut and each changed byte of a stored value is a miss that is counted, and is computed anew.
#[tokio::test]
async fn row_24_a_damaged_value_is_a_miss_and_is_replaced() {
    let server = RedisServer::start();
    let (cache, value) = compressing(&server).await;
    let beneath = store(&server);
    let mut damaged: Vec<Vec<u8>> = (1..value.len()).map(|cut| value[..cut].to_vec()).collect();
    for at in 0..value.len() {
        for flip in [0x01, 0x80, 0xFF] {
            let mut bytes = value.to_vec();
            bytes[at] ^= flip;
            damaged.push(bytes);
        }
    }
    let cases = damaged.len() as u64;
    for bytes in damaged {
        let case = format!("{:?}", bytes.escape_ascii().to_string());
        put(&beneath, bytes).await;
        let found = cache.get(&kpis("ws1")).await.unwrap();
        assert_eq!(found, None, "{case}");
    }
    assert_eq!(cache.get_cache_stats().await.decode_errors, cases);
    put(&beneath, value[..20].to_vec()).await;
    assert_eq!(ask(&cache, "ws1").await.0, of("ws1"));
    assert_eq!(stored(&beneath).await.as_deref(), Some(&br#"{"workspace":"ws1"}"#[..]));
}

/// 24: what nobody can read is removed, unless another value stands there by then.
#[tokio::test]
async fn row_24_a_damaged_value_is_removed_only_while_it_is_the_one_that_stands_there() {
    let server = RedisServer::start();
    let (cache, value) = compressing(&server).await;
    let beneath = store(&server);
    put(&beneath, value[..20].to_vec()).await;
    cache.get(&kpis("ws1")).await.unwrap();
    assert_eq!(stored(&beneath).await, None);
    put(&beneath, "[1]").await;
    assert!(!beneath.delete_if(KEY, &value[..20]).await.unwrap());
    assert_eq!(stored(&beneath).await.as_deref(), Some(&b"[1]"[..]));
}

/// 25: a version, a codec or an encryption key of which this node knows nothing: a miss, and left for those who
/// do. Only a value that was computed replaces it, and that one everybody can read.
#[tokio::test]
async fn row_25_what_a_newer_node_wrote_is_a_miss_and_is_left_to_it() {
    let server = RedisServer::start();
    let (cache, value) = compressing(&server).await;
    let beneath = store(&server);
    for (at, byte) in [(3, 0xEE), (4, 0b11), (4, 0b0011_0000)] {
        let mut foreign = value.to_vec();
        foreign[at] = byte;
        put(&beneath, foreign.clone()).await;
        assert_eq!(cache.get(&kpis("ws1")).await.unwrap(), None);
        assert_eq!(stored(&beneath).await.as_deref(), Some(&foreign[..]), "left at {at}");
    }
    assert_eq!(ask(&cache, "ws1").await.0, of("ws1"));
    assert_eq!(cache.get(&kpis("ws1")).await.unwrap().as_deref(), Some(&of("ws1")));
}

/// 28: JSON that nests ten thousand deep is a miss for who reads it, and harms nobody.
#[tokio::test]
async fn row_28_json_that_nests_too_deep_is_a_miss() {
    let server = RedisServer::start();
    let cache = patient(&server);
    for deep in [
        "[".repeat(10_000) + &"]".repeat(10_000),
        "[".repeat(100_000),
        r#"{"a":"#.repeat(10_000) + "1" + &"}".repeat(10_000),
    ] {
        put(&store(&server), deep).await;
        assert_eq!(ask(&cache, "ws1").await.0, of("ws1"));
    }
}

/// 29: values around the limit of 1 MiB: the last that fits is stored, the next is returned and not stored, and
/// does not leave the one before it.
#[tokio::test]
async fn row_29_a_value_over_the_limit_is_returned_and_leaves_nothing_behind() {
    let server = RedisServer::start();
    let cache = patient(&server);
    let limit = CacheService::MAX_VALUE_BYTES;
    for (bytes, fits) in [(limit - 1, true), (limit, true), (limit + 1, false)] {
        cache.set(&kpis("ws1"), &json!("the one before")).await.unwrap();
        let value = json!("x".repeat(bytes - 2)); // and two quotes
        let computed = value.clone();
        let compute = || async { Ok::<_, BoxError>(computed) };
        let refresh = samekey::server::Lookup::Refresh;
        let answer = cache.get_or_compute_with(&kpis("ws1"), refresh, compute).await.unwrap();
        assert!(*answer == value, "the caller gets it");
        let length = stored(&store(&server)).await.map(|value| value.len());
        assert_eq!(length, fits.then_some(bytes));
    }
    assert_eq!(cache.get_cache_stats().await.refused_too_large, 1);
    let error = cache.set(&kpis("ws1"), &json!("x".repeat(limit))).await.unwrap_err();
    assert_eq!(error.code(), "E_VALUE_TOO_LARGE");
}

/// What says nothing of freshness.
fn may_name(file: &str, clock: &str) -> bool {
    // How long a key stays on a list is counted by the clock by which the same server lets it expire.
    let dates_a_list = file.ends_with("catching_up/in_cluster.rs") && clock == "\"TIME\"";
    // How long a removal has been owed outlasts the process, and so must the clock. It is forgotten after a year.
    let dates_a_removal =
        file.ends_with("recovery/file/line.rs") && ["SystemTime", "UNIX_EPOCH"].contains(&clock);
    dates_a_list || dates_a_removal
}

/// 31 and 32: how long a value is fresh is told by durations and by a clock that never goes back. The wall clock
/// dates log entries, tokens and jobs; no file that decides about freshness names it.
#[test]
fn row_31_no_wall_clock_decides_about_freshness() {
    fn sources(path: &Path, found: &mut Vec<String>) {
        if path.is_dir() {
            for entry in fs::read_dir(path).unwrap() {
                sources(&entry.unwrap().path(), found);
            }
        } else {
            found.push(path.to_str().unwrap().to_owned());
        }
    }
    let mut files = Vec::new();
    for room in ["compute", "l1", "service", "store", "recovery", "codec", "ttl.rs"] {
        sources(&Path::new("src/server").join(room), &mut files);
    }
    assert!(files.len() > 40, "{files:?}");
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for clock in ["SystemTime", "UNIX_EPOCH", "jiff::", "EXPIREAT", "PXAT", "\"TIME\""] {
            assert!(may_name(&file, clock) || !text.contains(clock), "{file} names {clock}");
        }
    }
}

/// 31: what two nodes take for the rest of a value's life is what Redis says, whichever stored it and however
/// long ago.
#[tokio::test]
async fn row_31_two_nodes_agree_on_what_is_left_of_a_life() {
    let server = RedisServer::start();
    let (one, two) = (patient(&server), patient(&server));
    one.set_for(&kpis("ws1"), &json!(1), Duration::from_secs(100)).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    for cache in [&one, &two] {
        let compute = || async { Ok::<_, BoxError>(json!(2)) };
        let lookup = samekey::server::Lookup::Use;
        let answer = cache.get_or_compute_json(&kpis("ws1"), lookup, compute).await.unwrap();
        let left = answer.fresh_for;
        assert!(left <= Duration::from_millis(99_750), "{left:?}");
        assert!(left > Duration::from_secs(50), "{left:?}");
    }
}

/// 33: a deployment that changed a type: each old value is a miss once, is replaced, and is not computed again.
#[tokio::test]
async fn row_33_values_of_an_old_shape_are_replaced_one_by_one() {
    #[derive(serde::Serialize, serde::Deserialize, Clone, Debug, PartialEq)]
    struct New {
        revenue: u64,
    }
    let server = RedisServer::start();
    let cache = patient(&server);
    let compute = Counted::default();
    for workspace in 0..10 {
        let key = kpis(&format!("ws{workspace}"));
        cache.set(&key, &json!({ "revenue": "an old deployment's text" })).await.unwrap();
    }
    for round in 0..5 {
        for workspace in 0..10 {
            let name = format!("ws{workspace}");
            let key: TypedKey<New> = TypedKey::new(
                samekey::schema::Key::new(["exec", "kpis", &name]).unwrap(),
                "kpis",
                Duration::from_secs(300),
            );
            let compute = compute.clone();
            let answer = cache
                .get_or_compute(&key, move || async move {
                    compute.call().await?;
                    Ok::<_, BoxError>(New { revenue: workspace })
                })
                .await
                .unwrap();
            assert_eq!(*answer, New { revenue: workspace });
        }
        assert_eq!(compute.calls(), 10, "round {round}");
    }
    let stats = cache.get_cache_stats().await;
    assert_eq!(stats.decode_errors, 10);
    let kpis = stats.families.iter().find(|family| family.family == "kpis").unwrap();
    assert_eq!(kpis.counts.decode_errors, 10, "the family shows it");
}
