//! Opening the file: made at the first start, brought up to date at the next,
//! made anew when it does not fit.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::load::{Progress, bring_up_to, fill};
use super::{APPLICATION_ID, DatabaseError, SCHEMA_VERSION};
use crate::history::{Recipe, World};
use crate::timeframe::{DAY, HOUR, Millis};

/// Past this gap a file is made anew: going on would leave its outages and its
/// new users behind the longest timeframe one by one.
const OLDEST_GAP: Millis = 30 * DAY;

/// Runs in the last 90 days of a new file, unless another number is asked for.
const FULL_SIZE: u64 = 1_000_000;

/// Which history file is wanted.
#[derive(Debug, Clone)]
pub struct HistoryFile {
    /// Where it is.
    pub path: PathBuf,
    /// Runs in the last 90 days; `None` takes any file, and a million for a new one.
    pub runs: Option<u64>,
    /// The seed of a new file.
    pub seed: u64,
    /// The time it must reach.
    pub now: Millis,
}

/// What had to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opening {
    /// There was none.
    Created,
    /// There was one, but it did not fit, for this reason.
    Rebuilt(String),
    /// There was one; it has been brought up to date if it had fallen behind.
    Reused,
}

/// Makes sure that the file is there, fits, and reaches `now`. Returns the world
/// it was made from, and what had to be done.
///
/// A file is built beside its place and renamed when complete, so a build that
/// is interrupted leaves nothing that looks like a database. Two that build at
/// once would spoil each other's: whoever is not alone holds an [`OpeningLock`].
///
/// [`OpeningLock`]: super::OpeningLock
pub fn open(file: &HistoryFile, progress: Progress<'_>) -> Result<(World, Opening), DatabaseError> {
    let (opening, runs) = match examine(file)? {
        Found::Nothing => (Opening::Created, None),
        Found::Misfit { reason, runs } => (Opening::Rebuilt(reason), runs),
        Found::Usable(recipe) => {
            let world = World::new(recipe);
            bring_up_to(&mut connect(&file.path)?, &world, file.now, progress)?;
            return Ok((world, Opening::Reused));
        }
    };
    let world = World::new(Recipe {
        seed: file.seed,
        origin: file.now,
        runs: file.runs.or(runs).unwrap_or(FULL_SIZE),
    });
    build(&file.path, &world, progress)?;
    Ok((world, opening))
}

/// What is at the path.
enum Found {
    Nothing,
    Usable(Recipe),
    /// Ours, but of no use as it is; its size is kept if it can be read.
    Misfit {
        reason: String,
        runs: Option<u64>,
    },
}

fn connect(path: &Path) -> Result<Connection, DatabaseError> {
    Ok(Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?)
}

fn examine(file: &HistoryFile) -> Result<Found, DatabaseError> {
    if !file.path.exists() {
        return Ok(Found::Nothing);
    }
    let not_ours = || DatabaseError::NotOurs { path: file.path.display().to_string() };
    let connection = connect(&file.path)?;
    let number =
        |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get::<_, i32>(0));
    // Anything that SQLite cannot even read is not ours either.
    if number("application_id").map_err(|_| not_ours())? != APPLICATION_ID {
        return Err(not_ours());
    }
    let version = number("user_version")?;
    if version != SCHEMA_VERSION {
        let reason = format!("its format is {version}, this program writes {SCHEMA_VERSION}");
        return Ok(Found::Misfit { reason, runs: None });
    }
    let (recipe, reached) =
        connection.query_row("SELECT seed, origin, runs, reached FROM meta", [], |row| {
            let (seed, runs): (i64, i64) = (row.get(0)?, row.get(2)?);
            Ok((
                Recipe { seed: seed as u64, origin: row.get(1)?, runs: runs as u64 },
                row.get::<_, Millis>(3)?,
            ))
        })?;
    let reason = match file.runs {
        Some(wanted) if wanted != recipe.runs => {
            format!("it was made for {} runs, not {wanted}", recipe.runs)
        }
        _ if reached > file.now + HOUR => "it reaches past the present".to_owned(),
        _ if file.now - reached > OLDEST_GAP => {
            format!("it ends {} days ago", (file.now - reached) / DAY)
        }
        _ => return Ok(Found::Usable(recipe)),
    };
    Ok(Found::Misfit { reason, runs: Some(recipe.runs) })
}

fn build(path: &Path, world: &World, progress: Progress<'_>) -> Result<(), DatabaseError> {
    let failed = |source| DatabaseError::File { path: path.display().to_string(), source };
    let beside = |suffix: &str| PathBuf::from(format!("{}{suffix}", path.display()));
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let partial = beside(".partial");
    let _ = fs::remove_file(&partial);
    let mut connection = Connection::open(&partial)?;
    // Nothing to lose before the rename, so the load does without a journal.
    connection.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -200000; PRAGMA temp_store = MEMORY;")?;
    fill(&mut connection, world, progress)?;
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    connection.pragma_update(None, "user_version", SCHEMA_VERSION)?;
    connection.execute_batch("PRAGMA journal_mode = WAL;")?;
    connection.close().map_err(|(_, error)| error)?;
    for stale in ["-wal", "-shm"] {
        let _ = fs::remove_file(beside(stale));
    }
    fs::rename(&partial, path).map_err(failed)
}
