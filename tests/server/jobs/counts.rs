//! What a node tells of its jobs to who watches it.

use samekey::server::jobs::{JobStats, Jobs, RunningJobs};

use super::*;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);

async fn told(cache: &CacheService) -> JobStats {
    let mut jobs = cache.get_cache_stats().await.jobs;
    assert_eq!(jobs.len(), 1);
    jobs.remove(0)
}

fn started(cache: &CacheService, job: &Noted, clock: &Clock) -> RunningJobs {
    Jobs::new(cache).clock(clock.clone()).job(job.clone()).unwrap().start()
}

#[tokio::test(start_paused = true)]
async fn each_run_is_counted_by_how_it_ended_and_timed() {
    let [cache] = nodes();
    let clock = Clock::at("2026-11-22T09:50:00Z");
    let minutely = || Noted::on("* * * * *", &clock).taking(Duration::from_secs(2));
    for (ends, max_time) in [
        (Ends::Well, 30),
        (Ends::Badly, 30),
        (Ends::InPanic, 30),
        (Ends::WhenToldTo, 10),
        (Ends::Well, 30),
    ] {
        let job = minutely().ending(ends).at_most(Duration::from_secs(max_time));
        let jobs = started(&cache, &job, &clock);
        jobs.run("noted").await.unwrap();
        jobs.stop().await;
    }
    let jobs = told(&cache).await;
    assert_eq!((jobs.done, jobs.failed, jobs.timed_out, jobs.stopped), (2, 2, 1, 0));
    let text = cache.prometheus_text().await;
    for line in [
        "samekey_job_runs_total{job_name=\"noted\",outcome=\"done\"} 2",
        "samekey_job_runs_total{job_name=\"noted\",outcome=\"timed_out\"} 1",
        "samekey_job_missed_total{job_name=\"noted\"} 0",
        "samekey_job_seconds_bucket{job_name=\"noted\",le=\"1\"} 0",
        "samekey_job_seconds_bucket{job_name=\"noted\",le=\"5\"} 4",
        "samekey_job_seconds_count{job_name=\"noted\"} 5",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn ticks_that_nobody_ran_are_counted_by_the_node_that_makes_up_for_them() {
    let [before, after] = nodes();
    let clock = Clock::at("2026-11-22T09:59:00Z");
    let job = Noted::on("0 * * * *", &clock);
    let jobs = started(&before, &job, &clock);
    sleep(2 * MINUTE).await;
    jobs.stop().await;
    // 11:00, 12:00, 13:00 and 14:00 pass; 15:00 is run at 15:10.
    sleep(5 * HOUR + 9 * MINUTE).await;
    let _jobs = started(&after, &job, &clock);
    sleep(MINUTE).await;
    assert_eq!((told(&before).await.missed, told(&after).await.missed), (0, 4));
    sleep(2 * HOUR).await;
    let jobs = told(&after).await;
    assert_eq!((jobs.missed, jobs.done), (4, 3), "those that came in time are none");
}

#[tokio::test(start_paused = true)]
async fn the_last_success_is_known_from_the_journal_and_not_touched_by_a_failure() {
    let [one, other] = nodes();
    let clock = Clock::at("2026-11-22T09:59:00Z");
    let well = Noted::on("0 * * * *", &clock);
    let jobs = started(&one, &well, &clock);
    sleep(2 * MINUTE).await;
    jobs.stop().await;
    let ten = at("2026-11-22T10:00:00Z").as_second() as f64;
    let last_done = told(&one).await.last_done.unwrap();
    assert!((ten..ten + 2.0).contains(&last_done), "{last_done}");

    let badly = Noted::on("0 * * * *", &clock).ending(Ends::Badly);
    let _jobs = started(&other, &badly, &clock);
    sleep(MINUTE).await;
    assert_eq!(told(&other).await.last_done, Some(last_done), "another node's");
    sleep(HOUR).await;
    let jobs = told(&other).await;
    assert_eq!((jobs.last_done, jobs.failed, jobs.done), (Some(last_done), 1, 0));
}

#[tokio::test(start_paused = true)]
async fn before_the_first_success_there_is_none() {
    let [cache] = nodes();
    let clock = Clock::at("2026-11-22T09:50:00Z");
    let _jobs = started(&cache, &Noted::on("0 * * * *", &clock), &clock);
    sleep(MINUTE).await;
    assert_eq!(told(&cache).await.last_done, None);
    let text = cache.prometheus_text().await;
    assert!(!text.contains("samekey_job_last_success"), "it would be 1970: {text}");
    let idle = CacheService::new(schema(), MemoryStore::default());
    assert!(!idle.prometheus_text().await.contains("samekey_job"), "it has no jobs");
}
