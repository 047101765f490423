//! What is owed, on the disk too, so that a process that dies takes no removal along.
//!
//! - `line`: what stands there; `found`: reading it at the start.
//! - `place`: the file, its lock, and the two ways to change it.
//! - `board`, `writer`: the calls note what is owed and wait; a thread writes all that came together with one sync.
//!
//! Of a removal that was carried out nothing is written: the file is replaced when nothing is owed any more, or when
//! most of it is done. What stands there too much is removed once more, which is a compute; what stood there too little
//! would be a stale value.

mod board;
mod error;
mod found;
mod line;
mod place;
mod writer;

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use board::Board;
use place::Place;
use writer::Writer;

pub use error::RecoveryFileError;
pub(super) use error::UNWRITTEN;
pub(super) use found::Found;
pub(super) use line::{Head, Owed, OwedOf};
pub(super) use writer::Owing;

/// A file that was locked and read, and is not written to yet.
#[derive(Debug)]
pub(super) struct Opened {
    place: Place,
    head: Head,
}

/// The file in use. Dropping it ends the thread that writes, when it has written what it was told.
#[derive(Debug)]
pub(super) struct RecoveryFile {
    board: Arc<Board>,
}

impl Opened {
    pub(super) fn open(path: &Path, head: Head) -> Result<(Self, Found), RecoveryFileError> {
        let (place, found) = Place::take(path, &head)?;
        Ok((Self { place, head }, found))
    }

    /// Begins to write: first what is owed now.
    pub(super) fn begin(self, owing: impl Owing) -> Result<RecoveryFile, RecoveryFileError> {
        let (board, path) = (Arc::new(Board::new()), self.place.path().to_owned());
        let writer = Writer::new(self.place, self.head, board.clone(), Box::new(owing));
        let thread = thread::Builder::new().name("samekey-recovery".to_owned());
        let begun = thread.spawn(move || writer.run());
        begun.map_err(|error: io::Error| RecoveryFileError::io(&path, error))?;
        Ok(RecoveryFile { board })
    }
}

impl RecoveryFile {
    /// Notes what is owed; the number to wait for. Called under the queue's lock, so that the notes are in its order.
    pub(super) fn note(&self, owed: impl IntoIterator<Item = Owed>) -> u64 {
        self.board.note(owed)
    }

    /// How many were noted so far.
    pub(super) fn noted(&self) -> u64 {
        self.board.count()
    }

    /// Waits until the note of this number is on the disk, not for long. Else says why it is not.
    pub(super) async fn saved(&self, number: u64) -> Result<(), Arc<str>> {
        self.board.saved(number).await
    }

    /// How many of the notes are not on the disk.
    pub(super) fn unsaved(&self) -> u64 {
        self.board.unsaved()
    }

    /// Something is owed no more.
    pub(super) fn look(&self) {
        self.board.look();
    }
}

impl Drop for RecoveryFile {
    fn drop(&mut self) {
        self.board.close();
    }
}

#[cfg(test)]
mod tests;
