//! A history that has also been lived in: runs in flight, runs that finished
//! after the load, activity and purchases in the last minutes.

use std::path::PathBuf;
use std::sync::OnceLock;

use rusqlite::Connection;
use samekey_demo::analytics::Analyst;
use samekey_demo::database::{Database, append_activity, append_purchase, append_run};
use samekey_demo::history::{Activity, Run};
use samekey_demo::timeframe::MINUTE;

use crate::plain::Plain;
use crate::small_history::{NOW, fresh_path, open_quietly, small};

/// Large, upgraded lately, small, and tiny.
const ASKED: [&str; 4] = ["ws-meridian", "ws-fjord", "ws-orchard", "ws-hobbyhorse"];

pub(crate) struct LivedIn {
    pub(crate) path: PathBuf,
    pub(crate) plain: Plain,
}

/// The one history that all tests here ask.
pub(crate) fn lived_in() -> &'static LivedIn {
    static HISTORY: OnceLock<LivedIn> = OnceLock::new();
    HISTORY.get_or_init(|| {
        let file = small(fresh_path("analytics"), 12_000);
        open_quietly(&file);
        let writer = Connection::open(&file.path).expect("the file opens");
        for workspace in 1..=20 {
            live_a_little(&writer, workspace);
        }
        let finish = "UPDATE runs SET status = 'failed', error = 'tool_error', duration_ms = 240000, credits = 9
                      WHERE status = 'running' AND started_at = ?1";
        assert_eq!(writer.execute(finish, [NOW - 4 * MINUTE]).expect("runs finish"), 20);
        let plain = Plain::read(&writer);
        assert!(plain.runs.iter().any(|run| run.status == "running"));
        LivedIn { path: file.path, plain }
    })
}

fn live_a_little(writer: &Connection, workspace: i64) {
    let first = |table: &str| -> i64 {
        let sql = format!("SELECT MIN(id) FROM {table} WHERE workspace = ?1");
        writer.query_row(&sql, [workspace], |row| row.get(0)).expect("a first one")
    };
    let (agent, user) = (first("agents"), first("users"));
    let runs = [(1, 9 * MINUTE), (3, 1_234), (4, 9 * MINUTE), (20, 777), (50, 60_000)];
    for (age, duration_ms) in runs {
        let (started_at, error) = (NOW - age * MINUTE, (age == 20).then_some("timeout"));
        let run = Run { agent, user, started_at, duration_ms, error, credits: 5 + age };
        append_run(writer, workspace, &run, NOW).expect("a run");
    }
    let (at, detail) = (NOW - 2 * MINUTE, "Signed in".to_owned());
    append_activity(writer, workspace, &Activity { user, at, kind: "signed_in", detail })
        .expect("activity");
    append_purchase(writer, workspace, NOW - 5 * MINUTE).expect("a purchase");
}

/// Asks each of the workspaces, with its row id.
pub(crate) fn ask_each(check: impl Fn(Analyst<'_>, &str, i64, &'static Plain)) {
    let history = lived_in();
    let reader = Database::reader(&history.path).expect("a reader");
    for id in ASKED {
        let row = history.plain.workspaces.iter().find(|workspace| workspace.1 == id);
        check(Analyst::new(&reader, NOW), id, row.expect("a workspace").0, &history.plain);
    }
}
