//! A node's figures as a page of text that fits where it is shown.

use serde_json::Value;

use super::super::output::{Shade, bytes, shaded, table};

/// The space there is; `None` without an end.
pub(super) struct Room {
    pub(super) columns: Option<usize>,
    pub(super) lines: Option<usize>,
}

const HEADS: [&str; 9] =
    ["family", "hits", "process", "store", "stale", "missed", "computes", "failed", "took"];

/// What says least that the others do not: left out where there is little room.
const LEAST: usize = 6;

/// What the columns behind the first take at most, and the gaps before them: numbers are cut to five characters.
const OTHER_COLUMNS: usize = 66;
const WITHOUT_THE_LEAST: usize = 56;

/// The longest name of a family that is not cut for the sake of a column.
const NAME: usize = 24;

/// The lines around the rows: the head, an empty one, the columns' heads, an empty one, the last.
const OTHER_LINES: usize = 6;

pub(super) fn page(stats: &Value, room: &Room) -> String {
    let used = |family: &&Value| {
        ["l1_hits", "l2_hits", "stale", "misses", "bypasses", "sets"]
            .iter()
            .any(|name| number(family, name) > 0)
    };
    let families: Vec<_> =
        stats["families"].as_array().into_iter().flatten().filter(used).collect();
    let head = head(stats);
    if families.is_empty() {
        return format!("{head}\n\n{}", shaded(Shade::Quiet, "nothing has been asked for yet"));
    }
    let columns = room.columns.unwrap_or(usize::MAX);
    let narrow = columns < OTHER_COLUMNS + NAME;
    let others = if narrow { WITHOUT_THE_LEAST } else { OTHER_COLUMNS };
    let name_width = columns.saturating_sub(others).max(8);
    let most = room.lines.map_or(usize::MAX, |lines| lines.saturating_sub(OTHER_LINES + 1).max(1));
    let mut heads = HEADS.to_vec();
    let shown = families.iter().take(most).map(|family| row(family, name_width));
    let mut rows: Vec<_> = shown.collect();
    if narrow {
        heads.remove(LEAST);
        rows.iter_mut().for_each(|row| drop(row.remove(LEAST)));
    }
    let mut page = format!("{head}\n\n{}", table(&heads, &rows));
    if families.len() > most {
        let more = format!("… and {} more", families.len() - most);
        page.push_str(&format!("\n{}", shaded(Shade::Quiet, &more)));
    }
    page
}

/// Two lines: the store, and the process.
fn head(stats: &Value) -> String {
    let available = stats["store_available"].as_bool().unwrap_or(false);
    let says = if available { "answers" } else { "does not answer" };
    let store = format!("{} {says}", stats["store"].as_str().unwrap_or("?"));
    let mut first = vec![
        shaded(if available { Shade::Good } else { Shade::Bad }, &store),
        format!("{} hits", percent(stats)),
        format!("{} keys, {}", short(number(stats, "keys")), bytes(number(stats, "used_memory"))),
    ];
    let circuit = stats["circuit"].as_str().unwrap_or("closed");
    if circuit != "closed" {
        first.push(shaded(Shade::Bad, &format!("circuit {}", circuit.replace('_', " "))));
    }
    let mut second = vec![
        format!(
            "process: {} values, {}",
            short(number(stats, "l1_entries")),
            bytes(number(stats, "l1_bytes"))
        ),
        format!("{} computing", number(stats, "computes_in_flight")),
        format!("{} streams", short(number(&stats["stream"], "streams_open"))),
    ];
    let pending = number(stats, "removals_pending");
    if pending > 0 {
        second.push(shaded(Shade::Doubtful, &format!("{} to remove", short(pending))));
    }
    format!("{}\n{}", first.join(" · "), second.join(" · "))
}

fn row(family: &Value, name_width: usize) -> Vec<String> {
    let count = |name: &str| short(number(family, name));
    let name = family["family"].as_str().filter(|name| !name.is_empty()).unwrap_or("(no family)");
    let took = family["compute_ms"].as_f64().unwrap_or(0.0);
    vec![
        cut(name, name_width),
        percent(family),
        count("l1_hits"),
        count("l2_hits"),
        count("stale"),
        count("misses"),
        count("computes"),
        count("compute_errors"),
        if number(family, "computes") == 0 { "-".to_owned() } else { duration(took) },
    ]
}

fn number(of: &Value, name: &str) -> u64 {
    of[name].as_u64().unwrap_or(0)
}

/// Of a hundred lookups; nothing of none.
fn percent(of: &Value) -> String {
    let lookups: u64 =
        ["l1_hits", "l2_hits", "stale", "misses"].iter().map(|name| number(of, name)).sum();
    match of["hit_rate_percent"].as_f64() {
        Some(percent) if lookups > 0 => format!("{percent:.1}%"),
        _ => "-".to_owned(),
    }
}

/// In five characters at most: `9999`, `12.3k`, `456k`, `7.8M`.
fn short(number: u64) -> String {
    if number < 10_000 {
        return number.to_string();
    }
    let mut scaled = number as f64;
    for unit in ["k", "M", "G", "T"] {
        scaled /= 1000.0;
        if scaled < 99.95 {
            return format!("{scaled:.1}{unit}");
        }
        if scaled < 999.5 {
            return format!("{scaled:.0}{unit}");
        }
    }
    format!("{scaled:.0}T")
}

/// In seven characters at most: `420 µs`, `12.5 ms`, `1.2 s`.
fn duration(millis: f64) -> String {
    if millis < 1.0 {
        format!("{:.0} µs", millis * 1000.0)
    } else if millis < 100.0 {
        format!("{millis:.1} ms")
    } else if millis < 1000.0 {
        format!("{millis:.0} ms")
    } else {
        format!("{:.1} s", millis / 1000.0)
    }
}

fn cut(name: &str, width: usize) -> String {
    if name.chars().count() <= width {
        return name.to_owned();
    }
    let mut short: String = name.chars().take(width.saturating_sub(1)).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn node(families: &[&str]) -> Value {
        let family = |name: &&str| {
            json!({
                "family": name, "hit_rate_percent": 99.98, "compute_ms": 123_456.7, "l1_hits": 123_456_789_u64,
                "l2_hits": 98_765, "stale": 12_345, "misses": 123_456, "computes": 99_999, "compute_errors": 12_345,
            })
        };
        json!({
            "store": "redis", "store_available": true, "hit_rate_percent": 99.98, "l1_hits": 1, "keys": 10_000_000,
            "used_memory": 123_456_789_012_u64, "l1_entries": 123_456, "l1_bytes": 64_000_000,
            "computes_in_flight": 256, "circuit": "half_open", "removals_pending": 11_000,
            "stream": { "streams_open": 10_000 },
            "families": families.iter().map(family).collect::<Vec<_>>(),
        })
    }

    #[test]
    fn the_busiest_node_fits_into_eighty_columns() {
        let room = Room { columns: Some(80), lines: None };
        let page = page(&node(&["kpis", "a_family_with_a_name_that_is_far_too_long"]), &room);
        for line in page.lines() {
            assert!(line.chars().count() <= 80, "{}: {line}", line.chars().count());
        }
        assert!(page.contains("a_family_with_a_name_th…") && !page.contains("computes"), "{page}");
    }

    #[test]
    fn what_does_not_fit_into_the_window_is_counted() {
        let families: Vec<_> = (0..40).map(|number| format!("family_{number}")).collect();
        let families: Vec<_> = families.iter().map(String::as_str).collect();
        let page = page(&node(&families), &Room { columns: Some(80), lines: Some(24) });
        assert!(page.lines().count() + 2 <= 24, "{}", page.lines().count());
        assert!(page.ends_with("… and 23 more"), "{page}");
    }

    #[test]
    fn where_there_is_room_nothing_is_cut_or_left_out() {
        let name = "a_family_with_a_name_that_is_far_too_long";
        let page = page(&node(&[name]), &Room { columns: None, lines: None });
        assert!(page.contains(name) && page.contains("computes"), "{page}");
    }

    #[test]
    fn numbers_are_five_characters_at_most() {
        for (number, text) in [
            (0, "0"),
            (9_999, "9999"),
            (10_000, "10.0k"),
            (99_949, "99.9k"),
            (99_999, "100k"),
            (999_499, "999k"),
            (999_999, "1.0M"),
            (123_456_789, "123M"),
            (2_500_000_000, "2.5G"),
        ] {
            assert_eq!(short(number), text);
        }
        assert_eq!(
            [0.42, 12.54, 420.4, 1_234.0].map(duration),
            ["420 µs", "12.5 ms", "420 ms", "1.2 s"]
        );
    }

    #[test]
    fn a_node_that_nobody_asked_says_so_instead_of_zeroes() {
        let page = page(
            &json!({ "store": "memory", "store_available": true }),
            &Room { columns: None, lines: None },
        );
        assert!(page.starts_with("memory answers · - hits · 0 keys"), "{page}");
        assert!(page.ends_with("nothing has been asked for yet"), "{page}");
    }
}
