//! The answers that the demo keeps warm.

mod small_history;

use std::sync::Arc;

use samekey::server::jobs::JobContext;
use samekey::server::{CacheService, MemoryStore};
use samekey::shadower;
use samekey_demo::clock::Clock;
use samekey_demo::database::Database;
use samekey_demo::demo::Demo;
use samekey_demo::jobs;
use small_history::{NOW, fresh_path, open_quietly, small};

#[tokio::test(flavor = "multi_thread")]
async fn after_a_warm_up_the_first_page_of_every_workspace_is_there() {
    let file = small(fresh_path("warmup"), 3_000);
    let (world, _) = open_quietly(&file);
    let demo = Demo {
        database: Arc::new(Database::connect(&file.path).expect("the history")),
        world: Arc::new(world),
        clock: Clock::Fixed(NOW),
        cache: CacheService::new(shadower::schema(), MemoryStore::default()),
    };
    let warmup = jobs::warmup(&demo).expect("keys");
    let context = JobContext::new(demo.cache.clone(), Default::default());
    let report = warmup.warm(&context).await;
    assert_eq!((report.total, report.warmed, report.failed), (100, 100, 0), "{report:?}");
    let key = shadower::executive("ws-tern", "7d").expect("a key");
    let dashboard = demo.cache.get(&key).await.expect("a store").expect("it is there");
    assert_eq!(dashboard.workspace_id, "ws-tern");

    let again = warmup.warm(&context).await;
    assert_eq!((again.present, again.warmed), (100, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_jobs_of_the_demo_can_be_set_up_and_run() {
    let file = small(fresh_path("jobs"), 3_000);
    let (world, _) = open_quietly(&file);
    let demo = Demo {
        database: Arc::new(Database::connect(&file.path).expect("the history")),
        world: Arc::new(world),
        clock: Clock::Fixed(NOW),
        cache: CacheService::new(shadower::schema(), MemoryStore::default()),
    };
    let jobs = jobs::start(&demo).expect("jobs");
    assert_eq!(jobs.names().collect::<Vec<_>>(), ["cleanup", "health", "refresh", "warmup"]);
    let refreshed = jobs.run("refresh").await.expect("a run");
    assert_eq!(refreshed.report["warmed"], 20, "{refreshed:?}");
    for job in ["cleanup", "health", "warmup"] {
        let run = jobs.run(job).await.expect("a run");
        assert!(run.report.is_object(), "{run:?}");
    }
    jobs.stop().await;
}
