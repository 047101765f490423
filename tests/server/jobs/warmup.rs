//! Computing many keys: in their order, a few at a time, and not in vain.

use samekey::server::jobs::{HotKeys, JobProgress, Jobs, Priority, Refresh, Warmup};
use samekey::server::{CacheError, RedisStore};
use serde_json::Value;

use super::*;
use crate::fixture::{Counted, executive, kpis, nth};
use crate::redis_server::RedisServer;

#[tokio::test(start_paused = true)]
async fn the_most_important_are_computed_first_and_never_too_many_at_once() {
    let [cache] = nodes();
    let order = Arc::new(Mutex::new(Vec::new()));
    let at_once = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let mut warmup = Warmup::new().concurrency(3);
    let priorities = [Priority::Low, Priority::Critical, Priority::Normal, Priority::High];
    for n in 0..40 {
        let (order, at_once, most) = (order.clone(), at_once.clone(), most.clone());
        let priority = priorities[n % 4];
        let compute = move || {
            let (order, at_once, most) = (order.clone(), at_once.clone(), most.clone());
            async move {
                order.lock().unwrap().push(priority);
                most.fetch_max(at_once.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                sleep(Duration::from_millis(100)).await;
                at_once.fetch_sub(1, Ordering::SeqCst);
                Ok::<_, CacheError>(json!(n))
            }
        };
        warmup = warmup.add(priority, &kpis(&format!("ws{n}")), compute);
    }
    let begun = Instant::now();
    let report = warmup.warm(&by_hand(&cache)).await;
    assert_eq!((report.warmed, report.total, report.unreached), (40, 40, 0));
    assert_eq!(most.load(Ordering::SeqCst), 3);
    assert!(begun.elapsed() < Duration::from_millis(1_600), "{:?}", begun.elapsed());
    let order = order.lock().unwrap().clone();
    assert!(order.is_sorted(), "{order:?}");
    assert_eq!(cache.get(&kpis("ws7")).await.unwrap().as_deref(), Some(&json!(7)));
}

#[tokio::test]
async fn what_is_there_is_not_computed_and_what_fails_is_named() {
    let [cache] = nodes();
    let there = Counted::default();
    cache.set(&kpis("there"), &json!("as it was")).await.unwrap();
    let calls = there.clone();
    let progress = Arc::new(Mutex::new(Vec::<JobProgress>::new()));
    let told = progress.clone();
    let warmup = Warmup::new()
        .concurrency(1)
        .on_progress(move |progress| told.lock().unwrap().push(*progress))
        .add(Priority::High, &kpis("there"), move || calls.clone().call())
        .add(Priority::High, &kpis("missing"), || async { Ok::<_, CacheError>(json!(1)) })
        .add(Priority::Low, &kpis("broken"), || async {
            Err::<Value, _>(std::io::Error::other("no such table"))
        })
        .add(Priority::Low, &kpis("huge"), || async {
            Ok::<_, CacheError>(json!("x".repeat(CacheService::MAX_VALUE_BYTES)))
        });
    let report = warmup.warm(&by_hand(&cache)).await;
    assert_eq!(
        (report.present, report.warmed, report.failed, report.not_stored, report.unreached),
        (1, 1, 1, 1, 0)
    );
    assert_eq!(there.calls(), 0);
    assert_eq!(report.failures[0].key, "exec:kpis:broken");
    assert!(report.failures[0].error.contains("no such table"), "{:?}", report.failures);
    let progress = progress.lock().unwrap();
    let done: Vec<_> = progress.iter().map(|progress| (progress.done, progress.failed)).collect();
    assert_eq!(done, [(0, 0), (1, 0), (2, 0), (3, 1), (4, 2)]);
}

#[tokio::test]
async fn one_compute_answers_many_keys_and_gets_those_that_are_missing() {
    let [cache] = nodes();
    cache.set(&kpis("ws2"), &json!("as it was")).await.unwrap();
    let asked = Arc::new(Mutex::new(Vec::<Vec<String>>::new()));
    let told = asked.clone();
    let keys: Vec<_> = ["ws1", "ws2", "ws3", "nobody"].map(kpis).into();
    let warmup = Warmup::new().add_many(Priority::High, &keys, move |missing| {
        let names = missing.iter().map(|key| key.as_str().to_owned()).collect();
        told.lock().unwrap().push(names);
        let known = missing.into_iter().filter(|key| !key.as_str().ends_with("nobody"));
        let answers = known
            .map(|key| {
                let name = json!(key.as_str());
                (key, name)
            })
            .collect();
        async move { Ok::<_, CacheError>(answers) }
    });
    let report = warmup.warm(&by_hand(&cache)).await;
    assert_eq!((report.total, report.present, report.warmed, report.not_stored), (4, 1, 2, 1));
    // Nobody has asked: the hit rate is that of those who do.
    assert_eq!(cache.get_cache_stats().await.misses, 0);
    assert_eq!(*asked.lock().unwrap(), [["exec:kpis:ws1", "exec:kpis:ws3", "exec:kpis:nobody"]]);
    assert_eq!(cache.get(&kpis("ws3")).await.unwrap().as_deref(), Some(&json!("exec:kpis:ws3")));
    assert_eq!(cache.get(&kpis("ws2")).await.unwrap().as_deref(), Some(&json!("as it was")));
}

#[tokio::test]
async fn a_compute_of_many_that_fails_fails_each_of_them() {
    let [cache] = nodes();
    let keys: Vec<_> = (0..12).map(|n| kpis(&format!("ws{n}"))).collect();
    let warmup = Warmup::new().add_many(Priority::High, &keys, |_| async {
        Err::<Vec<_>, _>(std::io::Error::other("no such table"))
    });
    let report = warmup.warm(&by_hand(&cache)).await;
    assert_eq!((report.failed, report.unreached, report.failures.len()), (12, 0, 10));
    assert!(report.failures[9].error.contains("no such table"), "{:?}", report.failures);
}

/// Two nodes on one store, the second of which starts when the first has warmed.
#[tokio::test(start_paused = true)]
async fn a_node_may_begin_with_the_warm_up_and_another_finds_it_done() {
    let clock = Clock::at("2026-11-22T01:00:00Z");
    let computes = Arc::new(AtomicUsize::new(0));
    let start = |cache: &CacheService, at_start: bool| {
        let computes = computes.clone();
        let warmup = Warmup::new().add(Priority::High, &kpis("ws1"), move || {
            computes.fetch_add(1, Ordering::SeqCst);
            async { Ok::<_, CacheError>(json!(1)) }
        });
        let warmup = if at_start { warmup.at_start() } else { warmup };
        Jobs::new(cache).clock(clock.clone()).job(warmup).unwrap().start()
    };
    let [one, two, three] = nodes();
    let unasked = start(&three, false);
    sleep(Duration::from_secs(10)).await;
    assert_eq!(computes.load(Ordering::SeqCst), 0, "its time has not come");
    drop(unasked);
    let first = start(&one, true);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(computes.load(Ordering::SeqCst), 1);
    let second = start(&two, true);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(computes.load(Ordering::SeqCst), 1);
    let runs = second.history("warmup").await.unwrap();
    let figures = |name: &str| runs.iter().map(|run| run.report[name].clone()).collect::<Vec<_>>();
    assert_eq!(
        (figures("warmed"), figures("present")),
        (vec![json!(1), json!(0)], vec![json!(0), json!(1)])
    );
    drop((first, second));
}

#[tokio::test(start_paused = true)]
async fn when_the_time_is_over_the_least_important_are_left_out() {
    let [cache] = nodes();
    let mut warmup = Warmup::new().concurrency(2).budget(Duration::from_secs(30));
    for n in 0..100 {
        let priority = if n < 20 { Priority::Critical } else { Priority::Low };
        warmup = warmup.add(priority, &kpis(&format!("ws{n}")), || async {
            sleep(Duration::from_secs(1)).await;
            Ok::<_, CacheError>(json!(1))
        });
    }
    let begun = Instant::now();
    let report = warmup.warm(&by_hand(&cache)).await;
    assert!(begun.elapsed() <= Duration::from_millis(30_100), "{:?}", begun.elapsed());
    assert!((57..=60).contains(&report.warmed), "{report:?}");
    assert_eq!(report.warmed + report.unreached, 100);
    for n in 0..20 {
        assert!(cache.exists(kpis(&format!("ws{n}"))).await.unwrap(), "ws{n}");
    }
}

/// A real Redis that dies in the middle and comes back.
#[tokio::test(flavor = "multi_thread")]
async fn while_the_store_is_away_nothing_is_computed_and_then_it_goes_on() {
    let mut redis = RedisServer::start();
    let cache = CacheService::new(schema(), RedisStore::new(&redis.patient_config()).unwrap());
    let computes = Arc::new(AtomicUsize::new(0));
    let killed = tokio::sync::watch::Sender::new(false);
    let mut warmup = Warmup::new().concurrency(4);
    for n in 0..400 {
        let (computes, killed) = (computes.clone(), killed.clone());
        let compute = move || {
            let (computes, mut killed) = (computes.clone(), killed.subscribe());
            async move {
                // The rest is for the time after.
                if computes.fetch_add(1, Ordering::SeqCst) >= 50 {
                    killed.wait_for(|killed| *killed).await.unwrap();
                }
                sleep(Duration::from_millis(5)).await;
                Ok::<_, CacheError>(json!(n))
            }
        };
        warmup = warmup.add(Priority::Normal, &executive(&format!("ws{n}"), "7d"), compute);
    }
    let context = by_hand(&cache);
    let warming = tokio::spawn(async move { warmup.warm(&context).await });
    while computes.load(Ordering::SeqCst) < 54 {
        sleep(Duration::from_millis(2)).await;
    }
    redis.kill();
    killed.send_replace(true);
    // Those that were under way are given up, however long that takes.
    let mut at_the_outage = 0;
    while at_the_outage != computes.load(Ordering::SeqCst) {
        at_the_outage = computes.load(Ordering::SeqCst);
        sleep(Duration::from_millis(700)).await;
    }
    sleep(Duration::from_secs(1)).await;
    assert_eq!(computes.load(Ordering::SeqCst), at_the_outage, "computed in vain");
    assert!(at_the_outage < 400 && !warming.is_finished());
    redis.restart();
    let report = warming.await.unwrap();
    assert_eq!((report.warmed, report.failed, report.unreached), (400, 0, 0), "{report:?}");
    assert!(report.pauses >= 1 && report.paused_ms >= 1_000, "{report:?}");
    // Four at a time were under way when it went, and four when it came back; no others were computed twice.
    assert!(computes.load(Ordering::SeqCst) <= 408, "{computes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_stays_away_costs_the_budget_and_no_compute() {
    let mut redis = RedisServer::start();
    let mut config = redis.patient_config();
    // It is not there, which is said at once.
    config.connect_timeout = Duration::from_secs(5);
    let cache = CacheService::new(schema(), RedisStore::new(&config).unwrap());
    redis.kill();
    let counted = Counted::default();
    let calls = counted.clone();
    let warmup = Warmup::new().budget(Duration::from_secs(1)).add(
        Priority::Critical,
        &kpis("ws1"),
        move || calls.clone().call(),
    );
    let begun = Instant::now();
    let report = warmup.warm(&by_hand(&cache)).await;
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    assert_eq!((report.unreached, report.warmed, counted.calls()), (1, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn hot_keys_are_computed_anew_at_half_past_and_more_can_be_registered() {
    let [cache] = nodes();
    let clock = Clock::at("2026-11-22T09:29:30Z");
    let hot = HotKeys::default();
    let (first, second) = (Counted::default(), Counted::default());
    let calls = first.clone();
    hot.register(&kpis("ws1"), move || calls.clone().call());
    let jobs = Jobs::new(&cache).clock(clock.clone()).job(Refresh::new(&hot)).unwrap().start();
    let stored = async |workspace: &str| cache.get(&kpis(workspace)).await.unwrap();
    sleep(Duration::from_secs(60)).await;
    assert_eq!(stored("ws1").await, Some(nth(1)));
    let calls = second.clone();
    hot.register(&kpis("ws2"), move || calls.clone().call());
    sleep(Duration::from_secs(3_600)).await;
    assert_eq!((first.calls(), second.calls()), (2, 1), "although the first was not missing");
    assert_eq!(stored("ws1").await, Some(nth(2)));
    assert!(hot.remove(kpis("ws1")) && !hot.remove(kpis("ws1")));
    sleep(Duration::from_secs(3_600)).await;
    assert_eq!((first.calls(), second.calls()), (2, 2));
    let history = jobs.history("refresh").await.unwrap();
    assert_eq!(history.len(), 3);
    assert_eq!((&history[1].report["total"], &history[1].report["warmed"]), (&json!(2), &json!(2)));
}
