//! Who invalidated what, who read what is sensitive, who was refused: a line of JSON for each.
//!
//! A line never holds a token, a header, a query, or a cached value.

mod record;
mod writer;

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::time::SystemTime;
use std::{fmt, thread};

use tokio::sync::oneshot;

pub use record::{AuditRecord, Outcome};
use writer::Message;

use super::Principal;

/// Lines that may wait for the disk. What comes on top is lost, counted, and the loss is written down: a slow
/// disk must not slow an invalidation, nor fill the memory.
const QUEUE: usize = 8_192;

/// An audit log: JSON lines to a file or any other writer, written by a thread of its own. The clones are one.
///
/// ```
/// use samekey::server::access::{AuditLog, AuditRecord, Outcome, Principal};
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// # let path = std::env::temp_dir().join(format!("samekey-audit-doc-{}.jsonl", std::process::id()));
/// let audit = AuditLog::to_file(&path)?;
/// let done = Outcome::done(&["exec:kpis:ws1".to_owned()], 1);
/// audit.record(&Principal::named("alice"), AuditRecord::invalidate("workspace", "ws1", done));
/// audit.flush().await;
/// let line = std::fs::read_to_string(&path)?;
/// assert!(line.ends_with(
///     r#""principal":"alice","action":"invalidate","target":"workspace","value":"ws1","outcome":"done","patterns":["exec:kpis:ws1"],"deleted":1}
/// "#));
/// # std::fs::remove_file(&path)?;
/// # std::io::Result::Ok(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct AuditLog {
    inner: Arc<Inner>,
}

struct Inner {
    queue: SyncSender<Message>,
    lost: Arc<AtomicU64>,
}

impl AuditLog {
    /// Appends to this file. A new one is readable by its owner only.
    ///
    /// # Errors
    /// The file cannot be opened for appending, or no thread started.
    pub fn to_file(path: impl AsRef<Path>) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Self::to(options.open(path)?)
    }

    /// Writes to `writer`, such as [`std::io::stderr`]. One `write` call has whole lines.
    ///
    /// # Errors
    /// No thread started.
    pub fn to(writer: impl Write + Send + 'static) -> io::Result<Self> {
        let (queue, messages) = sync_channel(QUEUE);
        let lost = Arc::new(AtomicU64::new(0));
        let losses = lost.clone();
        thread::Builder::new()
            .name("samekey-audit".to_owned())
            .spawn(move || writer::run(writer, &messages, &losses))?;
        Ok(Self { inner: Arc::new(Inner { queue, lost }) })
    }

    /// Hands a record to the writing thread and returns at once.
    pub fn record(&self, principal: &Principal, record: AuditRecord) {
        let at = SystemTime::now();
        let message = Message::Record { at, principal: principal.clone(), record };
        if let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) =
            self.inner.queue.try_send(message)
        {
            self.inner.lost.fetch_add(1, Relaxed);
        }
    }

    /// Waits until everything that was recorded before is written. At shutdown, or the last lines may be lost
    /// with the process.
    pub async fn flush(&self) {
        let (written, done) = oneshot::channel();
        let queue = self.inner.queue.clone();
        // The queue may be full, and then this waits its turn: not on a thread that serves requests.
        let asked =
            tokio::task::spawn_blocking(move || queue.send(Message::Flush(written)).is_ok());
        if asked.await.unwrap_or_default() {
            let _ = done.await;
        }
    }
}

impl fmt::Debug for AuditLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuditLog").field("lost", &self.inner.lost).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
