//! What the log says of those who use the cache.

use serde_json::{Value, json};

use crate::running::eventually;
use crate::server::Server;
use crate::small_history::fresh_path;

#[test]
fn invalidations_and_reads_of_what_is_sensitive_are_written_down_with_who_it_was() {
    let database = fresh_path("audit");
    let log = database.with_file_name("audit.jsonl");
    let server =
        Server::start(&database, |command| command.arg("--no-simulate").arg("--audit").arg(&log));
    for path in ["kpis?workspace_id=ws-tern", "revenue?workspace_id=ws-tern&timeframe=7d"] {
        assert_eq!(server.get(&format!("/api/v1/executive/{path}")).status, 200, "{path}");
    }
    let done = server.post("/api/v1/cache/invalidate", json!({ "workspace": "ws-tern" }));
    assert_eq!(done.json()["deleted"], 2);
    let refused = server.post("/api/v1/cache/invalidate", json!({ "pattern": "celery:*" }));
    assert_eq!(refused.status, 400);

    // A thread of its own writes it.
    let mut lines: Vec<Value> = Vec::new();
    eventually("all three are written", || {
        let text = std::fs::read_to_string(&log).unwrap_or_default();
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        lines = whole.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        lines.len() >= 3
    });
    let told = lines.iter().map(|line| {
        assert_eq!(line["principal"], "ip:127.0.0.1");
        (
            line["action"].as_str(),
            line["key"].as_str(),
            line["deleted"].as_u64(),
            line["code"].as_str(),
        )
    });
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            (Some("read"), Some("exec:revenue:ws-tern:7d"), None, None),
            (Some("invalidate"), None, Some(2), None),
            (Some("invalidate"), None, None, Some("E_PATTERN_OUTSIDE_SCHEMA")),
        ]
    );
}
