//! Starting, living, ending; and Redis.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::server::Server;
use crate::small_history::fresh_path;

/// Asks until `told` or thirty seconds are over.
fn eventually(what: &str, mut told: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !told() {
        assert!(Instant::now() < deadline, "not within thirty seconds: {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn the_simulator_writes_and_its_events_reach_the_cache() {
    let server = Server::start(&fresh_path("alive"), |command| command.args(["--speed", "40"]));
    let runs = || {
        server.sql("SELECT COUNT(*) AS n, SUM(status = 'running') AS going FROM runs")[0].clone()
    };
    let before = runs();
    eventually("runs start and some end", || {
        runs()["n"].as_i64() > before["n"].as_i64().map(|n| n + 40)
    });
    let stats = || server.get("/api/v1/cache/stats").json();
    eventually("events are posted", || stats()["invalidations"].as_i64() > Some(40));
    let path = "/api/v1/executive/kpis?workspace_id=ws-meridian";
    server.get(path);
    eventually("what they are about is computed again", || server.get(path).cache() == "MISS");
    let sums = "SELECT (SELECT SUM(runs) FROM agent_days) - (SELECT COUNT(*) FROM runs) AS off";
    assert_eq!(server.sql(sums)[0]["off"], 0);
}

#[test]
fn switched_off_nothing_happens_by_itself() {
    let server = Server::start(&fresh_path("asleep"), |command| command.arg("--no-simulate"));
    let rows = "SELECT (SELECT COUNT(*) FROM runs) + (SELECT COUNT(*) FROM activity) AS n";
    let before = server.sql(rows);
    std::thread::sleep(Duration::from_millis(2_500));
    assert_eq!(server.sql(rows), before);
    assert_eq!(server.get("/api/v1/executive/kpis?workspace_id=ws-tern").cache(), "MISS");
}

#[cfg(unix)]
#[test]
fn it_ends_cleanly_when_asked_with_a_connection_open_and_the_simulator_at_work() {
    for signal in ["-INT", "-TERM"] {
        let mut server =
            Server::start(&fresh_path(signal), |command| command.args(["--speed", "10"]));
        assert_eq!(server.get("/api/v1/executive/kpis?workspace_id=ws-tern").status, 200);
        end(&mut server, signal);
    }
}

#[cfg(unix)]
fn end(server: &mut Server, signal: &str) {
    let sent = Command::new("kill").args([signal, &server.process.id().to_string()]).status();
    assert!(sent.expect("kill runs").success());
    let mut status = None;
    eventually("the process ends", || {
        status = server.process.try_wait().expect("its status");
        status.is_some()
    });
    assert_eq!(status.and_then(|status| status.code()), Some(0), "{signal}");
    let log = format!("{}-wal", server.database.display());
    assert!(!std::path::Path::new(&log).exists(), "the file is whole by itself");
    assert_eq!(server.sql("PRAGMA integrity_check")[0]["integrity_check"], "ok");
}

#[test]
fn a_port_that_is_taken_is_said_in_one_line() {
    let server = Server::still(&fresh_path("taken"));
    let port = server.url.rsplit(':').next().expect("a port").to_owned();
    let second = Command::new(env!("CARGO_BIN_EXE_samekey-demo"))
        .args(["--port", &port, "--runs", "3000", "--database"])
        .arg(fresh_path("taken-too"))
        .output()
        .expect("it runs");
    assert!(!second.status.success());
    let said = String::from_utf8_lossy(&second.stderr);
    assert!(said.contains(&format!("port {port}")), "{said}");
}

#[test]
fn a_redis_that_is_down_costs_the_hits_and_nothing_else() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
    let url = format!("redis://{}", nobody.expect("a port that is free again"));
    let server = Server::start(&fresh_path("redis-down"), |command| {
        command.arg("--no-simulate").env("REDIS_URL", &url)
    });
    let path = "/api/v1/executive/kpis?workspace_id=ws-tern";
    for _ in 0..2 {
        let answer = server.get(path);
        assert_eq!((answer.status, answer.cache()), (200, "MISS"));
    }
    assert_eq!(server.get("/health").json()["status"], "degraded");
    let wish = json!({ "workspace_id": "ws-tern", "kind": "run" });
    let problem = server.post("/api/v1/demo/simulate", wish).problem();
    assert_eq!((problem.0, problem.1.as_str()), (503, "E_STORE_QUEUED"));
}

#[test]
fn two_servers_share_one_redis_and_an_event_at_one_reaches_the_other() {
    if Command::new("redis-server").arg("--version").stdout(Stdio::null()).status().is_err() {
        eprintln!("SKIPPED two_servers_share_one_redis: there is no redis-server on this machine");
        return;
    }
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|free| free.local_addr())
        .expect("a port");
    let mut redis = Command::new("redis-server")
        .args([
            "--port",
            &free.port().to_string(),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
        ])
        .stdout(Stdio::null())
        .spawn()
        .expect("Redis starts");
    eventually("Redis listens", || std::net::TcpStream::connect(free).is_ok());
    let url = format!("redis://{free}");
    let start = |name: &str| {
        Server::start(&fresh_path(name), |command| {
            command.arg("--no-simulate").env("REDIS_URL", &url)
        })
    };
    let (one, two) = (start("redis-one"), start("redis-two"));
    let path = "/api/v1/executive/kpis?workspace_id=ws-lantern";
    assert_eq!((one.get(path).cache(), two.get(path).cache()), ("MISS", "HIT"));
    assert_eq!(two.get("/api/v1/cache/stats").json()["store"], "redis");
    two.post("/api/v1/demo/simulate", json!({ "workspace_id": "ws-lantern", "kind": "run" }));
    assert_eq!(one.get(path).cache(), "MISS");
    let starting = start("redis-three");
    assert_eq!(
        starting.get(path).cache(),
        "MISS",
        "a new server begins with nothing of another history"
    );
    drop((one, two, starting));
    let _ = redis.kill();
    let _ = redis.wait();
}
