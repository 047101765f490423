//! Starting, living, ending; and Redis.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use samekey_demo::database::OpeningLock;
use serde_json::json;

use crate::redis::Redis;
use crate::server::Server;
use crate::small_history::fresh_path;

/// Asks until `told` or two minutes are over: what is late on a busy machine is not wrong.
pub(crate) fn eventually(what: &str, mut told: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(120);
    while !told() {
        assert!(Instant::now() < deadline, "not within two minutes: {what}");
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

#[test]
fn it_begins_with_its_warm_up_says_so_and_the_first_visitor_is_answered_from_the_cache() {
    let mut server = Server::start(&fresh_path("warm"), |command| {
        command.args(["--no-simulate", "--warm", "260"]).stderr(Stdio::piped())
    });
    let said = BufReader::new(server.process.stderr.take().expect("it is piped"));
    // Kept to the end: the server may have more to say, and would find nobody there.
    let mut said = said.lines().map(|line| line.expect("text"));
    let told = said.find(|line| line.contains("warm-up"));
    assert!(told.as_deref().is_some_and(|line| line.contains("260 answers")), "{told:?}");
    for path in ["executive/dashboard", "executive/revenue"] {
        let path = format!("/api/v1/{path}?workspace_id=ws-tern&timeframe=7d");
        assert_eq!(server.get(&path).cache(), "HIT", "{path}");
    }
    // The last answer is told as it is stored; the history has the run only once it is over.
    let runs = || server.get("/api/v1/cache/jobs/warmup").json()["runs"].clone();
    eventually("the run is over", || runs()[0]["outcome"].is_string());
    let run = &runs()[0];
    assert_eq!((&run["outcome"], &run["report"]["warmed"]), (&json!("done"), &json!(260)), "{run}");
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
    // A port that the system gives to nobody.
    let server = Server::start(&fresh_path("redis-down"), |command| {
        command.arg("--no-simulate").env("REDIS_URL", "redis://127.0.0.1:1")
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
    let Some(redis) = Redis::start() else {
        return eprintln!("SKIPPED: there is no redis-server on this machine");
    };
    let start = |name: &str| redis.serves(&fresh_path(name));
    let (one, two) = (start("redis-one"), start("redis-two"));
    let path = "/api/v1/executive/kpis?workspace_id=ws-lantern";
    assert_eq!((one.get(path).cache(), two.get(path).cache()), ("MISS", "HIT"));
    assert_eq!(two.get("/api/v1/cache/stats").json()["store"], "redis");
    let told =
        two.post("/api/v1/demo/simulate", json!({ "workspace_id": "ws-lantern", "kind": "run" }));
    assert_eq!(told.status, 200, "{}", told.text);
    // What it holds in its own process it drops when it hears of it.
    eventually("the other hears of it", || one.get(path).cache() == "MISS");
    let starting = start("redis-three");
    assert_eq!(
        starting.get(path).cache(),
        "MISS",
        "a new server begins with nothing of another history"
    );
}

#[test]
fn sensitive_answers_are_sealed_in_redis_by_a_key_beside_the_database_and_are_hits_then() {
    let Some(redis) = Redis::start() else {
        return eprintln!("SKIPPED: there is no redis-server on this machine");
    };
    let database = fresh_path("sealed");
    // The second is another process with the same database, and so with the same key.
    let (one, two) = (redis.serves(&database), redis.serves(&database));
    for (path, key) in [
        ("executive/revenue?workspace_id=ws-tern&timeframe=7d", "exec:revenue:ws-tern:7d"),
        ("users/u-00001/activity?date=2026-11-20", "user:activity:u-00001:2026-11-20"),
    ] {
        let path = format!("/api/v1/{path}");
        let first = one.get(&path);
        assert_eq!((first.status, first.cache()), (200, "MISS"), "{path}");
        assert_eq!(one.get(&path).cache(), "HIT", "{path}");
        let other = two.get(&path);
        assert_eq!((other.cache(), &other.text), ("HIT", &first.text), "{path}");
        let stored = redis.get(key);
        assert!(stored.starts_with(b"\xC1SK"), "{key}: {stored:?}");
        let plain = first.text.as_bytes();
        assert!(!stored.windows(16).any(|part| part == &plain[..16]), "{key} can be read");
    }
    let keys = format!("{}.keys", database.display());
    let ring = std::fs::read_to_string(&keys).expect("the file");
    samekey::server::codec::KeyRing::parse(ring.trim()).expect("keys");
    #[cfg(unix)]
    {
        let mode = std::fs::metadata(&keys).expect("the file").permissions();
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777, 0o600);
    }
}

#[test]
fn keys_that_are_none_are_said_and_nothing_is_stored_with_others() {
    let database = fresh_path("no-keys");
    let serve = |value: &str| {
        let mut serve = Command::new(env!("CARGO_BIN_EXE_samekey-demo"));
        serve.args(["--port", "0", "--runs", "3000", "--database"]).arg(&database);
        serve.env("REDIS_URL", "redis://127.0.0.1:1").env("SAMEKEY_ENCRYPTION_KEYS", value);
        serve.output().expect("it runs")
    };
    let ended = serve("1:c0ffee");
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(!ended.status.success());
    assert!(said.contains("E_CODEC_KEY") && !said.contains("c0ffee"), "{said}");
}

#[test]
fn a_second_first_start_says_who_is_making_the_history_and_waits() {
    let database = fresh_path("taken-lock");
    let lock = OpeningLock::take(&database, |_| panic!("nobody else is there")).expect("the lock");
    let mut second = generate(&database).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut said = BufReader::new(second.stderr.take().expect("it is piped"));
    let mut line = String::new();
    said.read_line(&mut line).expect("a line");
    let holder = format!("waiting for process {}", std::process::id());
    assert!(line.contains(&holder), "{line}");
    assert!(!database.exists() && second.try_wait().expect("its status").is_none());
    drop(lock);
    assert!(second.wait().expect("it ends").success());
    assert!(database.exists());
}

#[test]
fn two_first_starts_in_one_folder_make_one_history() {
    let database = fresh_path("together");
    let both =
        [(); 2].map(|()| generate(&database).stderr(Stdio::piped()).spawn().expect("a start"));
    let said = both.map(|one| {
        let ended = one.wait_with_output().expect("it ends");
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert!(ended.status.success(), "{said}");
        said
    });
    let made = said.iter().filter(|said| said.contains("made a history")).count();
    assert_eq!(made, 1, "{said:?}");
    let file = Connection::open(&database).expect("the file");
    let check: String =
        file.pragma_query_value(None, "integrity_check", |row| row.get(0)).expect("it");
    assert_eq!(check, "ok");
    let folder = database.parent().expect("a folder").read_dir().expect("its files");
    let names = folder.map(|file| file.expect("a file").file_name().into_string().expect("text"));
    assert!(names.into_iter().all(|name| !name.contains("partial")));
}

fn generate(database: &std::path::Path) -> Command {
    let mut generate = Command::new(env!("CARGO_BIN_EXE_samekey-demo"));
    generate.args(["generate", "--runs", "3000", "--database"]).arg(database);
    generate
}
