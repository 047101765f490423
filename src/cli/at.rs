//! Where a command works: on which Redis, under which schema.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
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
    /// What stands before every key.
    #[arg(long, env = "SAMEKEY_NAMESPACE", default_value = "", value_name = "TEXT")]
    namespace: String,
    #[command(flatten)]
    under: Under,
}

/// The schema.
#[derive(Debug, Args)]
pub(super) struct Under {
    /// The schema file [default: the bundled one].
    #[arg(long, env = "SAMEKEY_SCHEMA", value_name = "FILE")]
    schema: Option<PathBuf>,
}

impl At {
    pub(super) fn config(&self) -> RedisConfig {
        let mut config = RedisConfig::new(&self.redis).namespace(&self.namespace);
        config.response_timeout = PATIENCE;
        config.connect_timeout = PATIENCE;
        config
    }

    pub(super) fn store(&self) -> Result<RedisStore, Failure> {
        Ok(RedisStore::new(&self.config())?)
    }

    pub(super) fn schema(&self) -> Result<Schema, Failure> {
        self.under.schema()
    }

    /// The cache itself, as one more node.
    pub(super) fn cache(&self) -> Result<CacheService, Failure> {
        Ok(CacheService::new(self.schema()?, self.store()?))
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
