//! `samekey token`: a token for a program that asks a node, such as Prometheus.

use std::time::{Duration, SystemTime};

use clap::Args;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use samekey::server::access::{Jwt, JwtKey, Scope};
use serde_json::json;

use super::failure::Failure;
use super::say::say;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Make a token for a program that asks a node, such as Prometheus.
///
/// Prints a token that a node started with the same secret, issuer and audience accepts: for Prometheus, for `samekey stats`,
/// for an application that posts events. Users' tokens are the application's to make, which knows what each may see.
///
/// A token cannot be taken back: give it the scopes that it needs. Another secret ends all of them.
#[derive(Debug, Args)]
pub(super) struct Token {
    /// The program's name, for the audit log and the rate limit (`sub`).
    #[arg(value_name = "NAME")]
    name: String,
    /// What it may do: cache:read, cache:invalidate, events:write, …; can be given more than once.
    #[arg(long, required = true, value_name = "SCOPE", value_parser = scope)]
    scope: Vec<Scope>,
    /// Whose data that is for: everybody's. Without it, figures can be read and nothing invalidated.
    #[arg(long)]
    everything: bool,
    /// How long it lasts.
    #[arg(long, default_value_t = 365, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: u32,
    /// The secret that the node was started with, at least 32 bytes.
    #[arg(long, env = "SAMEKEY_JWT_SECRET", value_name = "SECRET", hide_env_values = true)]
    jwt_secret: String,
    #[command(flatten)]
    parties: Parties,
}

/// Who makes tokens, and for whom.
#[derive(Debug, Args)]
pub(super) struct Parties {
    /// Who issues the tokens (`iss`).
    #[arg(long, env = "SAMEKEY_JWT_ISSUER", default_value = "samekey", value_name = "NAME")]
    jwt_issuer: String,
    /// Whom the tokens are for (`aud`).
    #[arg(long, env = "SAMEKEY_JWT_AUDIENCE", default_value = "samekey", value_name = "NAME")]
    jwt_audience: String,
}

impl Parties {
    /// Accepts what was signed with this secret.
    pub(super) fn authority(&self, secret: &str) -> Result<Jwt, Failure> {
        let key = JwtKey::hs256(secret).map_err(|error| Failure::usage(error.to_string()))?;
        Ok(Jwt::new(key, &self.jwt_issuer, &self.jwt_audience))
    }
}

impl Token {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let authority = self.parties.authority(&self.jwt_secret)?;
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let scopes: Vec<_> = self.scope.iter().map(|scope| scope.as_str()).collect();
        let mut claims = json!({
            "iss": self.parties.jwt_issuer,
            "aud": self.parties.jwt_audience,
            "sub": self.name,
            "iat": now.as_secs(),
            "exp": (now + DAY * self.days).as_secs(),
            "scope": scopes.join(" "),
        });
        if self.everything {
            claims["entities"] = json!("*");
        }
        let key = EncodingKey::from_secret(self.jwt_secret.as_bytes());
        let token = encode(&Header::new(Algorithm::HS256), &claims, &key)
            .map_err(|error| Failure::unable(error.to_string()))?;
        // What no node would accept (a name of nothing) is not handed out.
        authority.access(&token).map_err(|problem| Failure::unable(problem.to_string()))?;
        say(token)?;
        Ok(())
    }
}

fn scope(name: &str) -> Result<Scope, String> {
    Scope::named(name).ok_or_else(|| {
        let known: Vec<_> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
        format!("one of {}", known.join(", "))
    })
}
