#![allow(unused)]

use samekey::server::{CacheError, CacheService, cached_many};
use samekey::shadower;
use serde_json::Value;

#[cached_many(shadower::query_result(hash))]
async fn query(cache: &CacheService, hashes: &[String]) -> Result<Vec<Value>, CacheError> {
    unimplemented!()
}

fn main() {}
