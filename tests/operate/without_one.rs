//! On a cluster of which one server is down.

use serde_json::{Value, json};

use crate::command::run;
use crate::redis_cluster::RedisCluster;

const DOWN: usize = 1;

/// How the cluster is reached, the keys that are left, and the address of the one that is down.
async fn without_one() -> (RedisCluster, String, Vec<String>, String) {
    let mut cluster = RedisCluster::start().await;
    let mut left = Vec::new();
    for n in 10..40 {
        let key = format!("exec:kpis:ws{n}");
        let owner = cluster.owner(&key).await;
        let () = cluster.at(owner, &format!("SET {key} {{}} EX 3600")).await;
        if owner != DOWN {
            left.push(key);
        }
    }
    let urls: Vec<_> = cluster.nodes.iter().map(crate::redis_server::RedisServer::url).collect();
    let address = format!("127.0.0.1:{}", cluster.nodes[DOWN].port());
    cluster.nodes[DOWN].kill();
    (cluster, urls.join(","), left, address)
}

#[tokio::test]
async fn the_others_keys_are_listed_and_it_is_said_who_is_not_there() {
    let (_cluster, urls, left, address) = without_one().await;

    let ran = run(&["keys", "--redis", &urls]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert_eq!(ran.out.matches("exec:kpis:ws").count(), left.len());
    assert!(ran.err.contains(&format!("E_STORE_MISSING: no answer from {address}")), "{}", ran.err);

    let ran = run(&["keys", "--json", "--redis", &urls]);
    let lines: Vec<Value> = ran.out.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    let (last, keys) = lines.split_last().unwrap();
    assert_eq!(keys.iter().map(|it| it["key"].as_str().unwrap()).collect::<Vec<_>>(), left);
    assert_eq!((last, ran.code), (&json!({ "missing": [address] }), 1));

    let ran = run(&["invalidate", "exec:kpis:*", "--json", "--redis", &urls]);
    let told: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((&told["missing"], &told["keys"]), (&json!([address]), &json!(left)));
    assert_eq!(ran.code, 1);
}

#[tokio::test]
async fn the_doctor_looks_at_the_others_and_finds_that_one_is_away() {
    let (_cluster, urls, left, address) = without_one().await;

    let ran = run(&["doctor", "--redis", &urls]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    let head = format!("(2 servers), {} keys of this schema's families", left.len());
    assert!(ran.out.contains(&head), "{}", ran.out);
    assert!(ran.out.contains(&format!("no answer from {address}")), "{}", ran.out);

    let ran = run(&["doctor", "--json", "--redis", &urls]);
    let found: Vec<Value> = serde_json::from_str(&ran.out).unwrap();
    let away: Vec<_> = found.iter().filter(|it| it["code"] == "D_SERVER_AWAY").collect();
    assert_eq!(away.len(), 1);
    assert_eq!(away[0]["weight"], "wrong");
}
