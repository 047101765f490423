//! Access from a JSON Web Token.

mod claims;
mod key;

use std::fmt;
use std::time::{Duration, SystemTime};

use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Validation, decode, decode_header};

use super::{Access, AccessFuture, Authorize, Principal, QueryToken, Reach};
use crate::server::http::Problem;
use claims::Claims;
pub use key::JwtKey;

/// Longer ones are no tokens of ours, and are not looked at.
const LONGEST_TOKEN: usize = 8 * 1024;

/// Access from a JSON Web Token, `Authorization: Bearer …`.
///
/// | Claim | What it must be |
/// |---|---|
/// | `iss`, `aud`, `exp` | the issuer, the audience; not over. All three must be there. `nbf` is heeded |
/// | `sub` | the principal's name |
/// | `scope` or `scopes` | scopes as one text with blanks between, or as a list |
/// | `entities` | the reach: `{"workspace": ["ws1", "ws2"], "agent": "*"}`, or `"*"` for everything. Without it: nothing |
///
/// Each key says its algorithm, and a token that names another one is refused whatever its signature: so no
/// public key is ever taken for a shared secret, and `none` is no algorithm.
///
/// ```
/// use samekey::server::access::{Jwt, JwtKey};
///
/// # let secret = [7_u8; 32];
/// let jwt = Jwt::new(JwtKey::hs256(secret)?, "https://issuer.example", "samekey");
/// // While keys are rotated, both count.
/// let jwt = jwt.or(JwtKey::hs256([8_u8; 32])?.with_id("2026-12"));
/// assert_eq!(JwtKey::hs256("too short").unwrap_err().code(), "E_ACCESS_KEY");
/// # Ok::<(), samekey::server::access::AccessConfigError>(())
/// ```
pub struct Jwt {
    issuer: String,
    audience: String,
    keys: Vec<JwtKey>,
    leeway: Duration,
}

impl Jwt {
    /// Tokens that this issuer signed with this key for this audience.
    pub fn new(key: JwtKey, issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        let (issuer, audience) = (issuer.into(), audience.into());
        Self { issuer, audience, keys: vec![key], leeway: Duration::from_secs(30) }
    }

    /// Those that were signed with this key too.
    #[must_use]
    pub fn or(mut self, key: JwtKey) -> Self {
        self.keys.push(key);
        self
    }

    /// How far the issuer's clock may be off ours, in whole seconds: 30 s unless set.
    #[must_use]
    pub const fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// What this token gives.
    ///
    /// # Errors
    /// `E_ACCESS_TOKEN_EXPIRED`; `E_ACCESS_TOKEN_INVALID`, which does not say what is wrong with it: whoever
    /// made it knows, and whoever guesses should not.
    pub fn access(&self, token: &str) -> Result<Access, Problem> {
        let claims = self.verified(token)?;
        // Later than this no stream of his goes on.
        let ends = Duration::try_from_secs_f64(claims.exp).unwrap_or_default() + self.leeway;
        let expires = SystemTime::UNIX_EPOCH.checked_add(ends).ok_or_else(invalid)?;
        Ok(Access::new(Principal::named(claims.sub))
            .with_scopes(claims.scopes)
            .with_reach(claims.entities.map_or_else(Reach::nothing, Into::into))
            .until(expires))
    }

    fn verified(&self, token: &str) -> Result<Claims, Problem> {
        if token.len() > LONGEST_TOKEN {
            return Err(invalid());
        }
        let header = decode_header(token).map_err(|_| invalid())?;
        let mut refusal = invalid();
        for key in self.keys.iter().filter(|key| key.may_have_signed(&header)) {
            match decode::<Claims>(token, &key.key, &self.validation(key)) {
                Ok(token) if !token.claims.sub.is_empty() => return Ok(token.claims),
                Ok(_) => {}
                // Its signature was right, so whoever holds it may know.
                Err(error) if matches!(error.kind(), ErrorKind::ExpiredSignature) => {
                    refusal = Problem::new(
                        StatusCode::UNAUTHORIZED,
                        "E_ACCESS_TOKEN_EXPIRED",
                        "the token's time is over",
                    );
                }
                Err(error) => tracing::debug!(%error, "a token was refused"),
            }
        }
        Err(refusal)
    }

    fn validation(&self, key: &JwtKey) -> Validation {
        let mut validation = Validation::new(key.algorithm);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[&self.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.validate_nbf = true;
        validation.leeway = self.leeway.as_secs();
        validation
    }
}

impl Authorize for Jwt {
    fn authorize<'a>(&'a self, parts: &'a Parts) -> AccessFuture<'a> {
        let access = token(parts).and_then(|token| self.access(token));
        Box::pin(std::future::ready(access))
    }
}

/// The token in the header; on routes that browsers open without headers, the one in the query.
fn token(parts: &Parts) -> Result<&str, Problem> {
    let mut headers = parts.headers.get_all(header::AUTHORIZATION).iter();
    match (headers.next(), headers.next()) {
        (Some(header), None) => {
            let header = header.to_str().map_err(|_| invalid())?;
            let (scheme, token) = header.split_once(' ').ok_or_else(invalid)?;
            if scheme.eq_ignore_ascii_case("bearer") { Ok(token.trim()) } else { Err(invalid()) }
        }
        // Of two, a proxy before us may have looked at the other one.
        (Some(_), Some(_)) => Err(invalid()),
        (None, _) => {
            let query = parts.extensions.get::<QueryToken>().and(parts.uri.query());
            // A token has no character that a query would escape.
            let mut pairs = query.unwrap_or_default().split('&');
            pairs.find_map(|pair| pair.strip_prefix("token=")).ok_or_else(|| {
                Problem::new(
                    StatusCode::UNAUTHORIZED,
                    "E_ACCESS_TOKEN_MISSING",
                    "this needs a token: Authorization: Bearer …",
                )
            })
        }
    }
}

fn invalid() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "E_ACCESS_TOKEN_INVALID", "the token is not valid here")
}

impl fmt::Debug for Jwt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwt")
            .field("issuer", &self.issuer)
            .field("audience", &self.audience)
            .field("keys", &self.keys)
            .field("leeway", &self.leeway)
            .finish()
    }
}

#[cfg(test)]
mod tests;
