//! What the server's parts share.

use std::sync::Arc;

use samekey::server::CacheService;

use crate::clock::Clock;
use crate::database::Database;
use crate::history::World;

/// What routes and simulator work with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Demo {
    /// The history.
    pub database: Arc<Database>,
    /// Who lives in it.
    pub world: Arc<World>,
    /// The time at which questions are asked and things happen.
    pub clock: Clock,
    /// The cache in front of the analytics.
    pub cache: CacheService,
}
