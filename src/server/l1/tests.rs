//! What may be served from this process, and what it keeps.

use bytes::Bytes;

use std::sync::atomic::Ordering::Relaxed;

use super::*;

fn held(key: &str, bytes: usize) -> Arc<Held> {
    let minute = Duration::from_secs(60);
    let json = Bytes::from(vec![b'1'; bytes]);
    Arc::new(Held::new(key, json, Family::for_tests(), Instant::now(), minute, minute))
}

fn put(l1: &L1, key: &str, bytes: usize) {
    l1.insert(&held(key, bytes), l1.fence.sample(key));
}

#[test]
fn the_largest_value_fits_whatever_the_budget_is_split_into() {
    for budget in [8, 12, 24, 31, 64, 100, 1000] {
        let l1 = L1::new(L1Config::bytes(budget * 1024 * 1024), true);
        put(&l1, "k", crate::server::CacheService::MAX_VALUE_BYTES);
        assert!(l1.get("k").is_some(), "{budget} MiB");
    }
}

#[test]
fn a_value_that_does_not_fit_does_not_leave_the_one_before_it() {
    let l1 = L1::new(L1Config::bytes(64 * 1024), true);
    put(&l1, "k", 100);
    assert!(l1.get("k").is_some());
    put(&l1, "k", 64 * 1024);
    assert!(l1.get("k").is_none());
}

#[test]
fn the_budget_is_kept_and_what_is_pushed_out_is_counted() {
    let l1 = L1::new(L1Config::bytes(1024 * 1024), true);
    for key in 0..1_000 {
        put(&l1, &key.to_string(), 4096);
    }
    assert!(l1.bytes() <= 1024 * 1024, "{}", l1.bytes());
    assert!(l1.entries() > 50 && l1.evicted() > 800, "{} {}", l1.entries(), l1.evicted());
}

#[test]
fn what_an_invalidation_overtook_on_its_way_is_not_kept() {
    let l1 = L1::new(L1Config::default(), true);
    for invalidate in [
        |l1: &L1| l1.drop_key("exec:kpis:ws1"),
        |l1: &L1| l1.drop_matching(&[Pattern::parse("exec:*").unwrap()]),
        L1::clear,
    ] {
        let sample = l1.fence.sample("exec:kpis:ws1");
        invalidate(&l1);
        l1.insert(&held("exec:kpis:ws1", 10), sample);
        assert!(l1.get("exec:kpis:ws1").is_none());
    }
}

#[test]
fn a_pattern_drops_its_keys_and_no_others() {
    let l1 = L1::new(L1Config::default(), true);
    put(&l1, "exec:kpis:ws1", 10);
    put(&l1, "exec:kpis:ws2", 10);
    l1.drop_matching(&[Pattern::parse("exec:*:ws1").unwrap()]);
    assert!(l1.get("exec:kpis:ws1").is_none());
    assert!(l1.get("exec:kpis:ws2").is_some());
}

#[test]
fn while_nobody_tells_of_changes_nothing_is_read_and_nothing_kept() {
    let l1 = L1::new(L1Config::default(), true);
    put(&l1, "k", 10);
    l1.set_armed(false);
    assert!(l1.get("k").is_none());
    put(&l1, "other", 10);
    l1.set_armed(true);
    assert!(l1.get("other").is_none());
    assert!(l1.get("k").is_some());
}

fn hit(l1: &L1, key: &str) -> Option<Arc<u64>> {
    l1.hit(key, |_, _, _| true)
}

#[test]
fn a_hit_is_what_the_first_reader_decoded() {
    let l1 = L1::new(L1Config::default(), true);
    put(&l1, "k", 2);
    assert_eq!(hit(&l1, "k"), None, "nobody has decoded it");
    let first = l1.get("k").unwrap().value::<u64>().unwrap();
    assert!(Arc::ptr_eq(&hit(&l1, "k").unwrap(), &first));
    assert_eq!(l1.hit::<String>("k", |_, _, _| true), None, "another type");
    assert_eq!(l1.hit::<u64>("k", |_, _, _| false), None, "something is to be decided first");
    assert_eq!(l1.get("k").unwrap().family.counters.l1_hits.load(Relaxed), 1);
}

#[test]
fn a_hit_is_nothing_that_was_overtaken_or_replaced_or_whose_changes_nobody_tells() {
    let l1 = L1::new(L1Config::default(), true);
    let decoded = |bytes| {
        put(&l1, "k", bytes);
        l1.get("k").unwrap().value::<u64>().unwrap();
    };
    decoded(1);
    assert_eq!(hit(&l1, "k").as_deref(), Some(&1));
    put(&l1, "k", 2);
    assert_eq!(hit(&l1, "k"), None, "the newer one is not decoded");
    decoded(2);
    assert_eq!(hit(&l1, "k").as_deref(), Some(&11));
    l1.set_armed(false);
    assert_eq!(hit(&l1, "k"), None);
    l1.set_armed(true);
    l1.drop_key("k");
    assert_eq!(hit(&l1, "k"), None);
}

#[test]
fn what_is_not_confirmed_yet_nobody_gets() {
    let l1 = L1::new(L1Config::default(), true);
    let held = held("k", 1);
    held.value::<u64>().unwrap();
    let values = l1.values.as_ref().unwrap();
    assert!(values.insert(&held));
    assert!(l1.get("k").is_none() && hit(&l1, "k").is_none());
    values.confirm(&self::held("k", 1));
    assert!(l1.get("k").is_none(), "another one was confirmed");
    values.confirm(&held);
    assert!(l1.get("k").is_some() && hit(&l1, "k").is_some());
}

#[tokio::test(start_paused = true)]
async fn a_hit_ends_when_the_value_is_not_fresh_any_more() {
    let l1 = L1::new(L1Config::default(), true);
    put(&l1, "k", 1);
    l1.get("k").unwrap().value::<u64>().unwrap();
    tokio::time::advance(Duration::from_millis(59_999)).await;
    assert!(hit(&l1, "k").is_some());
    tokio::time::advance(Duration::from_millis(1)).await;
    assert!(hit(&l1, "k").is_none() && l1.get("k").is_some(), "it is stale");
}

#[test]
fn a_tier_of_no_bytes_holds_nothing() {
    let l1 = L1::new(L1Config::off(), true);
    put(&l1, "k", 10);
    assert!(l1.get("k").is_none() && !l1.is_armed());
}
