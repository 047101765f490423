//! Connections: one that writes, and as many readers as are needed at once.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rusqlite::{Connection, OpenFlags};

use super::DatabaseError;

/// The open database. In WAL mode readers never wait for the writer.
#[derive(Debug)]
pub struct Database {
    path: PathBuf,
    // Before the writer, so that it is dropped before it: the last to close folds
    // the write-ahead log into the file, and a reader may not.
    idle: Mutex<Vec<Connection>>,
    writer: Mutex<Connection>,
}

impl Database {
    /// Connects to a file that [`super::open`] has made ready.
    pub fn connect(path: &Path) -> Result<Self, DatabaseError> {
        let writer = Connection::open(path)?;
        writer.execute_batch("PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000;")?;
        Ok(Self { path: path.to_owned(), idle: Mutex::default(), writer: Mutex::new(writer) })
    }

    /// A read-only connection of the caller's own.
    pub fn reader(path: &Path) -> Result<Connection, DatabaseError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let reader = Connection::open_with_flags(path, flags)?;
        // Mapping the file spares a copy of every page; the analytics walk many.
        reader.execute_batch("PRAGMA busy_timeout = 5000; PRAGMA cache_size = -32000; PRAGMA mmap_size = 1073741824; PRAGMA temp_store = MEMORY;")?;
        reader.set_prepared_statement_cache_capacity(64);
        Ok(reader)
    }

    /// Runs `question` on an idle reader, or a new one when all are busy. Blocks.
    pub fn read<T, E: From<DatabaseError>>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        let idle = lock(&self.idle).pop();
        let reader = match idle {
            Some(reader) => reader,
            None => Self::reader(&self.path)?,
        };
        let answer = question(&reader);
        lock(&self.idle).push(reader);
        answer
    }

    /// Runs `change` on the one writer, after those who came before. Blocks.
    pub fn write<T>(
        &self,
        change: impl FnOnce(&mut Connection) -> Result<T, DatabaseError>,
    ) -> Result<T, DatabaseError> {
        change(&mut lock(&self.writer))
    }
}

/// A panic under the lock leaves no half-done state: SQLite rolls back.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
