//! Setting a value, as another program over the same Redis does.

use std::path::Path;
use std::time::Duration;

use samekey::schema::{Key, TypedKey};
use samekey::shadower;
use serde_json::Value;

use super::serve::cache;

/// How long Redis may take: somebody waits at a terminal.
const PATIENCE: Duration = Duration::from_secs(60);

/// Stores `json` under `key` in the cache that the servers on this Redis share. Their dashboards are told, and show it.
///
/// # Errors
/// `key` is none of the schema's, `json` is no JSON, or Redis cannot be used.
pub fn set(
    database: &Path,
    redis_url: &str,
    key: &str,
    json: &str,
) -> Result<(), Box<dyn std::error::Error>> {
    let key = Key::parse(key)?;
    let family = shadower::schema().family_of(key.as_str());
    let family = family.ok_or("no family of the schema has such a key")?;
    let ttl = family.ttl_of(key.as_str());
    let key: TypedKey<Value> = TypedKey::new(key, &family.name, ttl);
    let value = serde_json::from_str(json)?;
    tokio::runtime::Runtime::new()?.block_on(async {
        let cache = cache(Some(redis_url), PATIENCE, database, None)?;
        cache.set(&key, &value).await?;
        // What is still to be told is told before the end.
        cache.shutdown(PATIENCE).await;
        Ok(())
    })
}
