//! Why a job could not be set up or run.

use crate::server::store::StoreError;

/// Why a job could not be set up or run by hand.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JobError {
    /// The schedule does not read, or no time ever matches it (`0 0 31 2 *`).
    #[error("E_JOB_SCHEDULE: `{schedule}`: {reason}")]
    Schedule {
        /// The schedule as it was given.
        schedule: String,
        /// Why.
        reason: String,
    },
    /// Two jobs of one name, or a job without one: they would share a journal.
    #[error("E_JOB_NAME: there is a job `{0}` already, or it has no name")]
    Name(String),
    /// There is no such job.
    #[error("E_JOB_UNKNOWN: there is no job `{0}`")]
    Unknown(String),
    /// It is being run, here or by another node.
    #[error("E_JOB_BUSY: `{0}` is being run")]
    Busy(String),
    /// The store failed, and without it nobody knows whether another node runs the job.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl JobError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Schedule { .. } => "E_JOB_SCHEDULE",
            Self::Name(_) => "E_JOB_NAME",
            Self::Unknown(_) => "E_JOB_UNKNOWN",
            Self::Busy(_) => "E_JOB_BUSY",
            Self::Store(error) => error.code(),
        }
    }
}
