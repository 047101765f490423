//! Where a command works: on which Redis, under which schema.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::builder::RangedU64ValueParser;
use samekey::schema::Schema;
use samekey::server::{CacheService, RedisConfig, RedisStore};

use super::check;
use super::failure::Failure;

/// An operator waits longer than a request does.
const PATIENCE: Duration = Duration::from_secs(5);

/// The Redis and the schema.
#[derive(Debug, Args)]
pub(super) struct At {
    /// `redis://[[user]:password@]host[:port][/database]`.
    #[arg(long, env = "REDIS_URL", value_name = "URL", hide_env_values = true)]
    redis: String,
    #[command(flatten)]
    within: Within,
    #[command(flatten)]
    under: Under,
}

/// What a Redis's URL does not say of it.
#[derive(Debug, Args)]
pub(super) struct Within {
    /// What stands before every key.
    #[arg(long, env = "SAMEKEY_NAMESPACE", default_value = "", value_name = "TEXT")]
    namespace: String,
    /// The authority that signed a rediss:// server's certificate, as PEM [default: the public ones].
    #[arg(long, env = "REDIS_CA_FILE", value_name = "FILE")]
    redis_ca: Option<PathBuf>,
    /// How long a connection may take, TLS included, in milliseconds [default: 100, rediss:// 1000; 5000 for an operator].
    #[arg(long, env = "REDIS_CONNECT_TIMEOUT_MS", value_name = "MS", value_parser = milliseconds())]
    redis_connect_timeout: Option<u64>,
    /// How long an answer may take, in milliseconds [default: 100; 5000 for an operator].
    #[arg(long, env = "REDIS_RESPONSE_TIMEOUT_MS", value_name = "MS", value_parser = milliseconds())]
    redis_response_timeout: Option<u64>,
}

/// No time at all is no time in which anything could come, and more than an hour is a mistake.
fn milliseconds() -> RangedU64ValueParser {
    clap::value_parser!(u64).range(1..=3_600_000)
}

/// The schema.
#[derive(Debug, Args)]
pub(super) struct Under {
    /// The schema file [default: the bundled one].
    #[arg(long, env = "SAMEKEY_SCHEMA", value_name = "FILE")]
    schema: Option<PathBuf>,
}

impl At {
    pub(super) fn store(&self) -> Result<RedisStore, Failure> {
        let mut config = RedisConfig::new(&self.redis);
        (config.connect_timeout, config.response_timeout) = (PATIENCE, PATIENCE);
        Ok(RedisStore::new(&self.within.config(config)?)?)
    }

    pub(super) fn schema(&self) -> Result<Schema, Failure> {
        self.under.schema()
    }

    /// The cache itself, as one more node.
    pub(super) fn cache(&self) -> Result<CacheService, Failure> {
        Ok(CacheService::new(self.schema()?, self.store()?))
    }
}

impl Within {
    /// `config` and what is said here.
    pub(super) fn config(&self, config: RedisConfig) -> Result<RedisConfig, Failure> {
        let mut config = config.namespace(&self.namespace);
        let given = |time: Option<u64>, unless| time.map_or(unless, Duration::from_millis);
        config.connect_timeout = given(self.redis_connect_timeout, config.connect_timeout);
        config.response_timeout = given(self.redis_response_timeout, config.response_timeout);
        let Some(file) = &self.redis_ca else { return Ok(config) };
        match std::fs::read(file) {
            Ok(pem) => Ok(config.root_certificate(pem)),
            Err(error) => Err(Failure::usage(format!("{}: {error}", file.display()))),
        }
    }
}

impl Under {
    pub(super) fn schema(&self) -> Result<Schema, Failure> {
        let Some(file) = &self.schema else { return Ok(samekey::shadower::schema().clone()) };
        match check::load(file) {
            Ok(document) => Ok(document.schema),
            Err((code, message)) => Err(Failure { code, message }),
        }
    }
}
