//! Why a value could not be read or written, and what that says about the stored bytes.

use std::borrow::Cow;

/// What [`Codec`](super::Codec) fails with. Each failure to read is a miss; [`CodecError::remedy`] says what becomes of
/// the bytes, [`CodecError::is_security_event`] whether somebody should be told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CodecError {
    /// Written by somebody who knows more than this process: a newer version, another key. Left where it is.
    #[error("E_CODEC_FOREIGN: {key}: {what}; taken as a miss, and left for those who can read it")]
    Foreign {
        /// The key.
        key: String,
        /// What is not known here.
        what: Foreign,
    },
    /// Nobody can read it.
    #[error("E_CODEC_CORRUPT: {key}: {why}; taken as a miss")]
    Corrupt {
        /// The key.
        key: String,
        /// What is wrong with it.
        why: Cow<'static, str>,
    },
    /// The cipher refuses it: encrypted for another key of the cache, with other key bytes under the same id, or changed.
    #[error(
        "E_CODEC_NOT_AUTHENTIC: {key}: not what was encrypted here with encryption key {key_id}; taken as a miss"
    )]
    NotAuthentic {
        /// The key.
        key: String,
        /// The encryption key's id.
        key_id: u32,
    },
    /// A readable value under a key of a sensitive family. Nobody of ours wrote it.
    #[error(
        "E_CODEC_NOT_ENCRYPTED: {key}: the family is sensitive and the stored value is not encrypted; taken as a miss"
    )]
    NotEncrypted {
        /// The key.
        key: String,
    },
    /// More bytes than a value may have once decoded; told before they are allocated.
    #[error("E_CODEC_TOO_LARGE: {key}: {bytes} bytes decoded; at most {limit} are taken")]
    TooLarge {
        /// The key.
        key: String,
        /// What the value has, or claims to have.
        bytes: usize,
        /// The most that is taken.
        limit: usize,
    },
    /// Sensitive families need an encryption key, and there is none. They are never stored plain.
    #[error(
        "E_CODEC_NO_KEY: {families:?}: sensitive, and there is no encryption key; give a `KeyRing`, or nothing of them is stored"
    )]
    NoKey {
        /// The families.
        families: Vec<String>,
    },
    /// Settings for a family that the schema does not have.
    #[error("E_FAMILY_UNKNOWN: `{0}` has an encoding and is not in the schema")]
    UnknownFamily(String),
    /// The operating system gave no random bytes for a nonce.
    #[error(
        "E_CODEC_NO_RANDOMNESS: the operating system gave no random bytes; nothing is encrypted without"
    )]
    NoRandomness,
}

/// What of a stored value is not known to this process.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Foreign {
    /// A later version of the header.
    #[error("version {0} of the header")]
    Version(u8),
    /// A format, compression or cipher that this version does not have.
    #[error("codec {0:#04x}")]
    Codec(u8),
    /// An encryption key that is not in the ring.
    #[error("encryption key {0}, which is not in the ring")]
    EncryptionKey(u32),
    /// What looks like a Python pickle, and pickles are not read here.
    #[error("looks like a Python pickle, and pickles are not read here")]
    Pickle,
}

/// What to do with stored bytes that were not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Nothing: somebody else may read them, and the next compute writes over them.
    Leave,
    /// Remove them, if they are still the same: no one is served by them.
    Remove,
}

impl CodecError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Foreign { .. } => "E_CODEC_FOREIGN",
            Self::Corrupt { .. } => "E_CODEC_CORRUPT",
            Self::NotAuthentic { .. } => "E_CODEC_NOT_AUTHENTIC",
            Self::NotEncrypted { .. } => "E_CODEC_NOT_ENCRYPTED",
            Self::TooLarge { .. } => "E_CODEC_TOO_LARGE",
            Self::NoKey { .. } => "E_CODEC_NO_KEY",
            Self::UnknownFamily(_) => "E_FAMILY_UNKNOWN",
            Self::NoRandomness => "E_CODEC_NO_RANDOMNESS",
        }
    }

    /// What to do with the stored bytes. What another node may read is left, and so is what the cipher refuses: a node
    /// with a wrong encryption key must not empty the cache of the others.
    #[must_use]
    pub const fn remedy(&self) -> Remedy {
        match self {
            Self::Corrupt { .. } | Self::NotEncrypted { .. } | Self::TooLarge { .. } => {
                Remedy::Remove
            }
            _ => Remedy::Leave,
        }
    }

    /// Whether it belongs into the audit log: somebody wrote what this service did not, or holds another key.
    #[must_use]
    pub const fn is_security_event(&self) -> bool {
        matches!(self, Self::NotAuthentic { .. } | Self::NotEncrypted { .. })
    }

    pub(super) fn corrupt(key: &str, why: impl Into<Cow<'static, str>>) -> Self {
        Self::Corrupt { key: key.to_owned(), why: why.into() }
    }

    pub(super) fn foreign(key: &str, what: Foreign) -> Self {
        Self::Foreign { key: key.to_owned(), what }
    }
}
