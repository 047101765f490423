//! One process at a time makes the file ready.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use super::DatabaseError;

/// The right to make a history file ready, among all processes. It ends when this is dropped, and with the process,
/// however that ends.
#[derive(Debug)]
pub struct OpeningLock(File);

impl OpeningLock {
    /// Takes the lock of the file at `path`, which need not be there yet. While another process has it, `waiting` is told
    /// once which one that is, and this blocks.
    ///
    /// # Errors
    /// [`DatabaseError::File`] when the folder or the lock cannot be written.
    pub fn take(path: &Path, waiting: impl FnOnce(&str)) -> Result<Self, DatabaseError> {
        // It stays when it is not held: if the last one removed it, two could hold two of one name.
        let lock = format!("{}.lock", path.display());
        Self::take_at(Path::new(&lock), waiting)
            .map_err(|source| DatabaseError::File { path: lock, source })
    }

    fn take_at(lock: &Path, waiting: impl FnOnce(&str)) -> std::io::Result<Self> {
        if let Some(folder) = lock.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(lock)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                file.read_to_string(&mut holder)?;
                waiting(holder.lines().next().unwrap_or("another process"));
                file.lock()?;
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
        file.rewind()?;
        file.set_len(0)?;
        writeln!(file, "process {}", std::process::id())?;
        Ok(Self(file))
    }
}

impl Drop for OpeningLock {
    fn drop(&mut self) {
        // The system would end it too: a file that another process was handed keeps it open.
        let _ = self.0.unlock();
    }
}
