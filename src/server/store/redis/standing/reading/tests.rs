use std::time::Duration;

use super::super::{ENDLESS_LISTED_FOR, RENEWED_AFTER};
use super::*;
use crate::server::store::redis::keeping::kept;
use crate::server::store::redis::names::Names;

#[tokio::test(start_paused = true)]
async fn in_a_cluster_the_lists_are_complete_for_half_as_long_as_an_endless_key_is_listed() {
    let kept = kept("maxmemory:0\r\n", "cmdstat_client|id:calls=1\r\n").unwrap();
    let pattern = Pattern::parse("exec:*").unwrap();
    let is_whole = |of: &Arc<Standing>| of.read().end(Some(kept), &[&pattern]).1;
    let names = Names::new("");
    let (one, of_cluster) = (Standing::new(names.clone()), Standing::in_cluster(names));
    for standing in [&one, &of_cluster] {
        standing.watched(&["exec:".to_owned()]);
        let number = standing.begin(kept).unwrap();
        standing.found_whole(number, kept);
        assert!(is_whole(standing));
    }
    tokio::time::advance(RENEWED_AFTER + Duration::from_secs(1)).await;
    assert!(RENEWED_AFTER * 2 <= Duration::from_millis(ENDLESS_LISTED_FOR));
    assert!(is_whole(&one));
    assert!(!is_whole(&of_cluster));
    assert_eq!((one.begin(kept), of_cluster.begin(kept).is_some()), (None, true));
}

const KEY: &str = "exec:f1:ws1";

fn now() -> Kept {
    kept("maxmemory:0\r\n", "cmdstat_client|id:calls=1\r\n").unwrap()
}

/// What is heard of, and whether that and the lists are all.
fn ends(reading: &Reading, kept: Kept, pattern: &str) -> (Vec<String>, bool) {
    reading.end(Some(kept), &[&Pattern::parse(pattern).unwrap()])
}

/// Complete lists, and their number.
fn whole() -> (Arc<Standing>, u64) {
    let standing = Standing::new(Names::new(""));
    standing.watched(&["exec:".to_owned()]);
    let number = standing.begin(now()).unwrap();
    standing.found_whole(number, now());
    (standing, number)
}

#[test]
fn what_comes_onto_the_lists_while_they_are_read_was_heard_of() {
    let (standing, number) = whole();
    let reading = standing.read();
    standing.note(KEY);
    for are_listed in [false, true] {
        assert_eq!(ends(&reading, now(), "exec:*"), (vec![KEY.to_owned()], true));
        assert_eq!(standing.to_look_at(number, 10).unwrap(), [KEY]);
        assert_eq!(ends(&reading, now(), "exec:*"), (vec![KEY.to_owned()], true), "on its way");
        standing.looked_at(number, are_listed);
    }
    assert_eq!(ends(&reading, now(), "exec:*"), (vec![KEY.to_owned()], true));
    drop(reading);
    assert_eq!(ends(&standing.read(), now(), "exec:*"), (vec![], true), "the lists name it");
}

#[test]
fn lists_that_were_given_up_and_completed_anew_while_they_were_read_are_not_all() {
    let (standing, _) = whole();
    let reading = standing.read();
    standing.lost();
    standing.watched(&["exec:".to_owned()]);
    let number = standing.begin(now()).unwrap();
    standing.found_whole(number, now());
    assert!(!ends(&reading, now(), "exec:*").1);
    assert!(ends(&standing.read(), now(), "exec:*").1);
}

#[test]
fn lists_are_all_of_what_is_told_and_as_long_as_they_are_kept_as_they_were() {
    let (standing, _) = whole();
    let reading = standing.read();
    assert!(!ends(&reading, now(), "agent:*").1);
    assert!(!ends(&reading, now().after(1), "exec:*").1);
    assert!(ends(&reading, now(), "exec:*").1);
}
