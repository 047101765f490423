//! The answers that the demo keeps warm.

mod small_history;

use std::sync::Arc;
use std::time::Duration;

use samekey::server::jobs::{JobContext, JobError};
use samekey::server::{CacheService, MemoryStore};
use samekey::shadower;
use samekey_demo::analytics::Analyst;
use samekey_demo::clock::Clock;
use samekey_demo::database::Database;
use samekey_demo::demo::Demo;
use samekey_demo::history::{agent_public_id, user_public_id};
use samekey_demo::jobs;
use samekey_demo::timeframe::Timeframe;
use small_history::{NOW, fresh_path, open_quietly, small};
use tokio::time::sleep;

/// A demo at [`NOW`] over a small history of its own, with an empty cache.
fn demo(name: &str) -> Demo {
    let file = small(fresh_path(name), 3_000);
    let (world, _) = open_quietly(&file);
    Demo {
        database: Arc::new(Database::connect(&file.path).expect("the history")),
        world: Arc::new(world),
        clock: Clock::Fixed(NOW),
        cache: CacheService::new(shadower::schema(), MemoryStore::default()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_warm_up_the_first_pages_of_every_workspace_are_there() {
    let demo = demo("first-pages");
    let warmup = jobs::warmup(&demo, 300).expect("keys");
    let context = JobContext::new(demo.cache.clone(), Default::default());
    let report = warmup.warm(&context).await;
    assert_eq!((report.total, report.warmed, report.failed), (300, 300, 0), "{report:?}");
    let key = shadower::executive("ws-tern", "7d").expect("a key");
    let dashboard = demo.cache.get(&key).await.expect("a store").expect("it is there");
    assert_eq!(dashboard.workspace_id, "ws-tern");

    let again = warmup.warm(&context).await;
    assert_eq!((again.present, again.warmed), (300, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_computed_together_is_what_each_question_alone_answers() {
    let demo = demo("together");
    let warmup = jobs::warmup(&demo, jobs::WARM_KEYS).expect("keys");
    assert_eq!(warmup.len(), jobs::WARM_KEYS);
    let context = JobContext::new(demo.cache.clone(), Default::default());
    let report = warmup.warm(&context).await;
    assert_eq!(report.warmed, jobs::WARM_KEYS, "{report:?}");

    // A new analyst for each: none knows what another has read.
    macro_rules! same {
        ($key:expr, $question:expr) => {{
            let key = $key.expect("a key");
            let kept = demo.cache.get(&key).await.expect("a store");
            let kept = kept.unwrap_or_else(|| panic!("{} is there", key.as_str()));
            let asked = demo.database.read(|connection| $question(Analyst::new(connection, NOW)));
            assert_eq!(*kept, asked.expect("an answer"), "{}", key.as_str());
        }};
    }
    let agents = demo.world.casts.iter().map(|cast| agent_public_id(cast.agents[0].id));
    let users = demo.world.casts.iter().map(|cast| user_public_id(cast.users[0].id));
    let (agents, users): (Vec<_>, Vec<_>) = (agents.collect(), users.collect());
    for frame in Timeframe::ALL {
        let name = frame.name();
        for ws in ["ws-tern", "ws-meridian", "ws-lantern"] {
            same!(shadower::executive(ws, name), |it: Analyst<'_>| it
                .executive_dashboard(ws, frame));
            same!(shadower::revenue(ws, name), |it: Analyst<'_>| it.revenue(ws, frame));
            same!(shadower::churn(ws, name), |it: Analyst<'_>| it.churn(ws, frame));
            for of in [None, Some("power"), Some("trial")] {
                same!(shadower::user_analytics(ws, name, of), |it: Analyst<'_>| it
                    .user_analytics(ws, frame, of));
            }
        }
        for agent in &agents {
            same!(shadower::agent_analytics(agent, name), |it: Analyst<'_>| it
                .agent_analytics(agent, frame));
        }
        for user in &users {
            // The shortest and the longest are computed when they are asked for.
            if !matches!(frame, Timeframe::Hour | Timeframe::Quarter) {
                same!(shadower::user_metrics(user, name), |it: Analyst<'_>| it
                    .user_metrics(user, frame));
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_jobs_of_the_demo_can_be_set_up_and_run_and_begin_with_the_warm_up() {
    let demo = demo("jobs");
    let jobs = jobs::start(&demo, jobs::warmup(&demo, 100).expect("keys")).expect("jobs");
    assert_eq!(jobs.names().collect::<Vec<_>>(), ["cleanup", "health", "refresh", "warmup"]);
    let first = loop {
        if let Some(run) = jobs.history("warmup").await.expect("a store").into_iter().next() {
            break run;
        }
        sleep(Duration::from_millis(20)).await;
    };
    assert_eq!(first.report["warmed"], 100, "{first:?}");
    let run = async |job: &str| loop {
        match jobs.run(job).await {
            // On its own schedule, or it writes down when that begins.
            Err(JobError::Busy(_)) => sleep(Duration::from_millis(20)).await,
            run => break run.expect("a run"),
        }
    };
    let refreshed = run("refresh").await;
    assert_eq!(refreshed.report["warmed"], 20, "{refreshed:?}");
    for job in ["cleanup", "health"] {
        let run = run(job).await;
        assert!(run.report.is_object(), "{run:?}");
    }
    let again = run("warmup").await;
    assert_eq!(again.report["present"], 100, "{again:?}");
    jobs.stop().await;
}
