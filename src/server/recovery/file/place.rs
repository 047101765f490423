//! The file on the disk: one process's, its owner's eyes only, appended to or replaced as a whole.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::error::RecoveryFileError;
use super::found::{Found, Unread};
use super::line::Head;

/// Where the removals are, held for this process.
#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf,
    /// As we left it. Another length is somebody else's doing, or half a line of ours.
    length: u64,
    /// Lasts as long as this does, and no longer than the process, however that ends. A file of its own: the other one is
    /// replaced.
    _lock: File,
}

impl Place {
    /// Locks `path`, and reads what is there.
    pub(super) fn take(path: &Path, head: &Head) -> Result<(Self, Found), RecoveryFileError> {
        let failed = |error| RecoveryFileError::io(path, error);
        let foreign = |reason| RecoveryFileError::Foreign { path: path.to_owned(), reason };
        // A folder, or a device such as /dev/null, which would be replaced.
        if std::fs::metadata(path).is_ok_and(|there| !there.is_file()) {
            return Err(foreign("it is no plain file".to_owned()));
        }
        let mut options = owners();
        let lock = options.write(true).create(true).truncate(false);
        let lock = lock.open(beside(path, ".lock")).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(RecoveryFileError::Locked { path: path.to_owned() });
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let found = match File::open(path) {
            Ok(file) => Found::read(file, head).map_err(|unread| match unread {
                Unread::Io(error) => failed(error),
                Unread::Foreign(reason) => foreign(reason),
            })?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Found::default(),
            Err(error) => return Err(failed(error)),
        };
        Ok((Self { path: path.to_owned(), length: 0, _lock: lock }, found))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Adds to the end; it is on the disk when this returns. After an error half of it may be there.
    pub(super) fn append(&mut self, lines: &str) -> io::Result<()> {
        // Opened each time: a handle would write into a file that somebody has removed, and nobody would notice.
        let mut file = OpenOptions::new().append(true).open(&self.path)?;
        if file.metadata()?.len() != self.length {
            return Err(io::Error::other("somebody else has changed it"));
        }
        file.write_all(lines.as_bytes())?;
        file.sync_data()?;
        self.length += lines.len() as u64;
        Ok(())
    }

    /// Puts `lines` in the place of all that is there: either all of them are on the disk when this returns, or what was
    /// there before.
    pub(super) fn replace(&mut self, lines: &str) -> io::Result<()> {
        let new = beside(&self.path, ".new");
        // Left behind by a process that died.
        drop(std::fs::remove_file(&new));
        let written = owners().write(true).create_new(true).open(&new).and_then(|mut file| {
            file.write_all(lines.as_bytes())?;
            file.sync_all()?;
            std::fs::rename(&new, &self.path)
        });
        if let Err(error) = written {
            drop(std::fs::remove_file(&new));
            return Err(error);
        }
        self.length = lines.len() as u64;
        sync_folder(&self.path)
    }
}

/// Keys may name people: nobody else reads them.
fn owners() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// That a name means another file now is on the disk only when its folder is.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
