//! What the cache does for the demo itself: warming it, and answering its visitors. `make bench` runs it, and it writes
//! `benches/RESULTS-demo.md`.
//!
//! The answers are those of the demo's own SQL, over a history made in a temporary folder; Redis is a child of the
//! benchmark's own. `cargo bench -p samekey-demo --bench traffic -- warm` or `-- hits` runs one of the two.

mod cpu;
mod history;
mod hits;
mod plan;
#[allow(dead_code, reason = "shared with the server's own benchmarks, which use more of it")]
#[path = "../../../benches/server/redis_child.rs"]
mod redis_child;
#[allow(dead_code, reason = "shared with the server's own benchmarks, which use more of it")]
#[path = "../../../benches/server/report.rs"]
mod report;
mod visitor;
mod warm;

use history::History;
use report::Report;
use samekey_demo::jobs::WARM_KEYS;

const RESULTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../benches/RESULTS-demo.md");

/// A group's name, and what measures it.
type Group = (&'static str, fn(&History, &mut Report));

const GROUPS: [Group; 2] = [("warm", warm::measure), ("hits", hits::measure)];

fn main() {
    // `cargo bench` and `cargo test` add options of their own.
    let arguments: Vec<_> = std::env::args().skip(1).filter(|it| !it.starts_with("--")).collect();
    let history = History::make();
    let mut report = Report::default();
    for (name, measure) in GROUPS {
        if arguments.is_empty() || arguments.iter().any(|it| it == name) {
            eprintln!("▶ {name}");
            measure(&history, &mut report);
        }
    }
    let text = text(&history, &report);
    print!("{text}");
    if arguments.is_empty() {
        std::fs::write(RESULTS, text).expect("the results can be written");
    }
    if report.misses_a_bar() {
        eprintln!("a bar is missed: see the rows marked ✘");
    }
}

fn text(history: &History, report: &Report) -> String {
    let mut text = format!(
        "# The demo's cache\n\n\
         Written by `make bench`; do not edit. A history of {} runs in 90 days, made in {:.0} s; the demo's own SQL; Redis as a\n\
         child, with an encryption key, so that the sensitive families are stored too. Visitors open the dashboard's pages,\n\
         which ask what the dashboard asks; a visitor's browser asks nothing twice, but for the live figures every 15 s.\n\
         Workspaces, agents and users follow Zipf's law, those who joined first before the others. The simulator posts its\n\
         events at its usual rate meanwhile. Lists, which nobody caches, are left out.\n\n\
         The bar is for the server as it is run: it starts with its warm-up ({WARM_KEYS} keys: all of the workspaces and the\n\
         agents, and of the users who joined first), which goes on in the background while the first visitors come. What is\n\
         counted is what the answers to visitors say of themselves (`X-Cache`). The same without a warm-up stands below, for\n\
         comparison.\n\n",
        history.runs,
        history.made_in.as_secs_f64(),
    );
    report.table(&mut text).expect("a text can be written to");
    text
}
