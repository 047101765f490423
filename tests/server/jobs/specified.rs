//! When the ready-made jobs are run, in UTC, unless somebody says otherwise.

use samekey::server::jobs::{Cleanup, HealthCheck, HotKeys, Job, Refresh, Thresholds, Warmup};

#[test]
fn cleanup_daily_at_four_health_each_quarter_refresh_at_half_past_warm_up_every_six_hours() {
    let jobs: [Box<dyn Job>; 4] = [
        Box::new(Cleanup),
        Box::new(HealthCheck::new(Thresholds::default())),
        Box::new(Refresh::new(&HotKeys::default())),
        Box::new(Warmup::new()),
    ];
    let said = jobs.each_ref().map(|job| (job.name(), job.schedule()));
    assert_eq!(
        said,
        [
            ("cleanup", "0 4 * * *"),
            ("health", "*/15 * * * *"),
            ("refresh", "30 * * * *"),
            ("warmup", "0 */6 * * *"),
        ]
    );
}
