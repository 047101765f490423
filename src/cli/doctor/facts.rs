//! What the server and its keys say.

use std::collections::BTreeMap;

use redis::aio::MultiplexedConnection;
use samekey::schema::{Family, Schema, TemplateSegment};
use samekey::server::{CacheService, KeyTtl, Store};

use super::super::at::At;
use super::super::failure::Failure;
use super::super::keys::find;

/// What is known of a Redis and the keys in it.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) version: String,
    /// Bytes; 0 is no limit.
    pub(super) maxmemory: u64,
    /// Empty where the server does not tell.
    pub(super) policy: String,
    pub(super) persistent: bool,
    pub(super) evicted: u64,
    /// Whether the server tells its clients what others changed.
    pub(super) tracking: bool,
    /// Keys of the schema's families.
    pub(super) keys: usize,
    /// Those of them that never expire.
    pub(super) endless: Vec<String>,
    /// Those over the size that the cache stores, and their size.
    pub(super) oversized: Vec<(String, u64)>,
    /// Keys that begin as a family's do and are none.
    pub(super) strangers: Vec<String>,
    /// Hits in a hundred lookups by family, where there were enough lookups to tell.
    pub(super) hit_rates: BTreeMap<String, f64>,
}

pub(super) async fn ask(at: &At, schema: &Schema) -> Result<Facts, Failure> {
    let mut connection = at.connection().await?;
    let info: String = ask_one(&mut connection, "INFO", &[]).await?;
    let field = |name: &str| {
        let value =
            |line: &str| Some(line.strip_prefix(name)?.strip_prefix(':')?.trim().to_owned());
        info.lines().find_map(value).unwrap_or_default()
    };
    let number = |name: &str| field(name).parse().unwrap_or(0);
    let save: Vec<String> =
        ask_one(&mut connection, "CONFIG", &["GET", "save"]).await.unwrap_or_default();
    let tracking =
        ask_one::<redis::Value>(&mut connection, "CLIENT", &["TRACKINGINFO"]).await.is_ok();
    let mut facts = Facts {
        version: field("redis_version"),
        maxmemory: number("maxmemory"),
        policy: field("maxmemory_policy"),
        persistent: field("aof_enabled") == "1" || save.get(1).is_some_and(|save| !save.is_empty()),
        evicted: number("evicted_keys"),
        tracking,
        ..Facts::default()
    };
    look_at_keys(at, schema, &mut facts).await?;
    // What a key takes of the memory is more than its value, up to a quarter: the allocator's sizes are coarse.
    for (key, bytes) in &mut facts.oversized {
        let full = [at.namespace(), key].concat();
        *bytes = ask_one(&mut connection, "STRLEN", &[&full]).await?;
    }
    facts.oversized.retain(|(_, bytes)| *bytes > CacheService::MAX_VALUE_BYTES as u64);
    Ok(facts)
}

async fn look_at_keys(at: &At, schema: &Schema, facts: &mut Facts) -> Result<(), Failure> {
    let store = at.store()?;
    let (found, _) = find(&store, schema, None, usize::MAX).await?;
    facts.keys = found.len();
    for found in found {
        if found.info.ttl == KeyTtl::Never {
            facts.endless.push(found.key);
        } else if found.info.bytes > CacheService::MAX_VALUE_BYTES as u64 {
            facts.oversized.push((found.key, found.info.bytes));
        }
    }
    let mut cursor = Some(0);
    while let Some(at) = cursor {
        let page = store.scan(None, at).await?;
        facts.strangers.extend(page.keys.into_iter().filter(|key| is_stranger(schema, key)));
        cursor = page.next;
    }
    facts.strangers.sort_unstable();
    facts.strangers.dedup();
    Ok(())
}

/// Whether `key` begins as a family's keys do, and no family has it.
fn is_stranger(schema: &Schema, key: &str) -> bool {
    let begins = |family: &Family| match family.template.segments().first() {
        Some(TemplateSegment::Literal(first)) => key.split(':').next() == Some(first.as_str()),
        _ => false,
    };
    schema.family_of(key).is_none() && schema.families.iter().any(begins)
}

async fn ask_one<T: redis::FromRedisValue>(
    connection: &mut MultiplexedConnection,
    command: &str,
    arguments: &[&str],
) -> Result<T, Failure> {
    let mut command = redis::cmd(command);
    command.arg(arguments);
    command
        .query_async(connection)
        .await
        .map_err(|error| Failure::unable(format!("Redis: {error}")))
}
