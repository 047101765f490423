//! The two sides of a read: the service, which asks Redis each time, and the bare client.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncCommands, AsyncConnectionConfig};
use samekey::server::{CacheService, L1Config, RedisConfig, RedisStore};
use samekey::shadower;

use crate::redis_child::RedisChild;
use crate::subject::{dashboard_json, key};

/// A service that keeps nothing in the process.
pub(crate) fn redis_only(redis: &RedisChild) -> CacheService {
    let mut config = RedisConfig::new(redis.url());
    config.response_timeout = Duration::from_secs(5);
    let store = RedisStore::new(&config).expect("the URL is ours");
    CacheService::builder(shadower::schema())
        .store(store)
        .l1(L1Config::off())
        .build()
        .expect("the parts fit")
}

/// Both, over a Redis that has the first `rows`. The bare client's connection does not mend itself, as the service's
/// does, and has as long a queue.
pub(crate) async fn over(redis: &RedisChild, rows: usize) -> (CacheService, MultiplexedConnection) {
    let queue = AsyncConnectionConfig::new().set_pipeline_buffer_size(1_024);
    let client = redis.client();
    let connection = client.get_multiplexed_async_connection_with_config(&queue).await;
    let mut bare = connection.expect("Redis answers");
    let json = dashboard_json();
    for index in 0..rows {
        let stored = bare.set_ex(key(index).as_str(), &json, 3600).await;
        let () = stored.expect("it is stored");
    }
    (redis_only(redis), bare)
}
