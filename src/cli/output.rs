//! What people read and what programs read.

use std::io::IsTerminal;

use clap::builder::styling::{AnsiColor, Style};

/// Red, yellow and green, on a terminal only, and not where `NO_COLOR` is set.
#[derive(Clone, Copy)]
pub(super) enum Shade {
    Bad,
    Doubtful,
    Good,
    Quiet,
}

/// `text` in its colour.
pub(super) fn shaded(shade: Shade, text: &str) -> String {
    if !std::io::stdout().is_terminal() || !colours() {
        return text.to_owned();
    }
    let style = match shade {
        Shade::Bad => Style::new().fg_color(Some(AnsiColor::Red.into())).bold(),
        Shade::Doubtful => Style::new().fg_color(Some(AnsiColor::Yellow.into())),
        Shade::Good => Style::new().fg_color(Some(AnsiColor::Green.into())),
        Shade::Quiet => Style::new().dimmed(),
    };
    format!("{style}{text}{style:#}")
}

/// Whether colours are wanted where there is a terminal.
pub(super) fn colours() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|it| it.is_empty())
}

/// `text` with its control characters spelt out: a key that another program wrote could turn the terminal's colours, or
/// wipe what stands there.
pub(super) fn visible(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_control() {
            visible.extend(letter.escape_default());
        } else {
            visible.push(letter);
        }
    }
    visible
}

/// Bytes with the unit that suits them: `1.5 kB`.
pub(super) fn bytes(bytes: u64) -> String {
    indicatif::DecimalBytes(bytes).to_string()
}

/// Columns as wide as their widest cell; the first to the left, the others to the right.
pub(super) fn table(heads: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain(heads.get(column).map(|head| head.chars().count())).max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..heads.len()).map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let cells = cells.zip(&widths).enumerate().map(|(column, (cell, width))| {
            if column == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut lines = vec![shaded(Shade::Quiet, &line(&mut heads.iter().copied()))];
    lines.extend(rows.iter().map(|row| line(&mut row.iter().map(String::as_str))));
    lines.join("\n")
}
