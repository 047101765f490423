//! Values that are old: refreshed ahead of time, served stale, waited for, or given up.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use samekey::server::{
    BoxError, CacheService, Lookup, MemoryStore, Policy, Source, WhenDown, live_for,
};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{Instant, advance, sleep};

use crate::fixture::{Counted, MEDIUM, executive, kpis, memory_cache, nth, schema};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

fn cache_with(policy: Policy) -> CacheService {
    CacheService::builder(schema()).policy(policy).build().unwrap()
}

async fn ask(cache: &CacheService, compute: &Counted) -> Arc<Value> {
    let compute = compute.clone();
    cache.get_or_compute(&kpis("ws1"), || compute.call()).await.unwrap()
}

async fn ask_slow(cache: &CacheService, compute: &Counted, takes: Duration) -> Arc<Value> {
    let compute = compute.clone();
    cache.get_or_compute(&kpis("ws1"), move || compute.call_after(takes)).await.unwrap()
}

async fn ask_failing(cache: &CacheService, calls: &Arc<AtomicUsize>) -> Result<Arc<Value>, String> {
    let calls = calls.clone();
    let failing = || async move {
        calls.fetch_add(1, Ordering::SeqCst);
        Err::<Value, BoxError>("the database is down".into())
    };
    cache.get_or_compute(&kpis("ws1"), failing).await.map_err(|error| error.code().to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_value_past_its_time_is_served_at_once_while_it_is_computed_anew() {
    let cache = cache_with(Policy::default().stale(MINUTE));
    let compute = Counted::default();
    ask(&cache, &compute).await;
    advance(MEDIUM + SECOND).await;
    let asked = Instant::now();
    assert_eq!(ask_slow(&cache, &compute, SECOND).await, nth(1));
    assert_eq!(asked.elapsed(), Duration::ZERO);
    sleep(2 * SECOND).await;
    assert_eq!(ask(&cache, &compute).await, nth(2));
    assert_eq!(compute.calls(), 2);
    let stats = cache.get_cache_stats().await;
    assert_eq!((stats.misses, stats.stale, stats.l1_hits), (1, 1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_stale_value_says_so_and_is_fresh_for_nobody_downstream() {
    let cache = cache_with(Policy::default().stale(MINUTE));
    cache.set(&kpis("ws1"), &json!(1)).await.unwrap();
    advance(MEDIUM + SECOND).await;
    let compute = || Counted::default().call();
    let answer = cache.get_or_compute_json(&kpis("ws1"), Lookup::Use, compute).await.unwrap();
    assert_eq!((&answer.body[..], answer.source), (&b"1"[..], Source::Stale));
    assert_eq!((answer.fresh_for, answer.source.as_str()), (Duration::ZERO, "STALE"));
}

#[tokio::test(start_paused = true)]
async fn the_stale_window_is_no_part_of_a_values_own_time() {
    let cache = cache_with(Policy::default().stale(MINUTE));
    cache.set(&kpis("ws1"), &json!(1)).await.unwrap();
    assert_eq!(cache.ttl(kpis("ws1")).await.unwrap(), Some(MEDIUM));
    advance(MEDIUM).await;
    assert_eq!(cache.get(&kpis("ws1")).await.unwrap(), None);
    assert!(!cache.exists(kpis("ws1")).await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn behind_the_stale_window_there_is_nothing() {
    let cache = cache_with(Policy::default().stale(MINUTE));
    let compute = Counted::default();
    ask(&cache, &compute).await;
    advance(MEDIUM + MINUTE).await;
    assert_eq!(ask(&cache, &compute).await, nth(2));
}

#[tokio::test(start_paused = true)]
async fn a_stale_value_stands_in_for_a_compute_that_fails_and_is_not_tried_again_at_once() {
    let cache = cache_with(Policy::default().stale(10 * MINUTE).throttle(30 * SECOND));
    ask(&cache, &Counted::default()).await;
    advance(MEDIUM).await;
    let tries = Arc::new(AtomicUsize::new(0));
    for _ in 0..10 {
        assert_eq!(ask_failing(&cache, &tries).await, Ok(nth(1)));
        sleep(2 * SECOND).await;
    }
    assert_eq!(tries.load(Ordering::SeqCst), 1);
    sleep(11 * SECOND).await;
    assert_eq!(ask_failing(&cache, &tries).await, Ok(nth(1)));
    sleep(SECOND).await;
    assert_eq!(tries.load(Ordering::SeqCst), 2);
    // What stands for something else now is tried again.
    cache.invalidate_workspace("ws1").await.unwrap();
    assert_eq!(ask(&cache, &Counted::default()).await, nth(1));
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_a_fresh_value_gets_the_stale_one_when_that_takes_too_long() {
    let cache = cache_with(Policy::default().stale(10 * MINUTE).soft_timeout(SECOND));
    let compute = Counted::default();
    ask(&cache, &compute).await;
    advance(MEDIUM).await;
    assert_eq!(ask_slow(&cache, &compute, SECOND / 2).await, nth(2), "soon enough");
    advance(MEDIUM).await;
    let asked = Instant::now();
    assert_eq!(ask_slow(&cache, &compute, 5 * SECOND).await, nth(2), "not soon enough");
    assert_eq!(asked.elapsed(), SECOND);
    sleep(5 * SECOND).await;
    assert_eq!(ask(&cache, &compute).await, nth(3), "stored all the same");
}

#[tokio::test(start_paused = true)]
async fn who_has_waited_long_enough_gets_an_error_and_the_value_is_stored_when_it_comes() {
    let cache = cache_with(Policy::default().hard_timeout(3 * SECOND));
    let compute = Counted::default();
    let slow = compute.clone();
    let error = cache.get_or_compute(&kpis("ws1"), move || slow.call_after(5 * SECOND)).await;
    let error = error.unwrap_err();
    assert_eq!((error.code(), error.is_retryable()), ("E_COMPUTE_TIMEOUT", true));
    sleep(3 * SECOND).await;
    assert_eq!(ask(&cache, &compute).await, nth(1));
}

#[tokio::test(start_paused = true)]
async fn a_value_that_is_read_often_is_refreshed_ahead_of_time_once_and_nobody_waits() {
    let cache = memory_cache();
    let compute = Counted::default();
    let takes = SECOND / 2;
    ask_slow(&cache, &compute, takes).await;
    let (mut asked, mut waited) = (0, 0);
    let began = Instant::now();
    let lifetimes = 40;
    while began.elapsed() < lifetimes * MEDIUM {
        let before = Instant::now();
        ask_slow(&cache, &compute, takes).await;
        asked += 1;
        waited += usize::from(before.elapsed() > Duration::ZERO);
        sleep(SECOND / 10).await;
    }
    let stats = cache.get_cache_stats().await;
    assert!(waited * 100 < asked, "{waited} of {asked} waited");
    // Each life is a little shorter than the family's time, by how much earlier it was refreshed.
    let refreshes = u64::from(lifetimes);
    assert!(stats.computes > refreshes, "{}", stats.computes);
    assert!(stats.computes - 1 <= refreshes * 105 / 100, "{}", stats.computes);
    assert!(stats.early_refreshes >= refreshes * 95 / 100, "{}", stats.early_refreshes);
}

#[tokio::test(start_paused = true)]
async fn without_early_refresh_a_value_lives_to_its_end() {
    let cache = cache_with(Policy::default().early_refresh(0.0));
    let compute = Counted::default();
    ask_slow(&cache, &compute, SECOND).await;
    advance(MEDIUM - SECOND / 100).await;
    for _ in 0..100 {
        assert_eq!(ask_slow(&cache, &compute, SECOND).await, nth(1));
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_stored_for_a_compute_that_found_nothing_unless_the_policy_says_so() {
    for (policy, calls) in [(Policy::default(), 2), (Policy::default().cache_none(10 * SECOND), 1)]
    {
        let cache = cache_with(policy);
        let counted = Arc::new(AtomicUsize::new(0));
        let nothing = || {
            let counted = counted.clone();
            || async move {
                counted.fetch_add(1, Ordering::SeqCst);
                Ok::<_, BoxError>(Value::Null)
            }
        };
        for _ in 0..2 {
            assert!(cache.get_or_compute(&kpis("ws1"), nothing()).await.unwrap().is_null());
        }
        assert_eq!(counted.load(Ordering::SeqCst), calls);
        advance(10 * SECOND).await;
        cache.get_or_compute(&kpis("ws1"), nothing()).await.unwrap();
        assert_eq!(counted.load(Ordering::SeqCst), calls + 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_refresh_that_finds_nothing_leaves_nothing() {
    let cache = memory_cache();
    ask(&cache, &Counted::default()).await;
    let gone = || async { Ok::<_, BoxError>(Value::Null) };
    cache.get_or_compute_with(&kpis("ws1"), Lookup::Refresh, gone).await.unwrap();
    assert_eq!(cache.get(&kpis("ws1")).await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn an_error_is_everybodys_answer_for_as_long_as_the_policy_says() {
    let cache = cache_with(Policy::default().cache_errors(10 * SECOND));
    let tries = Arc::new(AtomicUsize::new(0));
    for _ in 0..5 {
        assert_eq!(ask_failing(&cache, &tries).await, Err("E_COMPUTE_FAILED".into()));
    }
    assert_eq!(tries.load(Ordering::SeqCst), 1);
    advance(10 * SECOND).await;
    ask_failing(&cache, &tries).await.unwrap_err();
    assert_eq!(tries.load(Ordering::SeqCst), 2);
    cache.delete(kpis("ws1")).await.unwrap();
    assert_eq!(ask(&cache, &Counted::default()).await, nth(1), "deleted is forgotten");
}

#[tokio::test(start_paused = true)]
async fn a_compute_may_say_how_long_its_answer_lives() {
    let cache = memory_cache();
    let key = kpis("ws1");
    for (said, lives) in [(5 * SECOND, Some(5 * SECOND)), (Duration::ZERO, None)] {
        let compute = move || async move {
            assert!(live_for(said));
            Ok::<_, BoxError>(json!(1))
        };
        cache.get_or_compute_with(&key, Lookup::Refresh, compute).await.unwrap();
        assert_eq!(cache.ttl(&key).await.unwrap(), lives);
    }
    assert!(!live_for(SECOND), "nobody hears it here");
}

#[tokio::test(start_paused = true)]
async fn jitter_shortens_lifetimes_and_lengthens_none() {
    let cache = cache_with(Policy::default().jitter(0.1));
    let mut lives = Vec::new();
    for workspace in 0..200 {
        let key = kpis(&workspace.to_string());
        cache.get_or_compute(&key, || Counted::default().call()).await.unwrap();
        lives.push(cache.ttl(&key).await.unwrap().unwrap());
    }
    assert!(lives.iter().all(|life| (MEDIUM.mul_f64(0.9)..=MEDIUM).contains(life)), "{lives:?}");
    let spread = *lives.iter().max().unwrap() - *lives.iter().min().unwrap();
    assert!(spread > MEDIUM.mul_f64(0.08), "{spread:?}");
}

#[tokio::test(start_paused = true)]
async fn no_more_computes_run_at_once_than_the_policy_says() {
    let cache = cache_with(Policy::default().max_computes(4));
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut callers = JoinSet::new();
    for workspace in 0..40 {
        let (cache, running, most) = (cache.clone(), running.clone(), most.clone());
        callers.spawn(async move {
            let compute = || async move {
                let now = running.fetch_add(1, Ordering::SeqCst) + 1;
                most.fetch_max(now, Ordering::SeqCst);
                sleep(SECOND).await;
                running.fetch_sub(1, Ordering::SeqCst);
                Ok::<_, BoxError>(json!(1))
            };
            cache.get_or_compute(&kpis(&workspace.to_string()), compute).await.unwrap();
        });
    }
    let began = Instant::now();
    callers.join_all().await;
    assert_eq!(most.load(Ordering::SeqCst), 4);
    assert_eq!(began.elapsed().as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_compute_that_asks_the_cache_itself_does_not_wait_for_its_own_turn() {
    let cache = cache_with(Policy::default().max_computes(1));
    // Somebody has the inner key in the queue already, behind the outer compute.
    let queued = Arc::new(AtomicBool::new(false));
    let outer = {
        let (cache, queued) = (cache.clone(), queued.clone());
        || async move {
            while !queued.load(Ordering::SeqCst) {
                sleep(SECOND).await;
            }
            let inner = cache.get_or_compute(&kpis("inner"), || Counted::default().call()).await?;
            Ok::<_, BoxError>((*inner).clone())
        }
    };
    let asking = tokio::spawn({
        let cache = cache.clone();
        async move { cache.get_or_compute(&kpis("outer"), outer).await }
    });
    sleep(SECOND).await;
    let waiting = tokio::spawn({
        let cache = cache.clone();
        async move { cache.get_or_compute(&kpis("inner"), || Counted::default().call()).await }
    });
    sleep(SECOND).await;
    queued.store(true, Ordering::SeqCst);
    assert_eq!(asking.await.unwrap().unwrap(), nth(1));
    assert_eq!(waiting.await.unwrap().unwrap(), nth(1));
}

#[tokio::test(start_paused = true)]
async fn a_family_may_have_a_policy_of_its_own() {
    let cache = CacheService::builder(schema())
        .store(MemoryStore::default())
        .family("kpis", Policy::default().stale(MINUTE))
        .build()
        .unwrap();
    cache.set(&kpis("ws1"), &json!(1)).await.unwrap();
    cache.set(&executive("ws1", "7d"), &json!(1)).await.unwrap();
    advance(Duration::from_secs(1800)).await;
    let compute = Counted::default();
    let again = compute.clone();
    cache.get_or_compute(&executive("ws1", "7d"), || again.call()).await.unwrap();
    assert_eq!(compute.calls(), 1, "the others have none");
    let unknown = CacheService::builder(schema()).family("kpi", Policy::default()).build();
    assert_eq!(unknown.unwrap_err().code(), "E_FAMILY_UNKNOWN");
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_lets_computes_end_and_begins_no_refresh() {
    let cache = cache_with(Policy::default().stale(MINUTE));
    let compute = Counted::default();
    ask(&cache, &compute).await;
    advance(MEDIUM).await;
    let slow = compute.clone();
    let asking = tokio::spawn({
        let cache = cache.clone();
        async move { cache.get_or_compute(&kpis("ws2"), move || slow.call_after(2 * SECOND)).await }
    });
    sleep(SECOND).await;
    let began = Instant::now();
    assert!(cache.shutdown(10 * SECOND).await);
    assert_eq!(began.elapsed(), SECOND);
    assert_eq!(asking.await.unwrap().unwrap(), nth(2));
    assert_eq!(ask(&cache, &compute).await, nth(1), "stale, and not refreshed");
    sleep(SECOND).await;
    assert_eq!(compute.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_gives_up_what_takes_too_long_and_its_leases() {
    let store = Arc::new(MemoryStore::default());
    let cache = CacheService::new(schema(), store.clone());
    let asking = tokio::spawn({
        let cache = cache.clone();
        let compute = || Counted::default().call_after(MINUTE);
        async move { cache.get_or_compute(&kpis("ws1"), compute).await }
    });
    sleep(SECOND).await;
    assert!(!cache.shutdown(SECOND).await);
    assert_eq!(asking.await.unwrap().unwrap_err().code(), "E_SHUT_DOWN");
    let next = CacheService::new(schema(), store);
    let began = Instant::now();
    ask(&next, &Counted::default()).await;
    assert_eq!(began.elapsed(), Duration::ZERO, "nobody waits for the lease of the dead");
}

#[tokio::test(start_paused = true)]
async fn a_panic_gives_its_lease_back() {
    let cache = memory_cache();
    let panicking = || async {
        if cfg!(test) {
            panic!("as a compute may");
        }
        Ok::<Value, BoxError>(json!(1))
    };
    cache.get_or_compute(&kpis("ws1"), panicking).await.unwrap_err();
    let began = Instant::now();
    ask(&cache, &Counted::default()).await;
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test]
async fn what_to_do_without_a_store_is_the_policys_to_say() {
    let nowhere = format!("redis://127.0.0.1:{}", crate::redis_server::free_port());
    let ask_with = async |when_down| {
        let mut config = samekey::server::RedisConfig::new(&nowhere);
        // Nobody is there, which is said at once.
        (config.response_timeout, config.connect_timeout) = (MINUTE, MINUTE);
        let store = samekey::server::RedisStore::new(&config).unwrap();
        let policy = Policy::default().when_down(when_down);
        let cache = CacheService::builder(schema()).store(store).policy(policy).build().unwrap();
        let compute = Counted::default();
        let counted = compute.clone();
        let answer = cache.get_or_compute(&kpis("ws1"), || counted.call()).await;
        (answer.map_err(|error| error.code().to_owned()), compute.calls())
    };
    assert_eq!(ask_with(WhenDown::Compute).await, (Ok(nth(1)), 1));
    assert_eq!(ask_with(WhenDown::Stale).await, (Ok(nth(1)), 1), "it holds nothing yet");
    assert_eq!(ask_with(WhenDown::Fail).await, (Err("E_STORE_UNAVAILABLE".into()), 0));
}
