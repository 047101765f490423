//! Whatever an id is, it makes a key of its own, and only its own keys go with it: on a real Redis, whose glob
//! has ideas of its own, and in process.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use samekey::schema::Pattern;
use samekey::server::{CacheService, MemoryStore, RedisStore};
use serde_json::json;
use tokio::runtime::Runtime;

use crate::fixture::{executive, kpis, schema};
use crate::redis_server::RedisServer;

/// Ids as attackers and accidents make them: glob and key characters, escapes, blanks, other scripts, length.
fn identifier() -> impl Strategy<Value = String> {
    prop_oneof![
        "[*?\\[\\]{}\\\\:%a^-]{1,6}",
        "(ws|\\*|%3A|%2A|:){1,3}[0-9]?",
        "\\PC{1,12}",
        "[\\x00-\\x20\\x7f]{1,4}",
        "[a-z]{2000}",
    ]
}

fn only_its_own_keys_go(cache: &CacheService, runtime: &Runtime, cases: u32) {
    let mut runner =
        TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let ids = prop::collection::btree_set(identifier(), 2..6);
    let result = runner.run(&ids, |ids| {
        let ids: Vec<_> = ids.into_iter().collect();
        runtime.block_on(async {
            for id in &ids {
                cache.set(&kpis(id), &json!(id)).await.unwrap();
                cache.set(&executive(id, "7d"), &json!(id)).await.unwrap();
            }
            for id in &ids {
                prop_assert_eq!(cache.get(&kpis(id)).await.unwrap(), Some(json!(id).into()));
            }
            let (gone, kept) = ids.split_first().unwrap();
            prop_assert_eq!(cache.invalidate_workspace(gone).await.unwrap().deleted, 2);
            prop_assert!(!cache.exists(kpis(gone)).await.unwrap());
            for id in kept {
                prop_assert!(
                    cache.exists(kpis(id)).await.unwrap(),
                    "{:?} went with {:?}",
                    id,
                    gone
                );
                prop_assert!(cache.exists(executive(id, "7d")).await.unwrap());
            }
            let rest = cache.invalidate_pattern("exec:*").await.unwrap();
            prop_assert_eq!(rest.deleted, 2 * kept.len() as u64);
            Ok(())
        })
    });
    result.unwrap();
}

#[test]
fn on_redis_only_the_keys_of_an_id_go_with_it() {
    let server = RedisServer::start();
    let runtime = Runtime::new().unwrap();
    let cache = runtime.block_on(async {
        let config = server.patient_config().namespace("[a]*:");
        CacheService::new(schema(), RedisStore::new(&config).unwrap())
    });
    only_its_own_keys_go(&cache, &runtime, 100);
}

#[test]
fn in_memory_only_the_keys_of_an_id_go_with_it() {
    let cache = CacheService::new(schema(), MemoryStore::default());
    only_its_own_keys_go(&cache, &Runtime::new().unwrap(), 500);
}

/// Whatever is posted, the answer is an answer.
#[test]
fn any_text_is_a_pattern_or_an_error_and_never_reaches_beyond_the_schema() {
    let cache = CacheService::new(schema(), MemoryStore::default());
    let runtime = Runtime::new().unwrap();
    let text = "((exec|agent|celery|\\*|%2A|[a-z]{1,3}|\\PC)?:?){0,6}";
    let mut runner =
        TestRunner::new(Config { cases: 2_000, failure_persistence: None, ..Config::default() });
    let result = runner.run(&text, |text| {
        match runtime.block_on(cache.invalidate_pattern(&text)) {
            Ok(done) => {
                prop_assert_eq!(&done.patterns, std::slice::from_ref(&text));
                let first = text.split(':').next().unwrap();
                prop_assert!(["exec", "agent", "user", "report"].contains(&first), "{}", text);
                prop_assert!(Pattern::parse(&text).is_ok());
            }
            Err(error) => prop_assert!(error.code().starts_with("E_"), "{}", error),
        }
        Ok(())
    });
    result.unwrap();
}
