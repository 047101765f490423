//! What can be seen of a run on its node: while it lasts, and when it is over, whatever the store does meanwhile.

use samekey::server::jobs::{JobProgress, Jobs, RunningJobs};
use samekey::server::{Chaos, ChaosStore, Operation, StoreErrorKind};

use super::*;

const NEVER: &str = "0 0 29 2 *";

/// The jobs of one node, on a store that fails as it is told.
fn node(job: &Noted) -> (RunningJobs, Chaos) {
    node_on(&Arc::default(), "node", job)
}

fn node_on(store: &Arc<MemoryStore>, name: &str, job: &Noted) -> (RunningJobs, Chaos) {
    let (store, chaos) = ChaosStore::new(store.clone());
    let cache = CacheService::new(schema(), store);
    let jobs = Jobs::new(&cache).node(name).clock(job.clock.clone());
    (jobs.job(job.clone()).unwrap().start(), chaos)
}

#[tokio::test(start_paused = true)]
async fn a_run_by_hand_waits_for_the_first_look_and_is_not_told_that_another_is_under_way() {
    let job = Noted::on(NEVER, &Clock::at("2026-11-22T10:00:00Z"));
    let (jobs, chaos) = node(&job);
    // The first look has the lease by then, and its journal is on its way.
    chaos.on([Operation::SetLeased]).delay(Duration::from_millis(50));
    sleep(Duration::from_millis(10)).await;
    assert_eq!(chaos.calls(Operation::SetLeased), 1);

    jobs.run("noted").await.unwrap();

    assert_eq!(jobs.history("noted").await.unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_run_does_not_hide_the_next_which_has_begun_meanwhile() {
    let job = Noted::on(NEVER, &Clock::at("2026-11-22T10:00:00Z")).taking(Duration::from_secs(60));
    let (jobs, chaos) = node(&job);
    sleep(Duration::from_millis(10)).await;
    jobs.begin("noted").await.unwrap();
    chaos.on([Operation::SetLeased]).hold_answers();
    sleep(Duration::from_secs(61)).await;
    // The first is written down, and does not know it yet.
    jobs.begin("noted").await.unwrap();

    chaos.calm();
    sleep(Duration::from_secs(1)).await;

    assert_eq!(jobs.progress("noted").unwrap(), Some(JobProgress::default()));
    assert_eq!(jobs.history("noted").await.unwrap().len(), 1);
    sleep(Duration::from_secs(60)).await;
    assert_eq!(jobs.progress("noted").unwrap(), None);
    assert_eq!(jobs.history("noted").await.unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_could_not_be_written_down_is_in_the_history_and_the_next_writes_it_down() {
    let clock = Clock::at("2026-11-22T10:00:00Z");
    let (jobs, chaos) = node(&Noted::on(NEVER, &clock));
    sleep(Duration::from_millis(10)).await;
    chaos.on([Operation::SetLeased]).fail(StoreErrorKind::Unavailable);
    jobs.run("noted").await.unwrap();
    assert_eq!(jobs.history("noted").await.unwrap().len(), 1);

    chaos.calm();
    // Its lease stands until its time is over, since it is the journal that ends it.
    sleep(Duration::from_secs(600)).await;
    jobs.run("noted").await.unwrap();

    let history = jobs.history("noted").await.unwrap();
    assert_eq!(history.len(), 2, "{history:?}");
    assert!(history[0].started < history[1].started, "{history:?}");
}

#[tokio::test(start_paused = true)]
async fn a_run_that_was_written_down_unheard_is_in_the_history_once() {
    let clock = Clock::at("2026-11-22T10:00:00.0004Z");
    let (jobs, chaos) = node(&Noted::on(NEVER, &clock));
    sleep(Duration::from_millis(10)).await;
    chaos.on([Operation::SetLeased]).lose_answers(StoreErrorKind::Timeout);
    jobs.run("noted").await.unwrap();
    assert_eq!(jobs.history("noted").await.unwrap().len(), 1);

    chaos.calm();
    sleep(Duration::from_secs(1)).await;
    jobs.run("noted").await.unwrap();

    assert_eq!(jobs.history("noted").await.unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_written_down_late_stands_before_those_that_came_after_it() {
    let job = Noted::on(NEVER, &Clock::at("2026-11-22T10:00:00Z"));
    let store = Arc::default();
    let ((one, chaos), (two, _)) = (node_on(&store, "one", &job), node_on(&store, "two", &job));
    sleep(Duration::from_secs(10)).await;
    chaos.on([Operation::SetLeased]).fail(StoreErrorKind::Unavailable);
    one.run("noted").await.unwrap();
    sleep(Duration::from_secs(600)).await;
    two.run("noted").await.unwrap();

    let nodes = async || {
        let history = one.history("noted").await.unwrap();
        history.into_iter().map(|run| run.node).collect::<Vec<_>>()
    };
    assert_eq!(nodes().await, ["one", "two"]);
    chaos.calm();
    sleep(Duration::from_secs(600)).await;
    one.run("noted").await.unwrap();
    assert_eq!(nodes().await, ["one", "two", "one"]);
}
