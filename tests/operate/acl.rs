//! The access list of docs/operating.md: with it all works, and nothing in it is for nothing.

use std::collections::BTreeSet;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use samekey::schema::{Key, TypedKey};
use samekey::server::jobs::{Cleanup, HealthCheck, Jobs, Priority, Warmup};
use samekey::server::{BoxError, CacheService, PostedEvent, RedisConfig, RedisStore, Store};
use samekey::shadower;
use serde_json::{Value, json};

use crate::command::run;
use crate::redis_server::RedisServer;
use crate::serve::Node;
use crate::waiting::eventually;

const GUIDE: &str = include_str!("../../docs/operating.md");
const NAMESPACE: &str = "shadower:prod:";

/// `ACL SETUSER samekey …` as the guide has it.
fn documented() -> Vec<&'static str> {
    let (_, line) = GUIDE.split_once("\nACL SETUSER samekey ").expect("the guide has the line");
    let (line, _) = line.split_once("```").expect("it ends");
    ["SETUSER", "samekey"].into_iter().chain(line.split_whitespace()).collect()
}

/// Those that the guide allows.
fn commands() -> BTreeSet<&'static str> {
    documented().iter().filter_map(|word| word.strip_prefix('+')).collect()
}

async fn acl(admin: &mut MultiplexedConnection, words: &[&str]) {
    redis::cmd("ACL").arg(words).exec_async(admin).await.unwrap();
}

/// What the server has refused to anybody.
async fn refusals(admin: &mut MultiplexedConnection) -> Vec<Value> {
    let log: redis::Value = redis::cmd("ACL").arg("LOG").query_async(admin).await.unwrap();
    let entries: Vec<std::collections::HashMap<String, redis::Value>> =
        redis::from_redis_value(log).unwrap();
    let text = |value: &redis::Value| redis::from_redis_value::<String>(value.clone()).unwrap();
    let said = entries.iter().map(|entry| json!([text(&entry["reason"]), text(&entry["object"])]));
    // Of a Redis that knows it: the guide says so.
    said.filter(|said| said[1] != "client|setinfo").collect()
}

/// The commands that the server has carried out.
async fn carried_out(admin: &mut MultiplexedConnection) -> BTreeSet<String> {
    let stats: String = redis::cmd("INFO").arg("commandstats").query_async(admin).await.unwrap();
    let names = stats.lines().filter_map(|line| line.strip_prefix("cmdstat_")?.split(':').next());
    names.map(str::to_owned).collect()
}

fn kpis(workspace: &str) -> TypedKey<Value> {
    TypedKey::new(Key::new(["exec", "kpis", workspace]).unwrap(), "kpis", Duration::from_secs(300))
}

fn service(config: &RedisConfig) -> CacheService {
    CacheService::new(shadower::schema(), RedisStore::new(config).unwrap())
}

/// Whatever a service asks of a store.
async fn use_all(cache: &CacheService, event: &str) {
    let keys = ["ws1", "ws2", "ws3"].map(kpis);
    let compute = || async { Ok::<_, BoxError>(json!({ "runs": 1 })) };
    eventually("it is told of changes, and follows the log", async || {
        let stats = cache.get_cache_stats().await;
        stats.l1_armed && stats.stream.following && stats.store_available
    })
    .await;
    cache.get_or_compute(&keys[0], compute).await.unwrap();
    let many = |missing: Vec<_>| async move {
        Ok::<_, BoxError>(missing.into_iter().map(|key| (key, json!({}))).collect::<Vec<_>>())
    };
    cache.get_many_or_compute(&keys, many).await.unwrap();
    cache.set(&keys[1], &json!({ "runs": 2 })).await.unwrap();
    assert!(cache.ttl(&keys[1]).await.unwrap().is_some());
    assert!(cache.delete(&keys[1]).await.unwrap());
    assert!(cache.invalidate_workspace("ws1").await.unwrap().deleted > 0);
    cache.invalidate_workspace("ws1").await.unwrap();
    cache.invalidate_pattern("exec:kpis:*").await.unwrap();
    let fields = [("workspace_id", "ws1"), ("agent_id", "a1")];
    let event = PostedEvent {
        event: "agent_run_completed".into(),
        fields: fields.map(|(name, id)| (name.to_owned(), id.to_owned())).to_vec(),
        id: Some(event.into()),
        ..PostedEvent::default()
    };
    for is_known in [false, true] {
        assert_eq!(cache.handle_posted(event.clone()).await.unwrap().duplicate, is_known);
    }
    let warmup = Warmup::new().add(Priority::High, &keys[2], compute);
    let jobs = Jobs::new(cache).job(HealthCheck::default()).unwrap().job(Cleanup);
    let jobs = jobs.unwrap().job(warmup).unwrap().start();
    for job in ["health", "cleanup", "warmup"] {
        // It may be on its own schedule just now.
        eventually("it is run", async || jobs.run(job).await.is_ok()).await;
        let history = jobs.history(job).await.unwrap();
        assert_eq!(json!(history.last().unwrap())["outcome"], "done", "{history:?}");
    }
    jobs.stop().await;
    // What was set is told a moment later than the rest; that of the service before this one may be heard here.
    eventually("its own notices come back", async || {
        let told = cache.stream_stats();
        told.notices_appended > 0 && told.notices_read >= told.notices_appended
    })
    .await;
    let stats = cache.get_cache_stats().await;
    assert_eq!((stats.store_errors, stats.stream.notices_waiting), (0, 0), "{stats:?}");
}

fn config(url: &str) -> RedisConfig {
    let url = url.replace("redis://", "redis://samekey:SECRET@");
    let mut config = RedisConfig::new(url).namespace(NAMESPACE);
    config.response_timeout = Duration::from_secs(10);
    config.connect_timeout = Duration::from_secs(10);
    config
}

/// What of the list is only for what is not tried here.
fn all_but(without: &[&'static str]) -> BTreeSet<&'static str> {
    commands().into_iter().filter(|command| !without.contains(command)).collect()
}

const OF_A_CLUSTER: [&str; 3] = ["cluster|slots", "cluster|nodes", "asking"];
const OF_OPERATORS: [&str; 3] = ["config|get", "strlen", "memory|usage"];

#[tokio::test(flavor = "multi_thread")]
async fn the_access_list_of_the_guide_allows_all_that_is_asked_and_nothing_else() {
    let server =
        RedisServer::start_with(&["--maxmemory", "512mb", "--maxmemory-policy", "volatile-lfu"]);
    let mut admin = server.client().await;
    acl(&mut admin, &documented()).await;
    let config = config(&server.url());
    let cache = service(&config);
    use_all(&cache, "e-1").await;

    // What another program writes is told, or this node would go on with what it holds.
    let key = kpis("ws9");
    cache.set(&key, &json!({ "runs": 1 })).await.unwrap();
    let hits = async || cache.get_cache_stats().await.l1_hits;
    eventually("it is held in the process", async || {
        let before = hits().await;
        cache.get(&key).await.unwrap().is_some() && hits().await > before
    })
    .await;
    let name = format!("{NAMESPACE}{}", key.as_str());
    let mut set = redis::cmd("SET");
    set.arg(&name).arg(r#"{"runs":2}"#).arg("EX").arg(3_600).exec_async(&mut admin).await.unwrap();
    eventually("the server pushes what others change", async || {
        cache.get(&key).await.unwrap().is_some_and(|value| *value == json!({ "runs": 2 }))
    })
    .await;
    // And what cannot be read is replaced.
    let mut set = redis::cmd("SET");
    set.arg(&name).arg("{").arg("EX").arg(3_600).exec_async(&mut admin).await.unwrap();
    eventually("what cannot be read is computed anew", async || {
        let compute = || async { Ok::<_, BoxError>(json!({ "runs": 3 })) };
        *cache.get_or_compute(&key, compute).await.unwrap() == json!({ "runs": 3 })
    })
    .await;
    // One that announces, as where the server does not track.
    let announcing = service(&config.clone().announce(true));
    use_all(&announcing, "e-2").await;
    announcing.shutdown(Duration::from_secs(1)).await;

    assert_eq!(refusals(&mut admin).await, Vec::<Value>::new());
    let done = carried_out(&mut admin).await;
    let unused: Vec<_> = all_but(&[&OF_A_CLUSTER[..], &OF_OPERATORS].concat())
        .into_iter()
        .filter(|command| !done.contains(*command))
        .collect();
    assert_eq!(unused, Vec::<&str>::new(), "allowed for nothing: {done:?}");

    // And the operator's commands, by the same user.
    cache.set(&key, &json!({ "runs": 4 })).await.unwrap();
    let at = ["--redis", &config.url, "--namespace", NAMESPACE];
    let doctor = run(&[&["doctor"], &at[..]].concat());
    assert!(doctor.code == 0 && !doctor.out.contains("refuses"), "{}{}", doctor.out, doctor.err);
    assert!(run(&[&["keys"], &at[..]].concat()).out.contains("exec:kpis:ws9"));
    let removed = run(&[&["invalidate", "exec:kpis:ws9", "--yes"], &at[..]].concat());
    assert!(removed.out.starts_with("1 key(s)"), "{}{}", removed.out, removed.err);
    let node = Node::start(&at);
    assert_eq!(run(&["health", "--url", &node.url]).out, "ok (redis)\n");
    assert_eq!(refusals(&mut admin).await, Vec::<Value>::new());
    let done = carried_out(&mut admin).await;
    assert!(OF_OPERATORS.iter().all(|command| done.contains(*command)), "{done:?}");

    // Nothing of its neighbours.
    for (key, is_allowed) in [("shadower:prod:k", true), ("shadower:test:k", false), ("k", false)] {
        let url = &config.url;
        let mut own = redis::Client::open(&url[..])
            .unwrap()
            .get_multiplexed_async_connection()
            .await
            .unwrap();
        let got = redis::cmd("GET").arg(key).query_async::<Option<String>>(&mut own).await;
        assert_eq!(got.is_ok(), is_allowed, "{key}");
    }
    cache.shutdown(Duration::from_secs(1)).await;
}

#[cfg(feature = "cluster")]
#[tokio::test(flavor = "multi_thread")]
async fn the_access_list_of_the_guide_is_enough_for_a_cluster() {
    let cluster = crate::redis_cluster::RedisCluster::start().await;
    let mut done = BTreeSet::new();
    for node in &cluster.nodes {
        acl(&mut node.client().await, &documented()).await;
    }
    let config = config(&cluster.nodes[0].url()).cluster();
    let cache = service(&config);
    use_all(&cache, "e-1").await;
    let at = ["--redis", &format!("{0},{0}", config.url), "--namespace", NAMESPACE];
    let doctor = run(&[&["doctor"], &at[..]].concat());
    assert!(!doctor.out.contains("refuses"), "{}{}", doctor.out, doctor.err);
    for node in &cluster.nodes {
        let mut admin = node.client().await;
        assert_eq!(refusals(&mut admin).await, Vec::<Value>::new());
        done.append(&mut carried_out(&mut admin).await);
    }
    // A slot that is on its way, for which `ASKING` is, is tried elsewhere.
    let of_pub_sub = ["publish", "subscribe"];
    let unused = all_but(&[&["asking"][..], &of_pub_sub, &OF_OPERATORS].concat());
    let unused: Vec<_> = unused.into_iter().filter(|command| !done.contains(*command)).collect();
    assert_eq!(unused, Vec::<&str>::new(), "allowed for nothing: {done:?}");
    cache.shutdown(Duration::from_secs(1)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_names_each_command_that_is_refused_and_changes_nothing() {
    let server =
        RedisServer::start_with(&["--maxmemory", "512mb", "--maxmemory-policy", "volatile-lfu"]);
    let mut admin = server.client().await;
    acl(&mut admin, &documented()).await;
    let url = config(&server.url()).url;
    let doctor = || run(&["doctor", "--redis", &url, "--namespace", NAMESPACE]);
    for command in all_but(&[&OF_A_CLUSTER[..], &["publish", "subscribe"]].concat()) {
        acl(&mut admin, &["SETUSER", "samekey", &format!("-{command}")]).await;
        let ran = doctor();
        let said = command.replace('|', " ");
        let line = ran.out.lines().find(|line| line.contains("Redis refuses this user"));
        let line = line.unwrap_or_else(|| panic!("{command}: {}{}", ran.out, ran.err));
        assert!(line.contains(&format!(": {said}")), "{command}: {line}");
        assert!(ran.out.contains(&format!("+{command}:")), "{command}: {}", ran.out);
        let is_needed = line.contains("D_ACL_COMMANDS");
        assert_eq!(ran.code, i32::from(is_needed), "{}{}", ran.out, ran.err);
        acl(&mut admin, &["SETUSER", "samekey", &format!("+{command}")]).await;
    }
    assert_eq!(doctor().code, 0);
    // A list that forgets how the names of leases begin.
    let narrow = ["SETUSER", "samekey", "resetkeys", "~shadower:prod:*"];
    acl(&mut admin, &narrow).await;
    let ran = doctor();
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("names such as {shadower:prod:~doctor}:~l"), "{}", ran.out);
    let size: u64 = redis::cmd("DBSIZE").query_async(&mut admin).await.unwrap();
    assert_eq!(size, 0, "it only looks");
}

/// And a service says in its errors which it was.
#[tokio::test]
async fn what_is_refused_to_a_service_is_named_in_the_error() {
    let server = RedisServer::start();
    let mut admin = server.client().await;
    acl(&mut admin, &documented()).await;
    acl(&mut admin, &["SETUSER", "samekey", "-get"]).await;
    let store = RedisStore::new(&config(&server.url())).unwrap();
    let error = store.get("k").await.unwrap_err().to_string();
    assert_eq!(error, "E_STORE_DENIED: Redis does not allow this user the command get");
    let foreign = RedisStore::new(&config(&server.url()).namespace("other:")).unwrap();
    let error = foreign.ttl("k").await.unwrap_err().to_string();
    assert!(error.ends_with("one of the names that were asked for"), "{error}");
}
