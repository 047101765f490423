//! Why a command ends without success, and how a shell learns of it.

use std::fmt;

/// A message, and the exit code: 1 for a finding, 2 for not being able to look.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) code: u8,
    pub(super) message: String,
}

impl Failure {
    /// Something was found that should not be.
    pub(super) fn found(message: impl Into<String>) -> Self {
        Self { code: 1, message: message.into() }
    }

    /// What was asked for could not be tried.
    pub(super) fn unable(message: impl Into<String>) -> Self {
        Self { code: 2, message: message.into() }
    }

    /// What was asked for was done but for some servers.
    pub(super) fn missing(servers: &[String]) -> Self {
        Self::found(format!(
            "E_STORE_MISSING: no answer from {}: what is there is not shown",
            servers.join(", ")
        ))
    }

    /// The question was wrong.
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self::unable(message)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<samekey::server::StoreError> for Failure {
    fn from(error: samekey::server::StoreError) -> Self {
        Self::unable(error.to_string())
    }
}

impl From<samekey::server::CacheError> for Failure {
    fn from(error: samekey::server::CacheError) -> Self {
        Self::unable(error.to_string())
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::unable(error.to_string())
    }
}
