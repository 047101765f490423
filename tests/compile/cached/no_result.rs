#![allow(unused)]

use samekey::server::{CacheError, CacheService, cached};
use samekey::shadower;
use serde_json::Value;

#[cached(shadower::query_result(hash))]
async fn query(cache: &CacheService, hash: &str) {}

fn main() {}
