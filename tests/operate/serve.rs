use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use samekey::server::jobs::{HealthCheck, Jobs};
use samekey::server::{CacheService, MemoryStore};
use serde_json::{Value, json};

use crate::command::{exists, fill, run, samekey};
use crate::redis_server::RedisServer;
use crate::warm::Still;

/// A node of the program's own, killed when dropped.
pub(crate) struct Node {
    pub(crate) child: Child,
    pub(crate) url: String,
}

impl Node {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut serve = samekey();
        serve.args(["serve", "--port", "0"]).args(arguments).stdout(Stdio::piped());
        let mut child = serve.spawn().expect("it starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("it is piped"))
            .read_line(&mut line)
            .expect("it says where");
        let url = line.split_whitespace().next().expect("its address").to_owned();
        Self { child, url }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn an_event_posted_to_a_node_takes_its_keys_out_of_redis() {
    let redis = RedisServer::start();
    fill(&redis.url(), &["exec:kpis:ws1", "exec:kpis:ws2"], false);
    let node = Node::start(&["--redis", &redis.url()]);

    let posted = ureq::post(format!("{}/api/v1/events", node.url))
        .send_json(json!({ "event": "workspace_updated", "workspace_id": "ws1" }));

    assert_eq!(posted.unwrap().status(), 200);
    assert!(!exists(&redis.url(), "exec:kpis:ws1") && exists(&redis.url(), "exec:kpis:ws2"));
}

#[test]
fn its_figures_are_told_to_people_to_programs_and_to_prometheus() {
    let node = Node::start(&[]);

    let ran = run(&["stats", "--url", &node.url]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.starts_with("memory answers · - hits"), "{}", ran.out);

    let ran = run(&["stats", "--json", "--url", &node.url]);
    let stats: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((&stats["store"], &stats["hits"]), (&json!("memory"), &json!(0)));

    let metrics = ureq::get(format!("{}/metrics", node.url))
        .call()
        .unwrap()
        .body_mut()
        .read_to_string()
        .unwrap();
    for line in [
        "# TYPE samekey_lookups_total counter",
        "samekey_lookups_total{family=\"kpis\",result=\"l1_hit\"} 0",
        "samekey_store_available 1",
    ] {
        assert!(metrics.contains(line), "{line}\n{metrics}");
    }
}

/// A server that accepts and then is silent.
#[test]
fn how_long_redis_is_waited_for_can_be_said() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("redis://{}", silent.local_addr().unwrap());
    let begun = std::time::Instant::now();
    let mut keys = samekey();
    keys.args(["keys", "--redis", &url, "--redis-connect-timeout", "150"]);
    let ran = keys.env("REDIS_RESPONSE_TIMEOUT_MS", "150").output().unwrap();
    assert_eq!(ran.status.code(), Some(2), "{}", String::from_utf8_lossy(&ran.stderr));
    // The environment says a minute, and what is said here goes before it.
    assert!(begun.elapsed().as_secs() < 30, "{:?}", begun.elapsed());

    let brief = ["--redis-connect-timeout", "700", "--redis-response-timeout", "100"];
    let node = Node::start(&[&["--redis", &url], &brief[..]].concat());
    let health = run(&["health", "--url", &node.url]);
    assert_eq!(health.out, "degraded (redis)\n", "{}", health.err);
    let ran = run(&["serve", "--redis", &url, "--redis-connect-timeout", "0"]);
    assert!(ran.code == 2 && ran.err.contains("1..=3600000"), "{}", ran.err);
}

#[test]
fn it_refuses_to_be_open_to_other_machines() {
    let ran = run(&["serve", "--host", "0.0.0.0", "--port", "0"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("--jwt-secret"), "{}", ran.err);
}

#[test]
fn with_a_secret_it_answers_only_those_who_have_a_token() {
    let node = Node::start(&["--jwt-secret", "0123456789abcdef0123456789abcdef"]);

    let ran = run(&["stats", "--url", &node.url]);

    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("E_ACCESS_TOKEN_MISSING"), "{}", ran.err);
}

#[test]
fn what_is_no_node_is_said_to_be_none() {
    let ran = run(&["stats", "--url", "http://127.0.0.1:1"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("http://127.0.0.1:1"), "{}", ran.err);
}

fn of_a_node_with_jobs() -> String {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let cache = CacheService::new(samekey::shadower::schema(), MemoryStore::default());
        let jobs = Jobs::new(&cache).clock(Still).job(HealthCheck::default()).unwrap().start();
        jobs.run("health").await.unwrap();
        cache.prometheus_text().await
    })
}

/// A dashboard that asks for what nobody tells shows empty panels, and nobody notices.
#[test]
fn the_grafana_dashboard_asks_only_for_what_metrics_tells() {
    let node = Node::start(&[]);
    let metrics = ureq::get(format!("{}/metrics", node.url))
        .call()
        .unwrap()
        .body_mut()
        .read_to_string()
        .unwrap();
    // The program's own node runs no jobs; an application's does.
    let metrics = metrics + &of_a_node_with_jobs();
    let dashboard = include_str!("../../docker/grafana/samekey.json");
    let asked: std::collections::BTreeSet<_> = dashboard
        .split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'))
        .filter(|word| word.starts_with("samekey_"))
        .collect();

    assert!(asked.len() > 20, "{asked:?}");
    for name in asked {
        // Quantiles are made from the buckets of a histogram, means from its sum and its count.
        let histogram = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
        let (name, kind) = match histogram {
            Some(name) => (name, "histogram"),
            None => (name, ""),
        };
        assert!(metrics.contains(&format!("# TYPE {name} {kind}")), "nothing tells {name}");
    }
    let quantiles = dashboard.matches("histogram_quantile(").count();
    assert!(quantiles >= 5 && dashboard.matches("_seconds_bucket").count() == quantiles);
}

#[test]
fn the_doctor_has_nothing_to_say_about_the_redis_that_we_ship() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docker/redis/redis.conf");
    let settings: Vec<_> =
        std::fs::read_to_string(file).unwrap().lines().map(str::to_owned).collect();
    let settings = settings.iter().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let settings: Vec<_> = settings
        .flat_map(|line| {
            let (name, value) = line.split_once(' ').expect("a name and a value");
            let value = if value == "\"\"" { String::new() } else { value.to_owned() };
            [format!("--{name}"), value]
        })
        .collect();
    let redis = RedisServer::start_with(&settings.iter().map(String::as_str).collect::<Vec<_>>());

    let ran = run(&["doctor", "--redis", &redis.url()]);

    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("nothing to mend"), "{}", ran.out);
}

#[test]
fn what_it_has_counted_for_the_audit_log_is_written_when_it_ends() {
    let file = std::env::temp_dir().join(format!("samekey-audit-{}.jsonl", std::process::id()));
    drop(std::fs::remove_file(&file));
    let path = file.to_str().unwrap();
    let secret = "s".repeat(32);
    let mut node = Node::start(&["--jwt-secret", &secret, "--audit", path]);
    for _ in 0..3 {
        let stats = ureq::get(format!("{}/api/v1/cache/stats", node.url)).call();
        assert!(stats.is_err(), "it needs a token");
    }
    let pid = node.child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert!(node.child.wait().unwrap().success());
    let lines = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    // The first at once; those that follow within a second together, or when it ends.
    assert!(lines.len() > 1 && lines.iter().all(|it| it["action"] == "refused"), "{lines:?}");
    let times = lines.iter().map(|line| line["times"].as_u64().unwrap_or(1));
    assert_eq!(times.sum::<u64>(), 3, "{lines:?}");
}

#[test]
fn a_node_that_stands_still_is_not_waited_for_without_end() {
    let node = Node::start(&[]);
    let told =
        std::process::Command::new("kill").args(["-STOP", &node.child.id().to_string()]).status();
    assert!(told.unwrap().success());
    let started = std::time::Instant::now();
    let asked = ["health", "stats", "warm"].map(|name| {
        let url = node.url.clone();
        std::thread::spawn(move || run(&[name, "--url", &url]))
    });
    for asked in asked {
        let ran = asked.join().unwrap();
        assert_eq!(ran.code, 2, "{}", ran.err);
        assert!(ran.err.contains("timeout"), "{}", ran.err);
    }
    assert!(started.elapsed() < std::time::Duration::from_secs(120), "{:?}", started.elapsed());
}
