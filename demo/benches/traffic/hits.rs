//! How many of the visitors' requests the cache answers, while the simulator makes its answers untrue.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use samekey::server::CacheStats;
use samekey::server::jobs::JobContext;
use samekey_demo::http::router;
use samekey_demo::simulator::live;
use tokio::sync::oneshot;
use tower::ServiceExt;

use crate::history::History;
use crate::plan::pages;
use crate::redis_child::{RedisChild, on_all_cores};
use crate::report::Report;
use crate::warm::list;

const LASTS: Duration = Duration::from_secs(100);
/// Requests in a second: of a busy platform, which the bar is for, and of a quiet one.
const BUSY: usize = 1_000;
const QUIET: usize = 100;
const BAR: f64 = 95.0;
/// Pages that load at a time.
const LOADING: usize = 64;

pub(crate) fn measure(history: &History, report: &mut Report) {
    let (busy, took) = visit(history, BUSY, false);
    let lookups = busy.hits + busy.misses;
    let what =
        format!("hit rate over {lookups} requests in {:.0} s, from empty", took.as_secs_f64());
    let beside = format!("{} invalidations of {} keys", busy.invalidations, busy.deleted_keys);
    let rate = busy.hit_rate_percent;
    report.beside(&what, format!("{rate:.2} %"), beside, "> 95 %", rate > BAR);
    for family in &busy.families {
        let asked = family.counts.hits() + family.counts.misses;
        if asked > 0 {
            let measured = format!("{:.2} %", family.hit_rate_percent);
            report.beside(
                &format!("– {}", family.family),
                measured,
                format!("of {asked}"),
                "",
                true,
            );
        }
    }
    let (warm, took) = visit(history, BUSY, true);
    let lookups = warm.hits + warm.misses;
    let what = format!(
        "the same after the warm-up of 10,000 keys: {lookups} in {:.0} s",
        took.as_secs_f64()
    );
    let beside = format!("{} invalidations of {} keys", warm.invalidations, warm.deleted_keys);
    let rate = 100.0 * warm.hits as f64 / lookups as f64;
    report.beside(&what, format!("{rate:.2} %"), beside, "> 95 %", rate > BAR);
    let (quiet, took) = visit(history, QUIET, false);
    let lookups = quiet.hits + quiet.misses;
    let what = format!("the same at a tenth of the rate: {lookups} in {:.0} s", took.as_secs_f64());
    let beside = format!("{} invalidations of {} keys", quiet.invalidations, quiet.deleted_keys);
    report.beside(&what, format!("{:.2} %", quiet.hit_rate_percent), beside, "", true);
}

/// What the cache counted while visitors asked `rate` times a second, and how long it took.
fn visit(history: &History, rate: usize, warmed: bool) -> (CacheStats, Duration) {
    let redis = RedisChild::start();
    on_all_cores(async {
        let demo = history.demo(&redis);
        let requests = rate * usize::try_from(LASTS.as_secs()).expect("a small number");
        let pages = Arc::new(pages(&history.world, demo.clock.now(), requests));
        if warmed {
            let context = JobContext::new(demo.cache.clone(), Default::default());
            list(&demo).0.warm(&context).await;
        }
        let before = demo.cache.get_cache_stats().await;
        let app = router(demo.clone(), Path::new("no pages"), None);
        let (stop, stopped) = oneshot::channel::<()>();
        let simulator = tokio::spawn(live(demo.clone(), 1.0, async {
            let _ = stopped.await;
        }));
        let (next, started) = (Arc::new(AtomicUsize::new(0)), Instant::now());
        let loading = (0..LOADING).map(|_| {
            let (app, pages, next) = (app.clone(), pages.clone(), next.clone());
            tokio::spawn(async move {
                loop {
                    let turn = next.fetch_add(1, Relaxed);
                    let Some(page) = pages.get(turn) else { return };
                    let due = LASTS.mul_f64(turn as f64 / pages.len() as f64);
                    tokio::time::sleep_until((started + due).into()).await;
                    for path in page {
                        ask(&app, path).await;
                    }
                }
            })
        });
        for loading in loading.collect::<Vec<_>>() {
            loading.await.expect("every page loads");
        }
        let took = started.elapsed();
        drop(stop);
        simulator.await.expect("the simulator ends");
        let mut stats = demo.cache.get_cache_stats().await;
        // What the warm-up asked for is no visitor's request.
        stats.hits -= before.hits;
        stats.counts.misses -= before.misses;
        assert_eq!(stats.store_errors, 0, "Redis was there all the time");
        demo.cache.shutdown(Duration::from_secs(5)).await;
        (stats, took)
    })
}

async fn ask(app: &Router, path: &str) {
    let request = Request::get(format!("/api/v1/{path}")).body(Body::empty()).expect("a path");
    let answer = app.clone().oneshot(request).await.expect("a router always answers");
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
}
