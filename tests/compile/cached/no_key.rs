#![allow(unused)]

use samekey::server::{CacheError, CacheService, cached};
use samekey::shadower;
use serde_json::Value;

#[cached]
async fn query(cache: &CacheService, hash: &str) -> Result<Value, CacheError> {
    Ok(Value::Null)
}

fn main() {}
