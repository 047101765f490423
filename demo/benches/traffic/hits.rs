//! How many of the visitors' requests the cache answers, while the simulator makes its answers untrue.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use samekey::server::CacheStats;
use samekey_demo::http::router;
use samekey_demo::jobs::{WARM_KEYS, start, warmup};
use samekey_demo::simulator::live;
use tokio::sync::oneshot;
use tower::ServiceExt;

use crate::history::History;
use crate::plan::pages;
use crate::redis_child::{RedisChild, on_all_cores};
use crate::report::Report;
use crate::visitor::Question;

const LASTS: Duration = Duration::from_secs(100);
/// Requests in a second: of a busy platform, which the bar is for, and of a quiet one.
const BUSY: usize = 1_000;
const QUIET: usize = 100;
const BAR: f64 = 95.0;
/// Pages that load at a time.
const LOADING: usize = 64;

pub(crate) fn measure(history: &History, report: &mut Report) {
    let warm = visit(history, BUSY, WARM_KEYS);
    report.beside(
        &format!("hit rate over {} requests in {:.0} s", warm.asked(), warm.took.as_secs_f64()),
        percent(warm.rate()),
        warm.changes(),
        "> 95 %",
        warm.rate() > BAR,
    );
    for (family, (hits, asked)) in &warm.families {
        let rate = percent(100.0 * *hits as f64 / *asked as f64);
        report.beside(&format!("– {family}"), rate, format!("of {asked}"), "", true);
    }
    let quiet = visit(history, QUIET, WARM_KEYS);
    without_bar(report, "the same at a tenth of the rate", &quiet);
    let empty = visit(history, BUSY, 0);
    without_bar(report, "without the warm-up, from empty", &empty);
    let quiet = visit(history, QUIET, 0);
    without_bar(report, "that at a tenth of the rate", &quiet);
}

fn without_bar(report: &mut Report, what: &str, visit: &Visit) {
    let what = format!("{what}: {} in {:.0} s", visit.asked(), visit.took.as_secs_f64());
    report.beside(&what, percent(visit.rate()), visit.changes(), "", true);
}

fn percent(rate: f64) -> String {
    format!("{rate:.2} %")
}

/// Of each family, what the cache answered of what was asked for.
type Tally = BTreeMap<&'static str, (u64, u64)>;

/// What came of a time of visits.
struct Visit {
    families: Tally,
    took: Duration,
    stats: CacheStats,
}

impl Visit {
    fn asked(&self) -> u64 {
        self.families.values().map(|(_, asked)| asked).sum()
    }

    fn rate(&self) -> f64 {
        let hits: u64 = self.families.values().map(|(hits, _)| hits).sum();
        100.0 * hits as f64 / self.asked() as f64
    }

    fn changes(&self) -> String {
        let CacheStats { invalidations, deleted_keys, .. } = self.stats;
        format!("{invalidations} invalidations of {deleted_keys} keys")
    }
}

/// Visitors ask `rate` times a second, from the moment at which the server starts with a warm-up of so many keys.
fn visit(history: &History, rate: usize, warm: usize) -> Visit {
    let redis = RedisChild::start();
    on_all_cores(async {
        let demo = history.demo(&redis);
        let requests = rate * usize::try_from(LASTS.as_secs()).expect("a small number");
        let pages = Arc::new(pages(&history.world, demo.clock.now(), requests));
        let warmup = warmup(&demo, warm).expect("the demo's identifiers make keys");
        let jobs = start(&demo, warmup).expect("the demo's jobs");
        let app = router(demo.clone(), Path::new("no pages"), Some(jobs.handle()));
        let (stop, stopped) = oneshot::channel::<()>();
        let simulator = tokio::spawn(live(demo.clone(), 1.0, async {
            let _ = stopped.await;
        }));
        let (next, started) = (Arc::new(AtomicUsize::new(0)), Instant::now());
        let loading = (0..LOADING).map(|_| {
            let (app, pages, next) = (app.clone(), pages.clone(), next.clone());
            tokio::spawn(async move {
                let mut tally = Tally::new();
                loop {
                    let turn = next.fetch_add(1, Relaxed);
                    let Some(page) = pages.get(turn) else { return tally };
                    let due = LASTS.mul_f64(turn as f64 / pages.len() as f64);
                    tokio::time::sleep_until((started + due).into()).await;
                    for question in page {
                        let (hits, asked) = tally.entry(question.family).or_default();
                        *hits += u64::from(is_hit(&app, question).await);
                        *asked += 1;
                    }
                }
            })
        });
        let mut families = Tally::new();
        for loading in loading.collect::<Vec<_>>() {
            for (family, (hits, asked)) in loading.await.expect("every page loads") {
                let sum = families.entry(family).or_default();
                *sum = (sum.0 + hits, sum.1 + asked);
            }
        }
        let took = started.elapsed();
        drop(stop);
        simulator.await.expect("the simulator ends");
        jobs.stop().await;
        let stats = demo.cache.get_cache_stats().await;
        assert_eq!(stats.store_errors, 0, "Redis was there all the time");
        demo.cache.shutdown(Duration::from_secs(5)).await;
        Visit { families, took, stats }
    })
}

/// Asks, and whether nothing had to be computed for the answer.
async fn is_hit(app: &Router, Question { path, .. }: &Question) -> bool {
    let request = Request::get(format!("/api/v1/{path}")).body(Body::empty()).expect("a path");
    let answer = app.clone().oneshot(request).await.expect("a router always answers");
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
    answer.headers()["x-cache"] != "MISS"
}
