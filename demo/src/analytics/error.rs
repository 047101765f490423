//! Why a question has no answer.

/// What was wrong with a question.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnalyticsError {
    /// There is no such workspace, agent or user.
    #[error("there is no {entity} {id:?}")]
    NotFound {
        /// `workspace`, `agent` or `user`.
        entity: &'static str,
        /// The identifier that was asked for.
        id: String,
    },
    /// A parameter has a value that means nothing here.
    #[error("{field} must be {expected}, not {value:?}")]
    BadParameter {
        /// The parameter.
        field: &'static str,
        /// What would be accepted.
        expected: String,
        /// What came.
        value: String,
    },
    /// The database failed.
    #[error(transparent)]
    Database(#[from] crate::database::DatabaseError),
}

impl From<rusqlite::Error> for AnalyticsError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.into())
    }
}

impl AnalyticsError {
    /// A stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "E_NOT_FOUND",
            Self::BadParameter { .. } => "E_BAD_PARAMETER",
            Self::Database(error) => error.code(),
        }
    }
}
