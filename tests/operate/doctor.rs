use serde_json::{Value, json};

use crate::command::{fill, run};
use crate::redis_server::RedisServer;

#[test]
fn redis_as_we_ship_it_needs_no_advice() {
    let redis =
        RedisServer::start_with(&["--maxmemory", "512mb", "--maxmemory-policy", "volatile-lfu"]);
    fill(&redis.url(), &["exec:kpis:ws1"], false);

    let ran = run(&["doctor", "--redis", &redis.url()]);

    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(
        ran.out.contains("1 keys of this schema's families") && ran.out.contains("nothing to mend"),
        "{}",
        ran.out
    );
}

#[test]
fn a_key_that_never_expires_is_wrong_and_a_missing_limit_is_a_hint() {
    let redis = RedisServer::start();
    fill(&redis.url(), &["exec:kpis:ws1", "exec:old:ws1"], true);

    let ran = run(&["doctor", "--json", "--redis", &redis.url()]);

    assert_eq!(ran.code, 1);
    let found: Vec<Value> = serde_json::from_str(&ran.out).unwrap();
    let found: Vec<_> = found.iter().map(|it| (it["code"].clone(), it["wrong"].clone())).collect();
    let wanted = [("D_MAXMEMORY", false), ("D_KEYS_WITHOUT_TTL", true), ("D_STRANGERS", false)];
    assert_eq!(found, wanted.map(|(code, wrong)| (json!(code), json!(wrong))));
}

#[test]
fn only_values_over_a_megabyte_are_oversized_not_those_that_merely_take_as_much_memory() {
    let redis =
        RedisServer::start_with(&["--maxmemory", "512mb", "--maxmemory-policy", "volatile-lfu"]);
    let mut connection = redis::Client::open(redis.url()).unwrap().get_connection().unwrap();
    for (key, bytes) in [("exec:kpis:ws1", 1 << 20), ("exec:kpis:ws2", (1 << 20) + 1)] {
        redis::cmd("SET")
            .arg(key)
            .arg("x".repeat(bytes))
            .arg("EX")
            .arg(60)
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
