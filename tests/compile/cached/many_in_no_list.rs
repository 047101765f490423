#![allow(unused)]

use samekey::server::{CacheError, CacheService, cached_many};
use samekey::shadower;
use serde_json::Value;

#[cached_many(shadower::query_result(hash) for hash in hashes)]
async fn query(cache: &CacheService, hashes: &[String]) -> Result<Value, CacheError> {
    unimplemented!()
}

fn main() {}
