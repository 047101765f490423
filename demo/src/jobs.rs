//! What the demo does on a schedule: the cache's own jobs, and which answers they keep warm.

use samekey::schema::{KeyError, TypedKey};
use samekey::server::jobs::{
    Cleanup, HealthCheck, HotKeys, Jobs, Priority, Refresh, RunningJobs, Warmup,
};
use samekey::shadower;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::analytics::{Analyst, AnalyticsError, Period};
use crate::demo::Demo;
use crate::history::COMPANIES;
use crate::timeframe::Timeframe;

/// The timeframes that the dashboard opens with, and the next one of its menu.
const FIRST: [Timeframe; 2] = [Timeframe::Week, Timeframe::Month];

/// Starts the jobs of a demo whose clock runs.
///
/// # Errors
/// When a job cannot be set up, which would be a mistake here.
pub fn start(demo: &Demo) -> Result<RunningJobs, Box<dyn std::error::Error>> {
    let jobs = Jobs::new(&demo.cache)
        .job(Cleanup)?
        .job(HealthCheck::default())?
        .job(Refresh::new(&hot(demo)?))?
        .job(warmup(demo)?)?;
    Ok(jobs.start())
}

/// What the dashboard's first page asks for, of every workspace: the most important first.
///
/// # Errors
/// When a key cannot be made, which would be a mistake here.
pub fn warmup(demo: &Demo) -> Result<Warmup, KeyError> {
    // The readers of SQLite share two cores with whoever asks meanwhile.
    let mut warmup = Warmup::new().concurrency(2);
    for workspace in COMPANIES.iter().map(|company| company.id) {
        for frame in FIRST {
            let key = shadower::executive(workspace, frame.name())?;
            let question =
                move |analyst: Analyst<'_>| analyst.executive_dashboard(workspace, frame);
            warmup = add(warmup, demo, Priority::Critical, &key, question);
        }
        let key = shadower::workspace_overview(workspace)?;
        let question = move |analyst: Analyst<'_>| analyst.workspace_overview(workspace);
        warmup = add(warmup, demo, Priority::High, &key, question);
        let key = shadower::credit_metrics(workspace, Period::Daily.name())?;
        let question = move |analyst: Analyst<'_>| analyst.credit_metrics(workspace, Period::Daily);
        warmup = add(warmup, demo, Priority::Normal, &key, question);
        let key = shadower::run_metrics(workspace, Period::Daily.name())?;
        let question = move |analyst: Analyst<'_>| analyst.run_metrics(workspace, Period::Daily);
        warmup = add(warmup, demo, Priority::Low, &key, question);
    }
    Ok(warmup)
}

/// The key figures of every workspace: each page shows them.
fn hot(demo: &Demo) -> Result<HotKeys, KeyError> {
    let hot = HotKeys::default();
    for workspace in COMPANIES.iter().map(|company| company.id) {
        let demo = demo.clone();
        hot.register(&shadower::kpis(workspace)?, move || {
            let demo = demo.clone();
            async move { demo.ask(move |analyst| analyst.kpis(workspace)).await }
        });
    }
    Ok(hot)
}

fn add<T, Q>(
    warmup: Warmup,
    demo: &Demo,
    priority: Priority,
    key: &TypedKey<T>,
    question: Q,
) -> Warmup
where
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
    Q: Fn(Analyst<'_>) -> Result<T, AnalyticsError> + Copy + Send + Sync + 'static,
{
    let demo = demo.clone();
    warmup.add(priority, key, move || {
        let demo = demo.clone();
        async move { demo.ask(question).await }
    })
}
