//! What an earlier process left to be done.

use std::path::Path;

use tokio::time::Instant;

use super::file::{Found, Head, Opened, OwedOf};
use super::queue::DoneOn;
use super::{RecoveryFileError, RecoveryStore, worker};
use crate::schema::{Pattern, Schema};
use crate::server::backplane::Notice;
use crate::server::store::Store;

impl<S: Store> RecoveryStore<S> {
    /// The same with the queue kept in a file too, so that it outlasts the process. What stands in the file is queued when
    /// this returns: nothing of it is believed, and it is carried out as soon as the store answers. Call it last.
    ///
    /// The file is made if there is none, readable by its owner only, and belongs to this store alone as long as it lives.
    /// `schema` is the one whose values these are: one that is not in doubt about what is owed (a spoilt file) takes
    /// all of them for stale. Reads the file at once, on this thread; writes on a thread of its own.
    ///
    /// # Errors
    /// A file that another has, that is of another schema or namespace, or that cannot be read.
    pub fn kept_in(
        self,
        path: impl AsRef<Path>,
        schema: &Schema,
    ) -> Result<Self, RecoveryFileError> {
        let path = path.as_ref();
        let head = Head::new(&schema.name, self.store.namespace());
        let (file, found) = Opened::open(path, head)?;
        self.restore(&found, path, schema);
        self.recovery.keep_in(file)?;
        if self.recovery.pending() > 0 {
            worker::start(&self.store, &self.recovery, self.breaker.clone());
        }
        Ok(self)
    }

    fn restore(&self, found: &Found, path: &Path, schema: &Schema) {
        let path = path.display();
        if found.torn {
            tracing::info!(%path, "the recovery file ends in the middle of a line, of which nothing was promised");
        }
        let now = Instant::now();
        let mut restored = Vec::new();
        self.recovery.change(|queue| {
            for owed in &found.owed {
                match &owed.of {
                    OwedOf::Key(key) => queue.add_old_key(key, owed.age(), now),
                    OwedOf::Pattern(pattern) => queue.add_old_pattern(pattern, owed.age(), now),
                }
            }
            if found.spoilt > 0 {
                for family in Notice::every_family(schema) {
                    queue.add_pattern(&family, &DoneOn::default(), now);
                }
            }
            // What is too old goes at once, not only when the store answers.
            let batch = queue.batch(now);
            let keys = batch.keys.iter().filter_map(|(key, _)| Pattern::parse(key).ok());
            restored = keys.chain(batch.patterns.into_iter().map(|due| due.pattern)).collect();
        });
        if found.spoilt > 0 {
            tracing::error!(
                code = "E_RECOVERY_SPOILT", %path, lines = found.spoilt,
                "what was owed cannot be read any more; every value of the schema is taken for stale"
            );
        }
        if !restored.is_empty() {
            tracing::warn!(%path, removals = restored.len(), "an earlier process left removals to be carried out");
        }
        self.recovery.set_restored(restored);
    }
}
