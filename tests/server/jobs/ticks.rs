//! When a job is run.

use samekey::server::jobs::{Cleanup, HealthCheck, JobOutcome, Jobs};
use samekey::server::{LeaseFor, LeaseToken, Leased, Record, Store, Ttl};

use super::*;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const JOURNAL: &str = "samekey:job:fixture:noted";

#[tokio::test(start_paused = true)]
async fn a_job_is_run_at_each_tick_and_not_before_the_first() {
    let [cache] = nodes();
    let clock = Clock::at("2026-11-22T09:50:00Z");
    let job = Noted::on("*/15 * * * *", &clock);
    let jobs = Jobs::new(&cache).clock(clock.clone()).job(job.clone()).unwrap().start();
    sleep(9 * MINUTE).await;
    assert!(job.runs().is_empty(), "it was not due when it was started");
    sleep(HOUR).await;
    assert_eq!(
        job.runs(),
        [
            "2026-11-22T10:00:00Z",
            "2026-11-22T10:15:00Z",
            "2026-11-22T10:30:00Z",
            "2026-11-22T10:45:00Z"
        ]
    );
    let history = jobs.history("noted").await.unwrap();
    assert_eq!(history.len(), 4);
    assert_eq!(history[3].tick, Some(at("2026-11-22T10:45:00Z")));
    assert_eq!(history[3].outcome, JobOutcome::Done);
    assert_eq!(history[3].report, json!({ "noted": true }));
}

#[tokio::test(start_paused = true)]
async fn however_many_ticks_were_missed_the_job_is_run_once() {
    let [before, after] = nodes();
    let clock = Clock::at("2026-11-22T09:59:00Z");
    let job = Noted::on("0 * * * *", &clock);
    let jobs = Jobs::new(&before).clock(clock.clone()).job(job.clone()).unwrap().start();
    sleep(2 * MINUTE).await;
    jobs.stop().await;
    assert_eq!(job.runs().len(), 1);

    sleep(5 * HOUR + 9 * MINUTE).await;
    let jobs = Jobs::new(&after).clock(clock.clone()).job(job.clone()).unwrap().start();
    sleep(MINUTE).await;
    assert_eq!(job.runs()[1..], ["2026-11-22T15:10:00Z"]);
    let history = jobs.history("noted").await.unwrap();
    assert_eq!(history.last().unwrap().tick, Some(at("2026-11-22T15:00:00Z")));
    sleep(HOUR).await;
    assert_eq!(job.runs()[2..], ["2026-11-22T16:00:00Z"]);
}

#[tokio::test(start_paused = true)]
async fn a_tick_that_was_missed_before_the_job_was_ever_run_is_made_up_for_too() {
    let [before, after] = nodes();
    let clock = Clock::at("2026-11-22T05:00:00Z");
    let job = Noted::on("0 4 * * *", &clock);
    let jobs = Jobs::new(&before).clock(clock.clone()).job(job.clone()).unwrap().start();
    sleep(MINUTE).await;
    jobs.stop().await;
    sleep(24 * HOUR).await;
    let _jobs = Jobs::new(&after).clock(clock.clone()).job(job.clone()).unwrap().start();
    sleep(MINUTE).await;
    assert_eq!(job.runs(), ["2026-11-23T05:01:00Z"]);
}

#[tokio::test(start_paused = true)]
async fn a_job_that_takes_longer_than_its_interval_never_overlaps_with_itself() {
    let [one, other] = nodes();
    let clock = Clock::at("2026-11-22T09:59:30Z");
    let job = Noted::on("* * * * *", &clock).taking(Duration::from_secs(150));
    let jobs = [one, other]
        .map(|cache| Jobs::new(&cache).clock(clock.clone()).job(job.clone()).unwrap().start());
    sleep(10 * MINUTE).await;
    assert_eq!(job.most_at_once.load(Ordering::SeqCst), 1);
    // One run takes two ticks and a half; the tick that came last meanwhile is made up for.
    let runs = job.runs().len();
    assert!((3..=5).contains(&runs), "{runs}");
    drop(jobs);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_takes_too_long_is_told_to_stop_and_then_stopped() {
    for (ends, report) in [(Ends::WhenToldTo, json!({ "noted": true })), (Ends::Never, json!(null))]
    {
        let [cache] = nodes();
        let clock = Clock::at("2026-11-22T09:59:30Z");
        let job = Noted::on("0 * * * *", &clock).at_most(MINUTE).ending(ends);
        let jobs = Jobs::new(&cache).clock(clock.clone()).job(job.clone()).unwrap().start();
        sleep(3 * MINUTE).await;
        let history = jobs.history("noted").await.unwrap();
        assert_eq!(history.len(), 1);
        assert_eq!((&history[0].outcome, &history[0].report), (&JobOutcome::TimedOut, &report));
        assert_eq!(job.at_once.load(Ordering::SeqCst), 0, "nothing of it goes on");
        sleep(HOUR).await;
        assert_eq!(job.runs().len(), 2, "the next tick tries again");
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_and_a_panic_are_written_down_and_the_next_tick_tries_again() {
    for (ends, error) in
        [(Ends::Badly, "the report printer is on fire"), (Ends::InPanic, "it panicked")]
    {
        let [cache] = nodes();
        let clock = Clock::at("2026-11-22T09:59:30Z");
        let job = Noted::on("0 * * * *", &clock).ending(ends);
        let jobs = Jobs::new(&cache).clock(clock.clone()).job(job.clone()).unwrap().start();
        sleep(30 * MINUTE).await;
        assert_eq!(job.runs().len(), 1, "not again and again");
        let failed = JobOutcome::Failed { error: error.into() };
        assert_eq!(jobs.history("noted").await.unwrap()[0].outcome, failed);
        sleep(HOUR).await;
        assert_eq!(job.runs().len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_set_back_runs_nothing_twice_and_one_set_forward_runs_once() {
    let [cache] = nodes();
    let clock = Clock::at("2026-11-22T09:59:30Z");
    let job = Noted::on("0 * * * *", &clock);
    let _jobs = Jobs::new(&cache).clock(clock.clone()).job(job.clone()).unwrap().start();
    sleep(MINUTE).await;
    assert_eq!(job.runs().len(), 1);
    clock.set_by(SignedDuration::from_mins(-5));
    sleep(10 * MINUTE).await;
    assert_eq!(job.runs().len(), 1, "ten o'clock came twice");
    clock.set_by(SignedDuration::from_hours(7));
    sleep(MINUTE).await;
    assert_eq!(job.runs().len(), 2);
}

/// In UTC there is no hour that is missing or comes twice; the daily job comes every 24 hours.
#[tokio::test(start_paused = true)]
async fn summer_time_changes_nothing() {
    for day in ["2026-03-28T12:00:00Z", "2026-10-24T12:00:00Z"] {
        let [cache] = nodes();
        let clock = Clock::at(day);
        let job = Noted::on("30 2 * * *", &clock);
        let _jobs = Jobs::new(&cache).clock(clock.clone()).job(job.clone()).unwrap().start();
        sleep(48 * HOUR).await;
        let runs = job.runs();
        assert_eq!(runs.len(), 2);
        assert!(runs.iter().all(|run| run.ends_with("T02:30:00Z")), "{runs:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_stops_the_run_and_another_node_takes_the_tick_over() {
    let [one, other] = nodes();
    let clock = Clock::at("2026-11-22T09:59:30Z");
    let stuck = Noted::on("0 4 * * *", &clock).ending(Ends::WhenToldTo);
    let daily = Noted { schedule: "0 10 * * *", ..stuck };
    let jobs = Jobs::new(&one).node("one").clock(clock.clone()).job(daily.clone()).unwrap().start();
    sleep(MINUTE).await;
    assert_eq!(daily.at_once.load(Ordering::SeqCst), 1);
    let next = daily.clone().ending(Ends::Well);
    let others = Jobs::new(&other).node("other").clock(clock.clone()).job(next).unwrap().start();
    sleep(MINUTE).await;
    assert_eq!(daily.runs().len(), 1, "it is being run");

    let begun = Instant::now();
    jobs.stop().await;
    assert!(begun.elapsed() < Duration::from_secs(1), "whoever heeds the stop is not waited for");
    sleep(Duration::from_secs(15)).await;
    let history = others.history("noted").await.unwrap();
    let told: Vec<_> = history.iter().map(|run| (run.node.as_str(), &run.outcome)).collect();
    assert_eq!(told, [("one", &JobOutcome::Stopped), ("other", &JobOutcome::Done)]);
    assert_eq!(history[0].tick, history[1].tick);
}

#[tokio::test(start_paused = true)]
async fn a_node_that_just_goes_away_leaves_no_lease_behind() {
    let store = Arc::new(MemoryStore::default());
    let cache = CacheService::new(schema(), store.clone());
    let clock = Clock::at("2026-11-22T09:59:30Z");
    let job = Noted::on("0 10 * * *", &clock).ending(Ends::Never);
    let jobs = Jobs::new(&cache).clock(clock.clone()).job(job.clone()).unwrap().start();
    sleep(MINUTE).await;
    let wanted = async || {
        let ttl = Ttl::new(MINUTE).unwrap();
        store.lease(JOURNAL, &LeaseToken::random(), ttl, LeaseFor::Refresh).await.unwrap()
    };
    assert_eq!(wanted().await, Leased::Held);
    drop(jobs);
    sleep(Duration::from_secs(6)).await;
    assert_eq!(wanted().await, Leased::Granted);
    assert_eq!(job.at_once.load(Ordering::SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn the_tick_of_a_node_that_died_is_run_when_its_lease_is_over() {
    let store = Arc::new(MemoryStore::default());
    let cache = CacheService::new(schema(), store.clone());
    let clock = Clock::at("2026-11-22T09:59:30Z");
    let job = Noted::on("0 10 * * *", &clock);
    let jobs = Jobs::new(&cache).clock(clock.clone()).job(job.clone()).unwrap().start();
    sleep(Duration::from_secs(1)).await;
    jobs.stop().await;
    // Whoever has this lease is never heard of again.
    let ttl = Ttl::new(5 * MINUTE).unwrap();
    store.lease(JOURNAL, &LeaseToken::random(), ttl, LeaseFor::Refresh).await.unwrap();
    let _jobs = Jobs::new(&cache).clock(clock.clone()).job(job.clone()).unwrap().start();
    sleep(4 * MINUTE).await;
    assert!(job.runs().is_empty());
    sleep(2 * MINUTE).await;
    assert_eq!(job.runs().len(), 1, "not tomorrow");
}

#[tokio::test(start_paused = true)]
async fn a_store_that_lost_the_journal_makes_nothing_run_twice() {
    let store = Arc::new(MemoryStore::default());
    let caches = [(); 2].map(|()| CacheService::new(schema(), store.clone()));
    let clock = Clock::at("2026-11-22T09:59:30Z");
    let job = Noted::on("0 * * * *", &clock);
    let jobs = caches
        .map(|cache| Jobs::new(&cache).clock(clock.clone()).job(job.clone()).unwrap().start());
    sleep(5 * MINUTE).await;
    store.delete(&[JOURNAL]).await.unwrap();
    sleep(30 * MINUTE).await;
    assert_eq!(job.runs().len(), 1);
    sleep(HOUR).await;
    assert_eq!(job.runs().len(), 2);
    drop(jobs);
}

#[tokio::test(start_paused = true)]
async fn a_journal_from_the_far_future_is_not_waited_for() {
    let store = Arc::new(MemoryStore::default());
    let cache = CacheService::new(schema(), store.clone());
    let clock = Clock::at("2026-11-22T09:59:30Z");
    for journal in [r#"{"last_tick":"2099-01-01T00:00:00.000Z","runs":[]}"#, "no journal", "[]"] {
        let record = Record::new(JOURNAL, journal.as_bytes().to_vec().into(), Ttl::MAX);
        store.set(record).await.unwrap();
        let job = Noted::on("* * * * *", &clock);
        let jobs = Jobs::new(&cache).clock(clock.clone()).job(job.clone()).unwrap().start();
        sleep(2 * MINUTE).await;
        assert_eq!(job.runs().len(), 2, "{journal}");
        jobs.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_history_keeps_the_last_twenty_runs_and_no_journal_lives_for_ever() {
    let [one, other] = nodes();
    let clock = Clock::at("2026-11-22T09:59:30Z");
    let job = Noted::on("* * * * *", &clock);
    let jobs = Jobs::new(&one).node("one").clock(clock.clone()).job(job.clone()).unwrap().start();
    sleep(30 * MINUTE).await;
    let elsewhere = Jobs::new(&other).clock(clock.clone()).job(job.clone()).unwrap().start();
    let history = elsewhere.history("noted").await.unwrap();
    assert_eq!((history.len(), job.runs().len()), (20, 30));
    assert!(history.iter().all(|run| run.node == "one"));
    assert_eq!(history[19].tick, Some(at("2026-11-22T10:29:00Z")));
    let left = one.ttl(JOURNAL).await.unwrap().unwrap();
    assert!(left > 59 * 24 * HOUR && left <= 60 * 24 * HOUR, "{left:?}");
    drop(jobs);
}

#[tokio::test(start_paused = true)]
async fn a_job_can_be_run_by_hand_and_its_ticks_come_none_the_less() {
    let [one, other] = nodes();
    let clock = Clock::at("2026-11-22T09:58:00Z");
    let job = Noted::on("0 * * * *", &clock).taking(Duration::from_secs(10));
    let [jobs, elsewhere] = [one, other]
        .map(|cache| Jobs::new(&cache).clock(clock.clone()).job(job.clone()).unwrap().start());
    let run = jobs.run("noted").await.unwrap();
    assert_eq!((run.tick, run.outcome, run.took_ms), (None, JobOutcome::Done, 10_000));
    let (first, second) = tokio::join!(jobs.run("noted"), elsewhere.run("noted"));
    assert!(first.is_ok());
    assert_eq!(second.unwrap_err().code(), "E_JOB_BUSY");
    assert_eq!(jobs.run("nothing").await.unwrap_err().code(), "E_JOB_UNKNOWN");
    sleep(3 * MINUTE).await;
    let ticks: Vec<_> = jobs.history("noted").await.unwrap().iter().map(|run| run.tick).collect();
    assert_eq!(ticks, [None, None, Some(at("2026-11-22T10:00:00Z"))]);
}

#[tokio::test]
async fn what_cannot_be_run_is_refused_when_the_jobs_are_put_together() {
    let [cache] = nodes();
    for wrong in ["0 0 31 2 *", "61 * * * *", "daily"] {
        let error = Jobs::new(&cache).job_at(wrong, Cleanup).unwrap_err();
        assert_eq!(error.code(), "E_JOB_SCHEDULE", "{wrong}");
    }
    let jobs = Jobs::new(&cache).job(HealthCheck::default()).unwrap().job(Cleanup).unwrap();
    let twice = jobs.job(Cleanup).unwrap_err();
    assert_eq!(twice.code(), "E_JOB_NAME");
}

#[tokio::test(start_paused = true)]
async fn a_node_whose_clock_was_far_ahead_for_a_while_goes_on() {
    let [cache] = nodes();
    let clock = Clock::at("2026-11-22T09:59:00Z");
    let job = Noted::on("0 * * * *", &clock);
    let _jobs = Jobs::new(&cache).clock(clock.clone()).job(job.clone()).unwrap().start();
    sleep(2 * MINUTE).await;
    // As a machine that woke up with the wrong year.
    clock.set_by(SignedDuration::from_hours(24 * 400));
    sleep(MINUTE).await;
    assert_eq!(job.runs().len(), 2);
    clock.set_by(SignedDuration::from_hours(-24 * 400));
    sleep(HOUR).await;
    assert_eq!(job.runs()[2..], ["2026-11-22T11:00:00Z"]);
}

#[tokio::test(start_paused = true)]
async fn of_a_run_that_nobody_waits_for_any_more_no_progress_is_told() {
    let [cache] = nodes();
    let clock = Clock::at("2026-11-22T09:59:00Z");
    let job = Noted::on("0 4 * * *", &clock).taking(HOUR);
    let jobs = Jobs::new(&cache).clock(clock.clone()).job(job.clone()).unwrap().start();
    assert!(tokio::time::timeout(MINUTE, jobs.run("noted")).await.is_err());
    sleep(MINUTE).await;
    assert_eq!(job.at_once.load(Ordering::SeqCst), 0, "it ends with who waits for it");
    assert_eq!(jobs.progress("noted").unwrap(), None);
}
