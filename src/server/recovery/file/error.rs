//! Why a service does not start with the recovery file that it was given.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The code of a file that cannot be read or written, also where it is no error of a call but stands in another's text.
pub(in crate::server::recovery) const UNWRITTEN: &str = "E_RECOVERY_FILE";

/// Why a recovery file cannot be used. Nothing of it was changed.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecoveryFileError {
    /// Another process, or another service of this one, works with it. Two would undo what the other wrote.
    #[error("E_RECOVERY_LOCKED: {} is in use by another service: each needs a file of its own", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// It is no recovery file, or that of another schema, namespace or version. What it says is owed somewhere else.
    #[error("E_RECOVERY_FOREIGN: {}: {reason}", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// Whose it is.
        reason: String,
    },
    /// It cannot be opened or read.
    #[error("E_RECOVERY_FILE: {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: Arc<io::Error>,
    },
}

impl RecoveryFileError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Locked { .. } => "E_RECOVERY_LOCKED",
            Self::Foreign { .. } => "E_RECOVERY_FOREIGN",
            Self::Io { .. } => UNWRITTEN,
        }
    }

    pub(super) fn io(path: &Path, error: io::Error) -> Self {
        Self::Io { path: path.to_owned(), source: Arc::new(error) }
    }
}
