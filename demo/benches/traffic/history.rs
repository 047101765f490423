//! A demo of the benchmark's own: its history in a temporary folder, its cache in a Redis of its own.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use samekey::server::codec::{CodecSettings, KeyRing};
use samekey::server::{CacheService, RedisConfig, RedisStore};
use samekey::shadower;
use samekey_demo::clock::Clock;
use samekey_demo::database::{Database, HistoryFile, open};
use samekey_demo::demo::Demo;
use samekey_demo::history::World;

use crate::redis_child::RedisChild;

/// As many as the demo has by itself.
const RUNS: u64 = 1_000_000;
pub(crate) const SEED: u64 = 7;

/// Removed on drop.
pub(crate) struct History {
    folder: PathBuf,
    file: PathBuf,
    pub(crate) world: Arc<World>,
    pub(crate) runs: u64,
    pub(crate) made_in: Duration,
}

impl History {
    pub(crate) fn make() -> Self {
        let name = format!("demo-traffic-{}", std::process::id());
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        let path = folder.join("history.sqlite");
        eprintln!("▶ a history of {RUNS} runs");
        let started = Instant::now();
        let wanted = HistoryFile {
            path: path.clone(),
            runs: Some(RUNS),
            seed: SEED,
            now: Clock::System.now(),
        };
        let (world, _) = open(&wanted, &mut |_, _| ()).expect("the history can be made");
        let made_in = started.elapsed();
        Self { folder, file: path, world: Arc::new(world), runs: RUNS, made_in }
    }

    /// A demo over this history whose cache is empty. Within a runtime.
    pub(crate) fn demo(&self, redis: &RedisChild) -> Demo {
        let mut config = RedisConfig::new(redis.url());
        // A machine that is busy with something else is no outage.
        config.response_timeout = Duration::from_secs(5);
        let keys = CodecSettings::default().keys(KeyRing::ephemeral());
        let codec = keys.for_schema(shadower::schema()).expect("there is a key");
        let cache = CacheService::builder(shadower::schema())
            .store(RedisStore::new(&config).expect("the URL is ours"))
            .codec(codec)
            .build();
        Demo {
            database: Arc::new(Database::connect(&self.file).expect("the history was made")),
            world: self.world.clone(),
            clock: Clock::System,
            cache: cache.expect("the parts fit"),
        }
    }
}

impl Drop for History {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
