//! Keys, each with its algorithm.

use std::fmt;

use jsonwebtoken::{Algorithm, DecodingKey, Header};

use crate::server::access::AccessConfigError;

/// A shorter secret can be found by trying (RFC 7518 asks for as many bits as the hash has).
const SHORTEST_SECRET: usize = 32;

/// A key that tokens are checked with. It knows its algorithm, and checks no token that names another.
pub struct JwtKey {
    pub(super) algorithm: Algorithm,
    pub(super) key: DecodingKey,
    id: Option<String>,
}

impl JwtKey {
    /// A secret that the issuer shares: HMAC with SHA-256.
    ///
    /// # Errors
    /// `E_ACCESS_KEY` below 32 bytes; and for a PEM text: that is a public key, which everybody has.
    pub fn hs256(secret: impl AsRef<[u8]>) -> Result<Self, AccessConfigError> {
        let secret = secret.as_ref();
        if secret.len() < SHORTEST_SECRET {
            return Err(unusable("a shared secret needs 32 bytes or more"));
        }
        if secret.trim_ascii_start().starts_with(b"-----BEGIN") {
            return Err(unusable("that is a PEM, no shared secret: use rs256 or ed25519"));
        }
        Ok(Self::new(Algorithm::HS256, DecodingKey::from_secret(secret)))
    }

    /// The issuer's RSA public key, as PEM (`-----BEGIN PUBLIC KEY-----`).
    ///
    /// # Errors
    /// `E_ACCESS_KEY` when it is none.
    pub fn rs256(pem: impl AsRef<[u8]>) -> Result<Self, AccessConfigError> {
        let key = DecodingKey::from_rsa_pem(pem.as_ref());
        let key = key.map_err(|_| unusable("no RSA public key in PEM"))?;
        Ok(Self::new(Algorithm::RS256, key))
    }

    /// The issuer's Ed25519 public key, as PEM: tokens say `EdDSA`.
    ///
    /// # Errors
    /// `E_ACCESS_KEY` when it is none.
    pub fn ed25519(pem: impl AsRef<[u8]>) -> Result<Self, AccessConfigError> {
        let key = DecodingKey::from_ed_pem(pem.as_ref());
        let key = key.map_err(|_| unusable("no Ed25519 public key in PEM"))?;
        Ok(Self::new(Algorithm::EdDSA, key))
    }

    /// The same for tokens whose header names this key (`kid`), and for those that name none.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    const fn new(algorithm: Algorithm, key: DecodingKey) -> Self {
        Self { algorithm, key, id: None }
    }

    pub(super) fn may_have_signed(&self, header: &Header) -> bool {
        let named = match (&self.id, &header.kid) {
            (Some(ours), Some(theirs)) => ours == theirs,
            _ => true,
        };
        named && header.alg == self.algorithm
    }
}

fn unusable(message: &'static str) -> AccessConfigError {
    AccessConfigError::new("E_ACCESS_KEY", message)
}

/// Without the key.
impl fmt::Debug for JwtKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtKey")
            .field("algorithm", &self.algorithm)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
