//! What it costs a loader that browsers are told of what it sets, and how much of the log that takes.

use std::time::{Duration, Instant};

use samekey::server::{CacheService, RedisConfig, RedisStore};
use samekey::shadower::{self, ExecutiveDashboard};

use crate::redis_child::{RedisChild, on_all_cores};
use crate::report::{Report, median};
use crate::subject::{dashboard, key};

const KEYS: usize = 100_000;
const ONE_BY_ONE: usize = 10_000;
const TASKS: usize = 64;
const ROUNDS: usize = 5;
/// Some per cent.
const BAR: f64 = 1.05;
/// Of the 10,000 notices that the log keeps.
const NOTICES: u64 = 500;

pub(crate) fn measure(report: &mut Report) {
    let redis = RedisChild::start();
    on_all_cores(async {
        let store = RedisStore::new(&RedisConfig::new(redis.url())).expect("the URL is ours");
        let telling = CacheService::new(shadower::schema(), store);
        let quiet = telling.without_set_notices();
        let dashboard = dashboard();
        load(&quiet, &dashboard, TASKS, KEYS).await;
        let (mut notices, mut at_once, mut one_by_one) = (0, [vec![], vec![]], [vec![], vec![]]);
        for _ in 0..ROUNDS {
            for (side, cache) in [&telling, &quiet].into_iter().enumerate() {
                let before = cache.stream_stats().notices_appended;
                at_once[side].push(load(cache, &dashboard, TASKS, KEYS).await);
                notices = notices.max(cache.stream_stats().notices_appended - before);
                one_by_one[side].push(load(cache, &dashboard, 1, ONE_BY_ONE).await);
            }
        }
        let [told, untold] = at_once.map(median);
        let what = "a set of 100,000 by 64 tasks, told to browsers";
        report.against(what, told, ("without_set_notices", untold), Some(BAR));
        let [told, untold] = one_by_one.map(median);
        let what = "the same of 10,000, one after the other";
        report.against(what, told, ("without_set_notices", untold), Some(BAR));
        report.figure(
            "notices in the log of these 100,000 sets, at most",
            notices,
            format!("≤ {NOTICES}"),
            notices <= NOTICES,
        );
    });
}

/// What one set takes when `tasks` share `keys` of them.
async fn load(
    cache: &CacheService,
    dashboard: &ExecutiveDashboard,
    tasks: usize,
    keys: usize,
) -> Duration {
    let started = Instant::now();
    let loading = (0..tasks).map(|task| {
        let (cache, dashboard) = (cache.clone(), dashboard.clone());
        tokio::spawn(async move {
            for index in (task..keys).step_by(tasks) {
                cache.set(&key(index), &dashboard).await.expect("Redis answers");
            }
        })
    });
    for task in loading.collect::<Vec<_>>() {
        task.await.expect("no task panics");
    }
    started.elapsed() / keys as u32
}
