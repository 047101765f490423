use serde_json::{Value, json};

use crate::command::{fill, run};
use crate::redis_server::RedisServer;

#[test]
fn the_keys_of_the_schemas_families_are_listed_with_what_is_left_of_them() {
    let redis = RedisServer::start();
    fill(&redis.url(), &["exec:kpis:ws1", "exec:dashboard:ws1:7d"], false);
    fill(&redis.url(), &["exec:kpis:ws2", "celery-task-meta-1"], true);

    let ran = run(&["keys", "--redis", &redis.url()]);

    assert_eq!((ran.code, ran.err.trim()), (0, "3 key(s)"));
    let lines: Vec<_> =
        ran.out.lines().map(|line| line.split_whitespace().collect::<Vec<_>>()).collect();
    assert_eq!(lines[0][..2], ["key", "family"]);
    assert_eq!(lines[1][..2], ["exec:dashboard:ws1:7d", "executive"]);
    assert_eq!(lines[2][..2], ["exec:kpis:ws1", "kpis"]);
    assert_eq!(lines[3][..4], ["exec:kpis:ws2", "kpis", "never", "ends"]);
}

#[test]
fn a_pattern_narrows_and_json_is_one_object_a_line() {
    let redis = RedisServer::start();
    fill(&redis.url(), &["exec:kpis:ws1", "exec:dashboard:ws1:7d"], true);

    let ran = run(&["keys", "exec:kpis:*", "--json", "--redis", &redis.url()]);

    let lines: Vec<Value> =
        ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [line] = &lines[..] else { panic!("{}", ran.out) };
    assert_eq!(
        (&line["key"], &line["family"], &line["ttl_ms"]),
        (&json!("exec:kpis:ws1"), &json!("kpis"), &Value::Null)
    );
}

#[test]
fn a_redis_that_is_not_there_is_said_and_is_exit_code_2() {
    let ran = run(&["keys", "--redis", "redis://127.0.0.1:1"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.starts_with("E_STORE_UNAVAILABLE"), "{}", ran.err);
}
