//! What the server's cache costs, beside the bare Redis client and its peers, in one run: `cargo bench --bench server`.
//!
//! Writes `benches/RESULTS-server.md`. Every figure is a median of rounds in which the sides take turns, so that a noisy
//! moment falls on all of them; trust the ratios. Redis runs as a child of the benchmark's own, on one core, and what is
//! measured against it from the other: over loopback a round trip on one core costs a tenth of one across two.
//!
//! `cargo bench --bench server -- NAME…` runs only the groups of these names.

mod batch;
mod callers;
mod early_refresh;
mod eviction;
mod in_process;
mod invalidation;
mod loader;
mod outage;
mod redis_child;
mod report;
mod round_trip;
mod sides;
mod subject;
mod throughput;

use report::Report;

const RESULTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/RESULTS-server.md");

/// A group's name, and what measures it.
type Group = (&'static str, fn(&mut Report));

const GROUPS: [Group; 10] = [
    ("in_process", in_process::measure),
    ("eviction", eviction::measure),
    ("round_trip", round_trip::measure),
    ("batch", batch::measure),
    ("throughput", throughput::measure),
    ("loader", loader::measure),
    ("callers", callers::measure),
    ("early_refresh", early_refresh::measure),
    ("invalidation", invalidation::measure),
    ("outage", outage::measure),
];

fn main() {
    // `cargo bench` and `cargo test` add options of their own.
    let arguments: Vec<_> = std::env::args().skip(1).filter(|it| !it.starts_with("--")).collect();
    if let Some((worker, rest)) = arguments.split_first().filter(|(it, _)| *it == callers::WORKER) {
        debug_assert_eq!(worker, callers::WORKER);
        return callers::work(rest);
    }
    let mut report = Report::default();
    for (name, measure) in GROUPS {
        if arguments.is_empty() || arguments.iter().any(|it| it == name) {
            eprintln!("▶ {name}");
            measure(&mut report);
        }
    }
    print!("{report}");
    if arguments.is_empty() {
        std::fs::write(RESULTS, report.to_string()).expect("the results can be written");
    }
    if report.misses_a_bar() {
        eprintln!("a bar is missed: see the rows marked ✘");
    }
}
