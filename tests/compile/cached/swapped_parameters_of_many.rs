#![allow(unused)]

use samekey::server::{CacheError, CacheService, cached_many};
use samekey::shadower::{ExecutiveDashboard, executive};

#[cached_many(executive(timeframe, workspace) for workspace in workspaces)]
async fn dashboards(
    cache: &CacheService,
    workspaces: &[String],
    timeframe: &str,
) -> Result<Vec<ExecutiveDashboard>, CacheError> {
    unimplemented!()
}

fn main() {}
