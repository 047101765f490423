#![allow(unused)]

use samekey::server::{CacheError, CacheService, cached};
use samekey::shadower::{self, ExecutiveDashboard};

#[cached(shadower::executive(timeframe, workspace))]
async fn dashboard(
    cache: &CacheService,
    workspace: &str,
    timeframe: &str,
) -> Result<ExecutiveDashboard, CacheError> {
    unimplemented!()
}

fn main() {}
