//! Makes the database ready, with a progress bar for whoever waits.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::database::{DatabaseError, HistoryFile, Opening, OpeningLock, open};
use crate::history::World;

/// Opens or makes the history file and says on stderr what it did. One process at a time: the next one waits, and finds
/// the file that the first has made.
pub fn prepare(file: &HistoryFile) -> Result<World, DatabaseError> {
    let path = file.path.display();
    let _lock = OpeningLock::take(&file.path, |holder| {
        eprintln!("  database  {path}: waiting for {holder}, which is making it");
    })?;
    let started = Instant::now();
    let bar = ProgressBar::no_length();
    let style = ProgressStyle::with_template("  {msg:<24} [{bar:32}] {percent:>3}%  {elapsed}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ");
    bar.set_style(style);
    bar.set_message("writing the history");
    let mut ticking = false;
    let (world, opening) = open(file, &mut |hours, of| {
        // A short gap is caught up with faster than a bar can be read.
        if of > 24 * 7 && !ticking {
            ticking = true;
            bar.set_length(of);
            bar.enable_steady_tick(Duration::from_millis(250));
        }
        bar.set_position(hours);
        if hours == of && ticking {
            bar.set_message("building the indices");
        }
    })?;
    bar.finish_and_clear();
    let seconds = started.elapsed().as_secs_f64();
    let runs = world.recipe.runs;
    match opening {
        Opening::Created => {
            eprintln!("  database  {path}: made a history of {runs} runs in {seconds:.1} s")
        }
        Opening::Rebuilt(reason) => {
            eprintln!("  database  {path}: {reason}; made it anew ({runs} runs) in {seconds:.1} s")
        }
        Opening::Reused => eprintln!("  database  {path}"),
    }
    Ok(world)
}
