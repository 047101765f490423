//! `samekey serve`: a node of the cache beside an application in another language.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use samekey::schema::Schema;
use samekey::server::access::{AuditLog, RateLimit};
use samekey::server::codec::{Codec, CodecError, CodecSettings, KeyRing};
use samekey::server::http::{Cors, Routes, Serving, told_to_end};
use samekey::server::{CacheService, MemoryStore, RedisConfig, RedisStore, Store};
use tokio::net::TcpListener;

use super::at::{Under, Within};
use super::failure::Failure;
use super::log;
use super::say::{complain, say};
use super::token::Parties;

/// How long requests, and then computes, may still take after Ctrl-C or SIGTERM. Together less than the ten seconds after
/// which `docker stop` kills.
const LAST_REQUESTS: Duration = Duration::from_secs(6);
const LAST_COMPUTES: Duration = Duration::from_secs(2);

/// How long it is tried at the start to carry out what an earlier process owed, before the node answers.
const OLD_DEBTS: Duration = Duration::from_secs(1);

/// Run a node beside an application in another language.
///
/// A node of the cache beside an application in another language: events come in, invalidations go out to Redis, to
/// the other nodes and to the open dashboards.
///
/// On 127.0.0.1 it is open to whoever reaches it. On another address it asks for a token: give --jwt-secret, and make tokens
/// for programs with `samekey token`.
///
/// Values of sensitive families are encrypted in Redis with the keys of SAMEKEY_ENCRYPTION_KEYS, or of the file that
/// SAMEKEY_ENCRYPTION_KEYS_FILE names: `1:` and what `openssl rand -hex 32` prints. Without keys they are not stored.
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// `redis://…`; without it the values live in this process.
    #[arg(long, env = "REDIS_URL", value_name = "URL", hide_env_values = true)]
    redis: Option<String>,
    #[command(flatten)]
    within: Within,
    #[command(flatten)]
    under: Under,
    /// The address to listen on.
    #[arg(long, default_value = "127.0.0.1", value_name = "IP")]
    host: IpAddr,
    /// The port; 0 takes a free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The secret that tokens are signed with (HS256), at least 32 bytes.
    #[arg(long, env = "SAMEKEY_JWT_SECRET", value_name = "SECRET", hide_env_values = true)]
    jwt_secret: Option<String>,
    #[command(flatten)]
    parties: Parties,
    /// Invalidations and events a minute from one caller.
    #[arg(long, default_value_t = 600, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    rate_limit: u32,
    /// Where to write down who invalidated what, one JSON object a line.
    #[arg(long, value_name = "FILE")]
    audit: Option<PathBuf>,
    /// Where to keep the removals that Redis could not carry out yet, so that a node that dies takes none along.
    #[arg(long, env = "SAMEKEY_RECOVERY_FILE", value_name = "FILE")]
    recovery_file: Option<PathBuf>,
    /// A page of this origin may call from a browser; can be given more than once.
    #[arg(long, value_name = "ORIGIN")]
    allow_origin: Vec<String>,
    /// From which level on it says on standard error what happens: of everything, or `samekey=debug,warn`.
    #[arg(long, env = "RUST_LOG", default_value = "info", value_name = "LEVELS")]
    log: String,
}

impl Serve {
    pub(super) async fn run(self) -> Result<(), Failure> {
        if !self.host.is_loopback() && self.jwt_secret.is_none() {
            return Err(Failure::usage(
                "on an address that others reach, callers need tokens: give --jwt-secret, or --host 127.0.0.1",
            ));
        }
        log::tell(&self.log)?;
        let schema = self.under.schema()?;
        let mut cache = CacheService::builder(&schema).store(self.store()?);
        // What stays in this process is encrypted for nobody.
        if self.redis.is_some()
            && let Some(codec) = codec(&schema)?
        {
            cache = cache.codec(codec);
        }
        if let Some(file) = &self.recovery_file {
            cache = cache.recovery_file(file);
        }
        let cache = cache.build()?;
        // What an earlier process owed, before the application is told that it may read. Of a Redis that is away this node
        // believes nothing meanwhile, and the application cannot read it.
        let _ = tokio::time::timeout(OLD_DEBTS, cache.recovery().settled()).await;
        let audit = self.audit.as_ref().map(AuditLog::to_file).transpose()?;
        let app = self.routes(cache.clone(), audit.as_ref())?.build();
        let listener = TcpListener::bind((self.host, self.port)).await?;
        say(format_args!("http://{} ({})", listener.local_addr()?, cache.store_kind()))?;
        let serving = Serving::new(app).last_requests(LAST_REQUESTS);
        let cut = serving.until(listener, async {
            told_to_end().await;
            // Streams never end by themselves.
            cache.close_streams();
        });
        if cut.await > 0 {
            complain("connections that were still open were cut");
        }
        cache.shutdown(LAST_COMPUTES).await;
        if let Some(audit) = audit {
            audit.flush().await;
        }
        Ok(())
    }

    /// A variable that is set to nothing names no Redis.
    fn store(&self) -> Result<Box<dyn Store>, Failure> {
        match self.redis.as_deref().map(str::trim).filter(|url| !url.is_empty()) {
            Some(url) => {
                let config = self.within.config(RedisConfig::new(url))?;
                Ok(Box::new(RedisStore::new(&config)?))
            }
            None => Ok(Box::new(MemoryStore::default())),
        }
    }

    fn routes(&self, cache: CacheService, audit: Option<&AuditLog>) -> Result<Routes, Failure> {
        let mut routes = Routes::new(cache).rate_limit(RateLimit::per_minute(self.rate_limit));
        if let Some(secret) = &self.jwt_secret {
            routes = routes.authorize(self.parties.authority(secret)?);
        }
        if let Some(audit) = audit {
            routes = routes.audit(audit.clone());
        }
        if !self.allow_origin.is_empty() {
            let cors = Cors::allow(&self.allow_origin)
                .map_err(|error| Failure::usage(error.to_string()))?;
            routes = routes.cors(cors);
        }
        Ok(routes)
    }
}

/// Encrypts with the keys of the environment; `None`, which is said, when there are none and some families need them.
fn codec(schema: &Schema) -> Result<Option<Codec>, Failure> {
    let settings = match KeyRing::from_env() {
        Ok(Some(keys)) => CodecSettings::default().keys(keys),
        Ok(None) => CodecSettings::default(),
        Err(error) => return Err(Failure::usage(error.to_string())),
    };
    match settings.for_schema(schema) {
        Ok(codec) => Ok(Some(codec)),
        Err(CodecError::NoKey { families }) => {
            complain(format_args!(
                "not stored, for want of an encryption key: {}. To store them, give every node and the application the same \
                 SAMEKEY_ENCRYPTION_KEYS=1:… (`openssl rand -hex 32`)",
                families.join(", ")
            ));
            Ok(None)
        }
        Err(error) => Err(Failure::usage(error.to_string())),
    }
}
