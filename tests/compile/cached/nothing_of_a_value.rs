#![allow(unused)]

use samekey::server::{CacheError, CacheService, cached};
use samekey::shadower;
use serde_json::Value;

#[cached(shadower::query_result(hash), cache_none = "5s")]
async fn query(cache: &CacheService, hash: &str) -> Result<Value, CacheError> {
    unimplemented!()
}

fn main() {}
