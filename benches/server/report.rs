//! The rows, and how they print.

use std::fmt;
use std::time::Duration;

/// What was measured.
#[derive(Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
}

struct Row {
    what: String,
    samekey: String,
    beside: String,
    verdict: String,
    bar: String,
    met: bool,
}

impl Report {
    /// A row against a peer, as a ratio of times: below 1 samekey is the faster.
    pub(crate) fn against(
        &mut self,
        what: &str,
        samekey: Duration,
        peer: (&str, Duration),
        at_most: Option<f64>,
    ) {
        let ratio = samekey.as_secs_f64() / peer.1.as_secs_f64();
        self.rows.push(Row {
            what: what.to_owned(),
            samekey: time(samekey),
            beside: format!("{}: {}", peer.0, time(peer.1)),
            verdict: if ratio < 0.01 {
                format!("1 / {:.0}", 1.0 / ratio)
            } else {
                format!("{ratio:.2}×")
            },
            bar: at_most
                .map_or_else(String::new, |bar| format!("≤ {}×", (bar * 100.0).round() / 100.0)),
            met: at_most.is_none_or(|bar| ratio <= bar),
        });
    }

    /// A row whose bar is a figure and not a peer.
    pub(crate) fn figure(
        &mut self,
        what: &str,
        measured: impl fmt::Display,
        bar: impl fmt::Display,
        met: bool,
    ) {
        self.beside(what, measured, "", bar, met);
    }

    /// The same, with what stands beside it.
    pub(crate) fn beside(
        &mut self,
        what: &str,
        measured: impl fmt::Display,
        beside: impl fmt::Display,
        bar: impl fmt::Display,
        met: bool,
    ) {
        self.rows.push(Row {
            what: what.to_owned(),
            samekey: measured.to_string(),
            beside: beside.to_string(),
            verdict: String::new(),
            bar: bar.to_string(),
            met,
        });
    }

    pub(crate) fn misses_a_bar(&self) -> bool {
        self.rows.iter().any(|row| !row.met)
    }

    /// The rows alone, for a report whose preface is its own.
    pub(crate) fn table(&self, f: &mut impl fmt::Write) -> fmt::Result {
        writeln!(f, "| what | samekey | beside | ratio | bar | |\n|---|--:|--:|--:|--:|---|")?;
        for Row { what, samekey, beside, verdict, bar, met } in &self.rows {
            let mark = if bar.is_empty() {
                ""
            } else if *met {
                "✔"
            } else {
                "✘"
            };
            writeln!(f, "| {what} | {samekey} | {beside} | {verdict} | {bar} | {mark} |")?;
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# The server's cache, side by side\n")?;
        writeln!(
            f,
            "Written by `make bench`; do not edit. Medians of rounds in which the sides take turns."
        )?;
        writeln!(
            f,
            "Redis on one core, its caller on the other (64 tasks: on both), over loopback."
        )?;
        writeln!(
            f,
            "A ratio is samekey's time over the peer's: below 1, samekey is the faster.\n"
        )?;
        self.table(f)
    }
}

/// A time with the unit that suits it.
pub(crate) fn time(time: Duration) -> String {
    let nanos = time.as_nanos();
    match nanos {
        0..1_000 => format!("{nanos} ns"),
        1_000..1_000_000 => format!("{:.1} µs", time.as_secs_f64() * 1e6),
        1_000_000..1_000_000_000 => format!("{:.1} ms", time.as_secs_f64() * 1e3),
        _ => format!("{:.2} s", time.as_secs_f64()),
    }
}

/// The middle one.
pub(crate) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
