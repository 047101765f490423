//! The thread that writes: what came together in one go, with one sync.

use std::sync::Arc;

use super::board::{Batch, Board};
use super::error::UNWRITTEN;
use super::line::{Head, Owed};
use super::place::Place;

/// Lines that may stand in the file beside twice what is owed. What was carried out since and still stands there costs a
/// removal more after a crash, and nothing else: so it is taken out when it pays, not each time.
const SURPLUS: usize = 1_000;

/// The queue, as the thread sees it.
pub(in crate::server::recovery) trait Owing: Send + 'static {
    /// How much is owed now.
    fn count(&self) -> usize;

    /// All that is owed now, and the number of the last note that is in it; `None` when the queue is gone.
    fn all(&self) -> Option<(Vec<Owed>, u64)>;
}

pub(super) struct Writer {
    place: Place,
    head: Head,
    board: Arc<Board>,
    owing: Box<dyn Owing>,
    /// Those that the file has.
    lines: usize,
    /// Whether the file is as we wrote it. Else nothing is added to it: it is replaced.
    sound: bool,
    failed: bool,
}

impl Writer {
    /// Begins with replacing what an earlier process left: with half a line at its end perhaps, or with what is too old.
    pub(super) fn new(place: Place, head: Head, board: Arc<Board>, owing: Box<dyn Owing>) -> Self {
        board.look();
        Self { place, head, board, owing, lines: 0, sound: false, failed: false }
    }

    pub(super) fn run(mut self) {
        while let Some(batch) = self.board.next(self.failed) {
            self.turn(&batch);
        }
    }

    fn turn(&mut self, batch: &Batch) {
        let (mut saved, mut error) = (None, None);
        if self.sound {
            match self.append(&batch.owed) {
                Ok(()) => saved = Some(batch.upto),
                // Half of it may be there, or nothing is there any more.
                Err(refused) => (self.sound, error) = (false, Some(refused)),
            }
        }
        if (!self.sound || self.lines > room_for(self.owing.count()))
            && let Some((owed, upto)) = self.owing.all()
        {
            match self.replace(&owed) {
                Ok(()) => (self.sound, saved, error) = (true, saved.max(Some(upto)), None),
                Err(refused) => error = Some(refused),
            }
        }
        self.report(error.as_ref());
        self.board.tell(batch.upto, saved, error.map(|error| error.to_string().into()));
    }

    fn append(&mut self, owed: &[Owed]) -> std::io::Result<()> {
        if !owed.is_empty() {
            let lines: String = owed.iter().map(Owed::to_line).collect();
            self.place.append(&lines)?;
            self.lines += owed.len();
        }
        Ok(())
    }

    fn replace(&mut self, owed: &[Owed]) -> std::io::Result<()> {
        let lines = std::iter::once(self.head.to_line()).chain(owed.iter().map(Owed::to_line));
        self.place.replace(&lines.collect::<String>())?;
        self.lines = owed.len();
        Ok(())
    }

    /// Once when it begins to fail, and once when it is over.
    fn report(&mut self, error: Option<&std::io::Error>) {
        let path = self.place.path().display();
        match (error, self.failed) {
            (Some(error), false) => tracing::error!(
                code = UNWRITTEN, %path, %error,
                "removals that are owed cannot be written down: they are lost if this process dies"
            ),
            (None, true) => tracing::info!(%path, "what is owed is written down again"),
            _ => {}
        }
        self.failed = error.is_some();
    }
}

/// How many lines the file may have while so much is owed.
const fn room_for(owed: usize) -> usize {
    if owed == 0 { 0 } else { 2 * owed + SURPLUS }
}
