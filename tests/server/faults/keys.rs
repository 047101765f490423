//! Rows 30, 34 to 36: times and identifiers at the edges, and a walk over many keys.

use std::time::{Duration, Instant};

use bytes::Bytes;
use samekey::schema::Pattern;
use samekey::server::{Record, RedisStore, Store, Ttl};
use serde_json::json;

use super::{of, over, patient};
use crate::fixture::{executive, kpis};
use crate::redis_server::RedisServer;

/// 30: no time to live makes a key that lives for ever.
#[tokio::test]
async fn row_30_no_time_to_live_makes_a_key_that_stays() {
    let server = RedisServer::start();
    let cache = patient(&server);
    for refused in [Duration::ZERO, Duration::from_nanos(1), Duration::from_micros(999)] {
        let error = cache.set_for(&kpis("ws1"), &json!(1), refused).await.unwrap_err();
        assert_eq!(error.code(), "E_TTL_TOO_SHORT");
    }
    assert!(!cache.exists(kpis("ws1")).await.unwrap(), "nothing was stored");
    let mut other = server.client().await;
    for cut in [Duration::from_secs(400 * 86_400), Duration::from_millis(u64::MAX), Duration::MAX] {
        cache.set_for(&kpis("ws1"), &json!(1), cut).await.unwrap();
        let left: i64 =
            redis::cmd("PTTL").arg("exec:kpis:ws1").query_async(&mut other).await.unwrap();
        let year = i64::try_from(Ttl::MAX.as_millis()).unwrap();
        assert!(left > year - 10_000 && left <= year, "{cut:?}: {left}");
    }
    cache.set_for(&kpis("ws2"), &json!(1), Duration::from_millis(1)).await.unwrap();
    let left: i64 = redis::cmd("PTTL").arg("exec:kpis:ws2").query_async(&mut other).await.unwrap();
    assert!(left == -2 || left == 0 || left == 1, "{left}");
}

/// Identifiers that mean something to Redis's glob, to our keys, to C, or to nobody.
fn odd_ids() -> Vec<String> {
    let odd = [
        "*", "?", "[a-z]", "\\", "{", "}", "{ws1}", "\0", "🦀", "%3A", "%", ":", "::", "a*", "*a",
        "ws1", "ws?", "ws\\1", "\r\n", " ", "[^w]s1", "ws[1]", "été", "-", "\"", "$", "~l", ":~l",
    ];
    odd.map(String::from).into_iter().chain([["x"; 10_000].concat()]).collect()
}

/// 34: whatever an identifier is, its key is its own, and a pattern finds its own keys only, in a real Redis
/// and under a namespace that is a glob as well.
#[tokio::test]
async fn row_34_odd_identifiers_have_keys_of_their_own_and_patterns_find_no_others() {
    let server = RedisServer::start();
    for namespace in ["", "[a]*:"] {
        let config = server.patient_config().namespace(namespace);
        let cache = over(RedisStore::new(&config).unwrap());
        let ids = odd_ids();
        let fill = || async {
            for id in &ids {
                cache.set(&kpis(id), &of(id)).await.unwrap();
                cache.set(&executive(id, "7d"), &of(id)).await.unwrap();
            }
        };
        fill().await;
        for id in &ids {
            assert_eq!(cache.get(&kpis(id)).await.unwrap().as_deref(), Some(&of(id)), "{id:?}");
        }
        for gone in &ids {
            let removed = cache.invalidate_workspace(gone).await.unwrap();
            assert_eq!(removed.deleted, 2, "{gone:?} with {namespace:?}");
            let key = executive(gone, "7d");
            let pattern = key.as_str().strip_suffix("7d").unwrap().to_owned() + "*";
            cache.set(&key, &of(gone)).await.unwrap();
            assert_eq!(cache.invalidate_pattern(&pattern).await.unwrap().deleted, 1, "{pattern}");
            for kept in ids.iter().filter(|id| *id != gone) {
                assert!(cache.exists(kpis(kept)).await.unwrap(), "{kept:?} went with {gone:?}");
            }
            cache.set(&kpis(gone), &of(gone)).await.unwrap();
            cache.set(&key, &of(gone)).await.unwrap();
        }
        assert_eq!(cache.invalidate_pattern("exec:*").await.unwrap().deleted, 2 * ids.len() as u64);
    }
}

/// 34: an empty identifier makes no key.
#[test]
fn row_34_an_empty_identifier_is_refused() {
    let error = samekey::schema::Key::new(["exec", "kpis", ""]).unwrap_err();
    assert_eq!(error.code(), "E_KEY_EMPTY_IDENTIFIER");
}

/// 35: an identifier with a `:` stays one segment: it forges no other family's key, and no pattern of another
/// workspace means it.
#[tokio::test]
async fn row_35_a_colon_in_an_identifier_forges_no_key() {
    let server = RedisServer::start();
    let cache = patient(&server);
    let forged = kpis("ws1:7d");
    assert_eq!(forged.as_str(), "exec:kpis:ws1%3A7d");
    cache.set(&forged, &json!("forged")).await.unwrap();
    cache.set(&executive("ws1", "7d"), &json!("real")).await.unwrap();
    assert_eq!(cache.invalidate_workspace("ws1").await.unwrap().deleted, 1);
    assert!(cache.exists(&forged).await.unwrap());
    let tricky = kpis("ws1:7d:x");
    assert_ne!(tricky.as_str(), forged.as_str());
}

/// 36: 100,000 keys, of which some come and go meanwhile and some are not even text: what was there throughout
/// and is meant is gone, nothing else is, and other callers hardly notice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_36_a_walk_over_many_keys_finds_all_that_stay_and_holds_nobody_up() {
    let server = RedisServer::start();
    let store = std::sync::Arc::new(RedisStore::new(&server.patient_config()).unwrap());
    let mut other = server.client().await;
    for batch in 0..100 {
        let mut pipeline = redis::pipe();
        for n in 0..1_000 {
            let id = batch * 1_000 + n;
            let family = if id % 10 == 0 { "exec:kpis" } else { "ws:overview" };
            pipeline.cmd("SET").arg(format!("{family}:ws{id}")).arg("1").arg("PX").arg(600_000);
        }
        let _: () = pipeline.query_async(&mut other).await.unwrap();
    }
    let odd = &b"exec:kpis:\xff\xfe"[..];
    let _: () = redis::cmd("SET").arg(odd).arg("x").query_async(&mut other).await.unwrap();

    let coming_and_going = tokio::spawn({
        let mut other = server.client().await;
        async move {
            for n in 0_u64.. {
                let key = format!("exec:kpis:new{}", n % 500);
                let command = if n % 2 == 0 { "SET" } else { "DEL" };
                let mut command = redis::cmd(command);
                command.arg(key);
                if n % 2 == 0 {
                    command.arg("1").arg("PX").arg(600_000);
                }
                let _: redis::Value = command.query_async(&mut other).await.unwrap();
            }
        }
    });
    let others = tokio::spawn({
        let store = store.clone();
        async move {
            let mut times = Vec::new();
            for n in 0..2_000 {
                let asked = Instant::now();
                store.get(&format!("ws:overview:ws{}", n * 10 + 1)).await.unwrap();
                times.push(asked.elapsed());
            }
            times.sort();
            times
        }
    });
    let pattern = [Pattern::parse("exec:kpis:*").unwrap()];
    let removed = store.delete_matching(&pattern, &[]).await.unwrap();
    coming_and_going.abort();
    let times = others.await.unwrap();
    assert!(removed >= 10_000, "{removed}");
    for id in (0..100_000).step_by(10) {
        if id % 1_000 == 0 {
            assert!(!store.exists(&format!("exec:kpis:ws{id}")).await.unwrap());
        }
    }
    let mut left: Vec<Vec<u8>> =
        redis::cmd("KEYS").arg("exec:kpis:*").query_async(&mut other).await.unwrap();
    left.retain(|key| !key.starts_with(b"exec:kpis:new"));
    assert_eq!(left, [odd.to_vec()], "all that stayed, and what is no text is nobody's");
    let kept: u64 = redis::cmd("DBSIZE").query_async(&mut other).await.unwrap();
    assert!(kept >= 90_000);
    // Of most: now and then the machine itself holds somebody up.
    let median = times[times.len() / 2];
    assert!(median < Duration::from_millis(100), "the others take {median:?}");
    let record =
        Record::new("k", Bytes::from_static(b"1"), Ttl::new(Duration::from_secs(1)).unwrap());
    store.set(record).await.unwrap();
}
