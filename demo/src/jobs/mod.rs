//! What the demo does on a schedule: the cache's own jobs, and which answers they keep warm.

mod batches;
mod warmup;

use samekey::schema::KeyError;
use samekey::server::jobs::{Cleanup, HealthCheck, HotKeys, Jobs, Refresh, RunningJobs, Warmup};
use samekey::shadower;

use crate::demo::Demo;
use crate::history::COMPANIES;

pub use warmup::{WARM_KEYS, warmup};

/// Starts the jobs of a demo whose clock runs, with this warm-up.
///
/// # Errors
/// When a job cannot be set up, which would be a mistake here.
pub fn start(demo: &Demo, warmup: Warmup) -> Result<RunningJobs, Box<dyn std::error::Error>> {
    let jobs = Jobs::new(&demo.cache)
        .job(Cleanup)?
        .job(HealthCheck::default())?
        .job(Refresh::new(&hot(demo)?))?
        .job(warmup)?;
    Ok(jobs.start())
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
