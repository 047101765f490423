//! Finding queries: by key, by observers, by staleness, by what they are doing.

use samekey::engine::{FetchStatus, Filter, Key, KeyFilter, QueryId, QueryOptions, QueryType};
use samekey::schema::Pattern;

use super::host::{Host, disabled, quiet, retried, stale_after, static_data};

fn host_with<const N: usize>(keys: [&str; N]) -> (Host, [QueryId; N]) {
    let mut host = Host::new();
    let ids = keys.map(|key| host.query(key));
    (host, ids)
}

fn find_pattern(host: &Host, pattern: &str) -> Vec<QueryId> {
    let pattern = Pattern::parse(pattern).expect("a pattern");
    host.find(Filter { key: KeyFilter::Pattern(&Key::from_pattern(&pattern)), ..Filter::default() })
}

#[test]
fn no_condition_finds_all_in_the_order_in_which_they_were_added() {
    let (mut host, ids) = host_with(["[3]", r#"["b"]"#, "[1]", r#"["a", 1]"#, "[]"]);
    assert_eq!(host.find(Filter::default()), ids);
    host.remove(ids[1]);
    let again = host.query(r#"["b"]"#);
    assert_eq!(host.find(Filter::default()), [ids[0], ids[2], ids[3], ids[4], again]);
}

#[test]
fn an_exact_filter_finds_one() {
    let (host, ids) = host_with([r#"["a"]"#, r#"["a", 1]"#]);
    let exact = |hash| host.find(Filter { key: KeyFilter::Exact(hash), ..Filter::default() });
    assert_eq!(exact(r#"["a"]"#), [ids[0]]);
    assert_eq!(exact(r#"["a",1]"#), [ids[1]]);
    assert!(exact(r#"["b"]"#).is_empty());
}

#[test]
fn a_prefix_finds_what_begins_with_it() {
    let (host, ids) =
        host_with([r#"["a"]"#, r#"["a", 1]"#, r#"["a", 1, 2]"#, r#"["b", 1]"#, r#"["ab"]"#]);
    assert_eq!(host.find_prefix(r#"["a"]"#), ids[..3]);
    assert_eq!(host.find_prefix(r#"["a", 1]"#), ids[1..3]);
    assert!(host.find_prefix(r#"["a", 2]"#).is_empty());
    assert_eq!(host.find_prefix("[]"), ids);
}

#[test]
fn an_object_in_a_prefix_matches_by_subset_at_every_depth() {
    let (host, ids) = host_with([
        r#"["todos", {"page": 1, "filter": {"done": true, "by": "me"}}]"#,
        r#"["todos", {"page": 1}, "more"]"#,
        r#"["todos", {"page": 2}]"#,
        r#"["todos", "page"]"#,
    ]);
    assert_eq!(host.find_prefix(r#"["todos", {"page": 1}]"#), ids[..2]);
    assert_eq!(host.find_prefix(r#"["todos", {"filter": {"done": true}}]"#), ids[..1]);
    assert_eq!(host.find_prefix(r#"["todos", {}]"#), ids[..3]);
    assert_eq!(host.find_prefix(r#"["todos", {"page": 1}, "more"]"#), ids[1..2]);
    assert!(host.find_prefix(r#"["todos", {"page": 3}]"#).is_empty());
}

#[test]
fn an_undefined_in_a_prefix_matches_what_is_missing_or_undefined() {
    let (host, ids) =
        host_with([r#"["a"]"#, r#"["a", undefined, 1]"#, r#"["a", null]"#, r#"["a", {"b": 1}]"#]);
    assert_eq!(host.find_prefix(r#"["a", undefined]"#), ids[..2]);
    assert_eq!(host.find_prefix(r#"["a", undefined, undefined]"#), ids[..1]);
    assert_eq!(host.find_prefix(r#"["a", {"b": 1, "c": undefined}]"#), ids[3..]);
    assert_eq!(host.find_prefix(r#"["a", null]"#), ids[2..3]);
}

#[test]
fn a_pattern_matches_segment_by_segment() {
    let (host, ids) = host_with([
        r#"["exec", "dashboard", "ws1", "7d"]"#,
        r#"["exec", "dashboard", "ws1", "30d"]"#,
        r#"["exec", "dashboard", "ws2", "7d"]"#,
        r#"["exec", "kpis", "ws1"]"#,
    ]);
    assert_eq!(find_pattern(&host, "exec:dashboard:ws1:*"), ids[..2]);
    assert_eq!(find_pattern(&host, "exec:*:ws1:*"), ids[..2]);
    assert_eq!(find_pattern(&host, "exec:*:ws1"), ids[3..]);
    assert_eq!(find_pattern(&host, "exec:*"), ids);
    assert!(find_pattern(&host, "exec:kpis:ws1:*").is_empty());
    assert_eq!(find_pattern(&host, "*:dashboard:ws2:7d"), ids[2..3]);
}

#[test]
fn a_number_in_a_key_is_the_segment_of_its_text() {
    let (host, ids) = host_with([r#"["top", 10]"#, r#"["top", "10"]"#, r#"["top", true]"#]);
    assert_eq!(find_pattern(&host, "top:10"), ids[..2]);
    assert_eq!(find_pattern(&host, "top:true"), ids[2..]);
}

#[test]
fn a_segment_is_the_text_of_a_string_and_not_its_json() {
    let (host, ids) = host_with([
        r#"["a", "x"]"#,
        r#"["a", "\"x\""]"#,
        r#"["a", ["x"]]"#,
        r#"["a", "[\"x\",]"]"#,
    ]);
    assert_eq!(find_pattern(&host, r#"a:"x""#), ids[1..2]);
    assert_eq!(find_pattern(&host, r#"a:%5B"x",%5D"#), ids[3..]);
}

#[test]
fn a_pattern_with_escapes_finds_the_text_they_mean() {
    let (host, ids) = host_with([
        r#"["a", "x:y"]"#,
        r#"["a", "tab\tend"]"#,
        r#"["a", "ünï"]"#,
        r#"["a", "\u0001"]"#,
    ]);
    assert_eq!(find_pattern(&host, "a:x%3Ay"), ids[..1]);
    assert_eq!(find_pattern(&host, "a:tab%09end"), ids[1..2]);
    assert_eq!(find_pattern(&host, "a:ünï"), ids[2..3]);
    assert_eq!(find_pattern(&host, "a:%01"), ids[3..]);
}

#[test]
fn active_means_an_enabled_observer() {
    let (mut host, ids) = host_with(["[1]", "[2]", "[3]"]);
    host.mount(ids[0], quiet());
    host.mount(ids[1], disabled());
    let of_type = |query_type| host.find(Filter { query_type, ..Filter::default() });
    assert_eq!(of_type(QueryType::Active), ids[..1]);
    assert_eq!(of_type(QueryType::Inactive), ids[1..]);
    assert_eq!(of_type(QueryType::All), ids);
}

#[test]
fn stale_is_what_any_observer_sees_or_what_was_invalidated() {
    let mut host = Host::new();
    let unobserved = host.query_with_data("[1]", 1);
    let invalidated = host.query_with_data("[2]", 1);
    let empty = host.query("[3]");
    let seen_fresh = host.query_with_data("[4]", 1);
    let seen_both = host.query_with_data("[5]", 1);
    let disabled_only = host.query_with_data("[6]", 1);
    host.invalidate(invalidated);
    host.mount(seen_fresh, stale_after(100.0));
    host.mount(seen_both, stale_after(100.0));
    host.mount(seen_both, quiet());
    host.mount(disabled_only, disabled());
    let find = |stale| host.find(Filter { stale: Some(stale), ..Filter::default() });
    assert_eq!(find(true), [invalidated, empty, seen_both]);
    assert_eq!(find(false), [unobserved, seen_fresh, disabled_only]);
}

#[test]
fn by_fetch_status() {
    let mut host = Host::new();
    let fetching = host.query("[1]");
    let idle = host.query("[2]");
    let paused = host.query("[3]");
    host.fetch(fetching);
    host.go_offline();
    host.fetch(paused);
    let find = |status| host.find(Filter { fetch_status: Some(status), ..Filter::default() });
    assert_eq!(find(FetchStatus::Fetching), [fetching]);
    assert_eq!(find(FetchStatus::Paused), [paused]);
    assert_eq!(find(FetchStatus::Idle), [idle]);
}

#[test]
fn a_refetch_leaves_out_disabled_static_and_never_fetched_queries() {
    let mut host = Host::new();
    let never_fetched = host.query("[1]");
    let fetched = host.query_with_data("[2]", 1);
    let observed = host.query("[3]");
    let off = host.query_with_data("[4]", 1);
    let fixed = host.query_with_data("[5]", 1);
    let failed = host.query_with("[6]", retried(0));
    let skipped = host.query_with("[7]", QueryOptions { skip: true, ..QueryOptions::default() });
    host.set_data(skipped, 1);
    host.fetch(failed);
    host.fail(failed, "down");
    host.mount(observed, quiet());
    host.mount(off, disabled());
    host.mount(fixed, static_data());
    let found = host.find(Filter { refetchable: true, ..Filter::default() });
    assert_eq!(found, [fetched, observed, failed]);
    let flags = |query| host.engine.query_flags(query, host.at);
    assert!(flags(never_fetched).disabled && flags(off).disabled && flags(skipped).disabled);
    assert!(flags(fixed).is_static && !flags(fixed).disabled);
}

#[test]
fn all_conditions_hold_together() {
    let mut host = Host::new();
    let wanted = host.query_with_data(r#"["a", 1]"#, 1);
    let fresh = host.query_with_data(r#"["a", 2]"#, 1);
    let other = host.query_with_data(r#"["b", 1]"#, 1);
    host.query_with_data(r#"["a", 3]"#, 1);
    host.mount(wanted, quiet());
    host.mount(fresh, stale_after(100.0));
    host.mount(other, quiet());
    let prefix = super::host::key_of(r#"["a"]"#);
    let found = host.find(Filter {
        key: KeyFilter::Prefix(&prefix),
        query_type: QueryType::Active,
        stale: Some(true),
        fetch_status: Some(FetchStatus::Idle),
        refetchable: true,
    });
    assert_eq!(found, [wanted]);
}

#[test]
fn equal_keys_under_hashes_of_their_own_are_found_together() {
    let mut host = Host::new();
    let key = super::host::key_of(r#"["a"]"#);
    let ids = ["one", "two"].map(|hash| {
        let state = samekey::engine::QueryState::initial(None, 0.0);
        host.engine.add(hash, key.clone(), QueryOptions::default(), state, host.at)
    });
    assert_eq!(host.find_prefix(r#"["a"]"#), ids);
    host.remove(ids[0]);
    assert_eq!(host.find_prefix(r#"["a"]"#), ids[1..]);
}
