//! What the servers, their keys and a node say.

use std::collections::BTreeSet;

use samekey::schema::{Family, Schema, TemplateSegment};
use samekey::server::{CacheService, KeyTtl, RedisStore, ServerReport, Store};

use super::super::at::At;
use super::super::failure::Failure;
use super::super::node::Node;
use super::rates::Rate;

/// Keys looked at in one round trip.
const PAGE: usize = 500;

/// What is known of a Redis, of the keys in it, and of a node that uses it.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// One server, or the primaries of a cluster.
    pub(super) servers: Vec<ServerReport>,
    /// Those of the primaries that did not answer, by address.
    pub(super) missing: BTreeSet<String>,
    pub(super) keys: Keys,
    /// How the families do on a node; `None` when no node was named.
    pub(super) rates: Option<Vec<Rate>>,
}

/// What one walk over the keys has found.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// How many are of the schema's families.
    pub(super) ours: usize,
    /// Those of them that never expire.
    pub(super) endless: Vec<String>,
    /// Those over the size that the cache stores, and their size.
    pub(super) oversized: Vec<(String, u64)>,
    /// Keys that begin as a family's do and are none.
    pub(super) strangers: Vec<String>,
    /// The servers of a cluster that did not tell theirs.
    pub(super) missing: Vec<String>,
}

pub(super) async fn ask(at: &At, schema: &Schema, node: Option<Node>) -> Result<Facts, Failure> {
    // The node first: who names one that is not there learns it at once.
    let rates = node.map(|node| Ok::<_, Failure>(Rate::all(&node.stats()?))).transpose()?;
    let store = at.store()?;
    let said = store.server_reports().await?;
    let is_refused = said.reports.iter().any(|report| !report.refused.is_empty());
    let keys = match walk(&store, schema).await {
        // The access lists are what there is to mend first.
        Err(_) if is_refused => Keys::default(),
        keys => keys?,
    };
    let missing = said.missing.iter().chain(&keys.missing).cloned().collect();
    Ok(Facts { servers: said.reports, missing, keys, rates })
}

async fn walk(store: &RedisStore, schema: &Schema) -> Result<Keys, Failure> {
    // A walk may name a key twice.
    let (mut ours, mut strangers) = (BTreeSet::new(), BTreeSet::new());
    let mut missing = Vec::new();
    let mut cursor = Some(0);
    while let Some(at) = cursor {
        let page = store.scan(None, at).await?;
        missing.extend(page.missing);
        for key in page.keys {
            if schema.family_of(&key).is_some() {
                ours.insert(key);
            } else if begins_as_ours(schema, &key) {
                strangers.insert(key);
            }
        }
        cursor = page.next;
    }
    let ours: Vec<_> = ours.into_iter().collect();
    let strangers = strangers.into_iter().collect();
    let mut keys = Keys { ours: ours.len(), strangers, missing, ..Keys::default() };
    for page in ours.chunks(PAGE) {
        let page: Vec<_> = page.iter().map(String::as_str).collect();
        look_at(store, &page, &mut keys).await?;
    }
    Ok(keys)
}

async fn look_at(store: &RedisStore, page: &[&str], keys: &mut Keys) -> Result<(), Failure> {
    let most = CacheService::MAX_VALUE_BYTES as u64;
    let mut large = Vec::new();
    let looked = store.inspect(page).await?;
    keys.missing.extend(looked.missing);
    for (key, info) in page.iter().zip(looked.keys) {
        if info.ttl == KeyTtl::Never {
            keys.endless.push((*key).to_owned());
        }
        if info.bytes > most {
            large.push(*key);
        }
    }
    // What a key takes of the memory is more than its value, up to a quarter: the allocator's sizes are coarse.
    let lengths = store.value_lengths(&large).await?;
    keys.missing.extend(lengths.missing);
    let oversized = large.into_iter().zip(lengths.bytes).filter(|(_, bytes)| *bytes > most);
    keys.oversized.extend(oversized.map(|(key, bytes)| (key.to_owned(), bytes)));
    Ok(())
}

/// Whether `key` begins as a family's keys do.
fn begins_as_ours(schema: &Schema, key: &str) -> bool {
    let begins = |family: &Family| match family.template.segments().first() {
        Some(TemplateSegment::Literal(first)) => key.split(':').next() == Some(first.as_str()),
        _ => false,
    };
    schema.families.iter().any(begins)
}
