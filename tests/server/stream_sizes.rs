//! However long the names are that an invalidation means, browsers are told.

use std::collections::BTreeSet;

use samekey::schema::Pattern;
use samekey::shadower;

use crate::redis_server::RedisServer;
use crate::sse_client::Sse;
use crate::stream_node::Node;

/// Reads until each of `keys` is meant by something that was told.
async fn until_told(sse: &mut Sse, mut keys: BTreeSet<String>) {
    while !keys.is_empty() {
        let (patterns, _) = sse.invalidated().await;
        let patterns: Vec<_> = patterns.iter().map(|text| Pattern::parse(text).unwrap()).collect();
        keys.retain(|key| !patterns.iter().any(|pattern| pattern.matches(key)));
    }
}

#[tokio::test]
async fn an_invalidation_of_long_names_is_told_on_every_node() {
    let server = RedisServer::start();
    let (one, other) = (Node::redis(&server).await, Node::redis(&server).await);
    let (mut here, mut there) = (one.stream().await, other.stream().await);

    let workspace = "w".repeat(60_000);
    let done = one.cache.invalidate_workspace(&workspace).await.unwrap();
    assert!(done.patterns.concat().len() > 256 * 1024, "together they are long");
    let keys = BTreeSet::from([
        shadower::kpis(&workspace).unwrap().as_str().to_owned(),
        format!("ws:metrics:{workspace}:runs:2026-11-23"),
    ]);
    until_told(&mut here, keys.clone()).await;
    until_told(&mut there, keys).await;

    let key = format!("exec:kpis:{}", "w".repeat(300_000));
    one.cache.delete(&key).await.unwrap();
    until_told(&mut here, BTreeSet::from([key.clone()])).await;
    until_told(&mut there, BTreeSet::from([key])).await;
}
