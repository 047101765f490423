//! The SQLite file: making it, opening it again, and connections to it.

mod append;
mod ledger;
mod load;
mod open;
mod opening;
mod pool;

pub use append::{admit_users, append_activity, append_purchase, append_run, finish_run};
pub use load::{Progress, bring_up_to};
pub use open::{HistoryFile, Opening, open};
pub use opening::OpeningLock;
pub use pool::Database;

/// Raised whenever the tables change; a file with another number is made anew.
pub const SCHEMA_VERSION: i32 = 2;

/// SQLite's application id for our files ("same"): a file without it is
/// somebody else's, and is never overwritten.
pub const APPLICATION_ID: i32 = 0x7361_6d65;

/// Why the database could not be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatabaseError {
    /// SQLite refused.
    #[error("SQLite: {0}")]
    Sql(#[from] rusqlite::Error),
    /// The file or its folder could not be written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// There is a file at the path that we did not make.
    #[error(
        "{path} is not a samekey-demo database; name another file with --database, or remove it"
    )]
    NotOurs {
        /// The file.
        path: String,
    },
}

impl DatabaseError {
    /// A stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Sql(_) => "E_DATABASE_SQL",
            Self::File { .. } => "E_DATABASE_FILE",
            Self::NotOurs { .. } => "E_DATABASE_NOT_OURS",
        }
    }
}
