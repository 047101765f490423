//! The file: made once, used again, caught up, made anew, never somebody else's.

mod small_history;

use std::fs;

use rusqlite::Connection;
use samekey_demo::commands::query;
use samekey_demo::database::{DatabaseError, HistoryFile, Opening, SCHEMA_VERSION, open};
use samekey_demo::timeframe::{DAY, HOUR};
use serde_json::json;
use small_history::{NOW, fresh_path, open_quietly, small};

fn count(file: &HistoryFile, sql: &str) -> i64 {
    Connection::open(&file.path)
        .and_then(|file| file.query_row(sql, [], |row| row.get(0)))
        .expect(sql)
}

const ALL_RUNS: &str = "SELECT COUNT(*) FROM runs";

/// Zero when the day tables say exactly what the rows say.
const DAY_TABLES_OFF: &str = "
  SELECT (SELECT COUNT(*) FROM (
    SELECT * FROM agent_days EXCEPT
    SELECT workspace, started_at / 86400000 * 86400000, agent, COUNT(*), SUM(status = 'succeeded'), SUM(status = 'failed'),
           SUM(credits), SUM(duration_ms) FROM runs GROUP BY 1, 2, 3))
  + (SELECT COUNT(*) FROM (
    SELECT * FROM user_days EXCEPT
    SELECT workspace, day, user, SUM(r), SUM(c), SUM(e) FROM (
      SELECT workspace, started_at / 86400000 * 86400000 AS day, user, 1 AS r, credits AS c, 0 AS e FROM runs
      UNION ALL SELECT workspace, at / 86400000 * 86400000, user, 0, 0, 1 FROM activity) GROUP BY 1, 2, 3))
  + ABS((SELECT SUM(runs) FROM agent_days) - (SELECT COUNT(*) FROM runs))
  + ABS((SELECT SUM(runs + events) FROM user_days) - (SELECT COUNT(*) FROM runs) - (SELECT COUNT(*) FROM activity))";

#[test]
fn the_first_start_makes_the_file_and_the_second_uses_it_untouched() {
    let file = small(fresh_path("twice"), 2_000);
    assert_eq!(open_quietly(&file).1, Opening::Created);
    let runs = count(&file, ALL_RUNS);
    assert!(
        count(&file, &format!("SELECT COUNT(*) FROM runs WHERE started_at >= {}", NOW - 90 * DAY))
            >= 2_000
    );
    assert_eq!(count(&file, DAY_TABLES_OFF), 0);
    assert_eq!(open_quietly(&file).1, Opening::Reused);
    assert_eq!(open_quietly(&HistoryFile { runs: None, ..file.clone() }).1, Opening::Reused);
    assert_eq!(count(&file, ALL_RUNS), runs);
}

#[test]
fn two_files_of_one_recipe_hold_the_same_rows() {
    let sums = ["one", "two"].map(|name| {
        let file = small(fresh_path(name), 1_000);
        open_quietly(&file);
        query(&file.path, "SELECT COUNT(*) AS n, SUM(started_at * 31 + agent * 7 + user + credits) AS sum FROM runs").expect("a sum")
    });
    assert_eq!(sums[0], sums[1]);
}

#[test]
fn a_file_that_was_left_for_days_is_brought_up_to_the_present() {
    let file = small(fresh_path("gap"), 20_000);
    open_quietly(&file);
    let before = count(&file, ALL_RUNS);
    let later = HistoryFile { now: NOW + 3 * DAY + 20 * 60_000, ..file.clone() };
    assert_eq!(open_quietly(&later).1, Opening::Reused);
    let added = count(&file, ALL_RUNS) - before;
    // Monday to Wednesday of a platform that had at least 20,000 runs in 90 days.
    assert!((500..2_000).contains(&added), "{added}");
    assert_eq!(
        count(
            &file,
            &format!("SELECT COUNT(*) FROM runs WHERE status = 'running' AND started_at < {NOW}")
        ),
        0
    );
    assert!(count(&file, &format!("SELECT COUNT(*) FROM users WHERE created_at >= {NOW}")) > 0);
    assert_eq!(count(&file, DAY_TABLES_OFF), 0);
}

#[test]
fn a_stretch_written_in_two_parts_has_the_runs_of_one_written_at_once() {
    let whole = small(fresh_path("whole"), 20_000);
    let parts = small(fresh_path("parts"), 20_000);
    for file in [&whole, &parts] {
        open_quietly(file);
    }
    let end = NOW + 5 * HOUR;
    open_quietly(&HistoryFile { now: end, ..whole.clone() });
    open_quietly(&HistoryFile { now: NOW + 100 * 60_000, ..parts.clone() });
    open_quietly(&HistoryFile { now: end, ..parts.clone() });
    let starts = "SELECT agent, user, started_at FROM runs ORDER BY started_at, agent, user";
    let rows = |file: &HistoryFile| query(&file.path, starts).expect("the runs");
    assert_eq!(rows(&whole), rows(&parts));
}

#[test]
fn a_file_that_does_not_fit_is_made_anew_and_the_reason_is_told() {
    let reason = |file: &HistoryFile| match open_quietly(file).1 {
        Opening::Rebuilt(reason) => reason,
        other => panic!("{other:?}"),
    };
    let file = small(fresh_path("misfit"), 500);
    open_quietly(&file);
    assert_eq!(
        reason(&HistoryFile { runs: Some(600), ..file.clone() }),
        "it was made for 500 runs, not 600"
    );
    assert_eq!(
        reason(&HistoryFile { runs: None, now: NOW + 31 * DAY, ..file.clone() }),
        "it ends 31 days ago"
    );
    assert_eq!(
        count(&file, "SELECT runs FROM meta"),
        600,
        "a file keeps its size when nobody asks for another"
    );
    assert_eq!(reason(&HistoryFile { runs: None, ..file.clone() }), "it reaches past the present");
    Connection::open(&file.path)
        .and_then(|file| file.pragma_update(None, "user_version", 0))
        .expect("an old number");
    assert_eq!(reason(&file), format!("its format is 0, this program writes {SCHEMA_VERSION}"));
}

#[test]
fn a_file_that_is_not_ours_is_refused_and_left_alone() {
    let notes = fresh_path("notes");
    fs::write(&notes, "dear diary").expect("a text file");
    let foreign = fresh_path("foreign");
    Connection::open(&foreign)
        .and_then(|file| file.execute_batch("CREATE TABLE precious (x)"))
        .expect("a database");
    for path in [notes, foreign] {
        let before = fs::read(&path).expect("the file");
        let refused = open(&small(path.clone(), 500), &mut |_, _| ());
        assert!(matches!(&refused, Err(DatabaseError::NotOurs { .. })), "{refused:?}");
        assert_eq!(fs::read(&path).expect("the file"), before);
    }
}

#[test]
fn queries_from_the_outside_give_rows_as_json_and_cannot_write() {
    let file = small(fresh_path("query"), 500);
    open_quietly(&file);
    let rows = query(
        &file.path,
        "SELECT public_id AS id, 1.5 AS half, NULL AS missing FROM workspaces ORDER BY id LIMIT 1",
    );
    assert_eq!(
        rows.expect("a row"),
        json!([{ "id": "ws-brightfold", "half": 1.5, "missing": null }])
    );
    assert!(query(&file.path, "DELETE FROM runs").is_err());
    assert!(count(&file, ALL_RUNS) > 0);
}
