//! The tables of docs/operating.md say neither more nor less than there is.

use std::collections::{BTreeMap, BTreeSet};

use samekey::server::jobs::{HealthCheck, Jobs};
use tokio::time::{Duration, sleep};

use super::metrics::kinds;
use crate::fixture::memory_cache;

const GUIDE: &str = include_str!("../../../docs/operating.md");
const SOURCE: &str = include_str!("../../../src/server/telemetry/spans.rs");

/// The rows of the table whose first head is this: each cell as it stands.
fn table(head: &str) -> Vec<Vec<&'static str>> {
    let start = GUIDE.find(&format!("\n| {head} |")).expect("there is such a table") + 1;
    let rows = GUIDE[start..].lines().take_while(|line| line.starts_with('|')).skip(2);
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

/// What stands in backquotes.
fn quoted(cell: &str) -> BTreeSet<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// The spans as the macros write them: level, name, fields.
fn spans() -> BTreeMap<String, (&'static str, BTreeSet<&'static str>)> {
    let mut spans = BTreeMap::new();
    for (level, start) in ["info", "debug"].into_iter().flat_map(|level| {
        SOURCE.match_indices(&*format!("{level}_span!(").leak()).map(move |it| (level, it.0))
    }) {
        let body = &SOURCE[start..];
        let body = &body[..body.find(";").unwrap_or(body.len())];
        let body = &body[..body.find("\n    )").unwrap_or(body.len())];
        let name = body.split('"').nth(1).expect("its name");
        let fields = body.split(" = ").filter_map(|before| {
            let field = before.rsplit([' ', '(', '\n']).next()?;
            field.contains('.').then_some(field)
        });
        let known = spans.insert(name.to_owned(), (level, fields.collect()));
        assert!(known.is_none(), "{name} is made in two places");
    }
    spans
}

#[test]
fn every_span_stands_in_the_guide_with_its_level_and_its_fields() {
    let written: BTreeMap<_, _> = table("Span")
        .into_iter()
        .map(|row| {
            let [name, level, _, fields] = row[..] else { panic!("{row:?}") };
            (name.trim_matches('`').to_owned(), (level, quoted(fields)))
        })
        .collect();
    let mut there = spans();
    assert!(there.len() > 10, "{there:?}");
    for (level, fields) in there.values_mut() {
        *level = if *level == "info" { "INFO" } else { "DEBUG" };
        // Said once, above the table.
        for everywhere in ["error.type", "otel.status_code"] {
            fields.remove(everywhere);
        }
    }
    assert_eq!(written, there);
}

#[tokio::test(start_paused = true)]
async fn every_metric_stands_in_the_guide_with_its_kind_and_its_labels() {
    let cache = memory_cache();
    // The log is read from the first moment on.
    sleep(Duration::from_millis(100)).await;
    // A node without jobs tells nothing of jobs.
    let jobs = Jobs::new(&cache).job(HealthCheck::default()).unwrap().start();
    jobs.run("health").await.unwrap();
    let text = cache.prometheus_text().await;
    let labels = |name: &str| -> BTreeSet<_> {
        let series = text.lines().filter(|line| {
            let rest = line.strip_prefix(name);
            rest.is_some_and(|rest| ["{", "_bucket{"].iter().any(|start| rest.starts_with(start)))
        });
        let labels = series.flat_map(|line| line.split(['{', ',']).skip(1));
        let labels = labels.filter_map(|label| Some(label.split_once("=\"")?.0));
        labels.filter(|label| *label != "le").collect()
    };
    let written: BTreeMap<_, _> = table("Metric")
        .into_iter()
        .map(|row| {
            let [name, kind, of, _] = row[..] else { panic!("{row:?}") };
            (name.trim_matches('`').to_owned(), (kind.to_owned(), quoted(of)))
        })
        .collect();
    let there: BTreeMap<_, _> = kinds(&text)
        .into_iter()
        .map(|(name, kind)| {
            let labels = labels(&name);
            (name, (kind, labels))
        })
        .collect();
    assert_eq!(written, there);
}
