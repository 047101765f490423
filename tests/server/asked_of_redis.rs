//! How often Redis is asked, by its own count.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use samekey::schema::{Pattern, TypedKey};
use samekey::server::{BoxError, CacheService, L1Config, RedisStore, Store};
use serde_json::{Value, json};

use crate::fixture::{kpis, schema};
use crate::redis_server::RedisServer;

/// How often each of these commands was called since the server started.
async fn calls<const N: usize>(server: &RedisServer, commands: [&str; N]) -> [u64; N] {
    let mut other = server.client().await;
    let stats: String =
        redis::cmd("INFO").arg("commandstats").query_async(&mut other).await.unwrap();
    commands.map(|command| {
        let begins = format!("cmdstat_{command}:calls=");
        let line = stats.lines().find_map(|line| line.strip_prefix(&begins));
        line.map_or(0, |line| line.split(',').next().unwrap().parse().unwrap())
    })
}

/// Up to here a look is one `MGET`; more keys go in two halves, the second sent while the first is answered.
const ONE_MGET: usize = 31;

#[tokio::test]
async fn many_keys_are_one_look_and_what_is_missing_is_one_compute() {
    for (many, mgets) in [(ONE_MGET, 1), (100, 2)] {
        let server = RedisServer::start();
        let store = RedisStore::new(&server.patient_config()).unwrap();
        let cache = CacheService::builder(schema()).store(store).l1(L1Config::off());
        let cache = cache.build().unwrap();
        let keys: Vec<_> = (0..many).map(|n| kpis(&format!("ws{n}"))).collect();
        for key in keys.iter().step_by(2) {
            cache.set(key, &json!("stored")).await.unwrap();
        }
        let before = calls(&server, ["mget", "evalsha"]).await;
        let computes = Arc::new(Mutex::new(Vec::new()));
        let asked = computes.clone();
        let compute = move |missing: Vec<TypedKey<Value>>| {
            asked.lock().unwrap().push(missing.len());
            let computed = missing.into_iter().map(|key| (key, json!("computed"))).collect();
            async move { Ok::<_, BoxError>(computed) }
        };
        let found = cache.get_many_or_compute(&keys, compute).await.unwrap();
        for (at, value) in found.iter().enumerate() {
            let expected = if at % 2 == 0 { "stored" } else { "computed" };
            assert_eq!(value.as_deref(), Some(&json!(expected)), "{at}");
        }
        assert_eq!(*computes.lock().unwrap(), [many / 2]);
        let after = calls(&server, ["mget", "evalsha"]).await;
        assert_eq!(after[0] - before[0], mgets, "looks for {many} keys");
        let each = (after[1] - before[1]) as usize;
        assert!(each <= 2 * (many / 2) + 1, "{each} scripts: a lease and a write for each");
    }
}

#[tokio::test]
async fn a_walk_takes_steps_of_a_thousand_and_removes_five_hundred_at_a_time() {
    const KEYS: u64 = 20_000;
    let server = RedisServer::start();
    let mut other = server.client().await;
    let mut pipeline = redis::pipe();
    for n in 0..KEYS {
        pipeline
            .cmd("SET")
            .arg(format!("exec:kpis:ws{n}"))
            .arg("1")
            .arg("PX")
            .arg(600_000)
            .ignore();
    }
    let _: () = pipeline.query_async(&mut other).await.unwrap();
    let store = RedisStore::new(&server.patient_config()).unwrap();
    store.ping().await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let before = calls(&server, ["scan", "unlink", "keys", "del"]).await;
    let pattern = [Pattern::parse("exec:kpis:*").unwrap()];
    assert_eq!(store.delete_matching(&pattern, &[]).await.unwrap(), KEYS);
    let after = calls(&server, ["scan", "unlink", "keys", "del"]).await;
    let [scans, unlinks, keys, dels] = std::array::from_fn(|at| after[at] - before[at]);
    assert!((KEYS / 1_100..=KEYS / 900).contains(&scans), "{scans} SCAN");
    // Leases and values, and what a step found beyond five hundred by itself.
    let batches = 2 * KEYS / 500;
    assert!((batches..=2 * batches).contains(&unlinks), "{unlinks} UNLINK");
    assert_eq!((keys, dels), (0, 0));
}
