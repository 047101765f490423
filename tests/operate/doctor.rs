use samekey::server::http::Routes;
use samekey::server::{BoxError, CacheService, RedisStore};
use samekey::shadower;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::spawn_blocking;

use crate::command::{fill, run};
use crate::redis_server::RedisServer;

/// A server with nothing to mend.
fn sound() -> RedisServer {
    RedisServer::start_with(&["--maxmemory", "512mb", "--maxmemory-policy", "volatile-lfu"])
}

/// What a run with `--json` found: each code with its weight.
fn found(out: &str) -> Vec<(String, String)> {
    let found: Vec<Value> = serde_json::from_str(out).unwrap();
    let text = |it: &Value, name: &str| it[name].as_str().unwrap().to_owned();
    found.iter().map(|it| (text(it, "code"), text(it, "weight"))).collect()
}

#[test]
fn redis_as_we_ship_it_needs_no_advice() {
    let redis = sound();
    fill(&redis.url(), &["exec:kpis:ws1"], false);

    let ran = run(&["doctor", "--redis", &redis.url()]);

    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    for line in
        ["1 keys of this schema's families", "nothing to mend", "hit rates were not looked at"]
    {
        assert!(ran.out.contains(line), "{line}\n{}", ran.out);
    }
}

#[test]
fn a_key_that_never_expires_is_wrong_and_a_missing_limit_is_a_hint() {
    let redis = RedisServer::start();
    fill(&redis.url(), &["exec:kpis:ws1", "exec:old:ws1"], true);

    let ran = run(&["doctor", "--json", "--redis", &redis.url()]);

    assert_eq!(ran.code, 1);
    let wanted = [
        ("D_MAXMEMORY", "hint"),
        ("D_KEYS_WITHOUT_TTL", "wrong"),
        ("D_STRANGERS", "hint"),
        ("D_NODE_UNASKED", "note"),
    ];
    assert_eq!(found(&ran.out), wanted.map(|(code, weight)| (code.to_owned(), weight.to_owned())));
    let first: Vec<Value> = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((&first[0]["wrong"], &first[1]["wrong"]), (&json!(false), &json!(true)));
}

#[test]
fn only_values_over_a_megabyte_are_oversized_not_those_that_merely_take_as_much_memory() {
    let redis = sound();
    let mut connection = redis::Client::open(redis.url()).unwrap().get_connection().unwrap();
    for (key, bytes) in [("exec:kpis:ws1", 1 << 20), ("exec:kpis:ws2", (1 << 20) + 1)] {
        redis::cmd("SET")
            .arg(key)
            .arg("x".repeat(bytes))
            .arg("EX")
            .arg(3_600)
            .exec(&mut connection)
            .unwrap();
    }

    let ran = run(&["doctor", "--redis", &redis.url()]);

    assert_eq!(ran.code, 1);
    assert!(
        ran.out.contains("1 value(s) over 1 MB; the largest is exec:kpis:ws2, 1048577 bytes"),
        "{}",
        ran.out
    );
}

/// An application that uses this Redis: of two families one is asked for again and again, the other always for
/// something new, and its computes fail.
async fn application(redis: &RedisServer) -> String {
    let store = RedisStore::new(&redis.patient_config()).unwrap();
    let cache = CacheService::new(shadower::schema(), store);
    let good = shadower::query_result("h1").unwrap();
    for index in 0..150 {
        cache.get_or_compute(&good, || async { Ok::<_, BoxError>(json!(1)) }).await.unwrap();
        let bad = shadower::churn(format!("ws{index}"), "7d").unwrap();
        let failed = cache.get_or_compute(&bad, || async { Err(BoxError::from("no such table")) });
        failed.await.unwrap_err();
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app = Routes::new(cache).build();
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn a_family_that_seldom_hits_on_a_node_is_named_with_what_to_do() {
    let redis = sound();
    let node = application(&redis).await;
    let doctor = move |more: &'static [&'static str]| {
        let (redis, node) = (redis.url(), node.clone());
        spawn_blocking(
            move || run(&[&["doctor", "--redis", &redis, "--url", &node], more].concat()),
        )
    };

    let ran = doctor(&[]).await.unwrap();
    assert_eq!(ran.code, 0, "a hint is nothing wrong: {}{}", ran.out, ran.err);
    for line in ["! churn: 0.0 hits in a hundred of 150 lookups", "150 of 150 computes failed"] {
        assert!(ran.out.contains(line), "{line}\n{}", ran.out);
    }
    assert!(!ran.out.contains("query_result") && !ran.out.contains("not looked at"), "{}", ran.out);

    let ran = doctor(&["--json"]).await.unwrap();
    assert_eq!(found(&ran.out), [("D_HIT_RATE".to_owned(), "hint".to_owned())]);
}

#[test]
fn a_node_that_does_not_answer_is_said_before_anything_else() {
    let redis = sound();
    let ran = run(&["doctor", "--redis", &redis.url(), "--url", "http://127.0.0.1:1"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("http://127.0.0.1:1"), "{}", ran.err);
}

#[test]
fn a_pattern_of_the_schema_that_no_key_can_match_is_wrong() {
    let redis = sound();
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/schema/compile/dead_pattern.toml");
    let ran = run(&["doctor", "--redis", &redis.url(), "--schema", schema]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("E_SCHEMA_DEAD_PATTERN") && ran.err.contains(":17:3"), "{}", ran.err);
}
