//! How long each answer takes, for the workspace and the agent that have most to count.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::analytics::{Analyst, AnalyticsError, Period, RealtimeMetric};
use crate::clock::date;
use crate::database::Database;
use crate::timeframe::{DAY, Millis, Timeframe};

/// One measured question.
#[derive(Debug, Clone)]
pub struct Timing {
    /// What was asked.
    pub question: String,
    /// The first time, with the connection's cache cold.
    pub first: Duration,
    /// The median of five more.
    pub median: Duration,
}

type Question<'q> = (String, Box<dyn Fn(Analyst<'_>) -> Result<(), AnalyticsError> + 'q>);

/// Asks every question of the API at `now`, slowest timeframes included.
pub fn timings(path: &Path, now: Millis) -> Result<Vec<Timing>, AnalyticsError> {
    let scout = Database::reader(path)?;
    let workspace = Analyst::new(&scout, now).workspaces()?.workspaces[0].id.clone();
    let agent = Analyst::new(&scout, now).top_agents(&workspace, Timeframe::Quarter, 1)?.agents[0]
        .agent_id
        .clone();
    let user = Analyst::new(&scout, now).users(&workspace, 1)?.users[0].id.clone();
    let (today, cohort) = (date(now), date(now - 60 * DAY));
    let mut questions: Vec<Question<'_>> = Vec::new();
    macro_rules! ask {
        ($name:expr, $method:ident $(, $argument:expr)*) => {
            questions.push(($name.to_string(), Box::new(|analyst| analyst.$method($($argument),*).map(|_| ()))))
        };
    }
    macro_rules! by_timeframe {
        ($name:literal, $method:ident, $whose:expr $(, $more:expr)*) => {
            for frame in Timeframe::ALL {
                let whose = $whose;
                questions.push((format!("{} {}", $name, frame.name()), Box::new(move |analyst| analyst.$method(whose, frame $(, $more)*).map(|_| ()))));
            }
        };
    }
    by_timeframe!("executive", executive_dashboard, &workspace);
    ask!("kpis", kpis, &workspace);
    by_timeframe!("revenue", revenue, &workspace);
    by_timeframe!("agent_analytics", agent_analytics, &agent);
    by_timeframe!("top_agents", top_agents, &workspace, 10);
    ask!("user_activity", user_activity, &user, &today);
    by_timeframe!("user_metrics", user_metrics, &user);
    by_timeframe!("user_analytics", user_analytics, &workspace, None);
    by_timeframe!("user_analytics (casual)", user_analytics, &workspace, Some("casual"));
    ask!("retention_curve", retention_curve, &workspace, &cohort, 60);
    by_timeframe!("churn", churn, &workspace);
    ask!("workspace_overview", workspace_overview, &workspace);
    by_timeframe!("workspace_analytics", workspace_analytics, &workspace);
    ask!("run_metrics daily", run_metrics, &workspace, Period::Daily);
    ask!("run_metrics hourly", run_metrics, &workspace, Period::Hourly);
    ask!("realtime_metrics users", realtime_metrics, &workspace, RealtimeMetric::Users);
    for frame in [Timeframe::Day, Timeframe::Week, Timeframe::Month] {
        let whose = &workspace;
        questions.push((
            format!("active_users {}", frame.name()),
            Box::new(move |analyst| analyst.active_users(whose, frame).map(|_| ())),
        ));
    }
    ask!("credit_metrics daily", credit_metrics, &workspace, Period::Daily);
    ask!("credit_metrics hourly", credit_metrics, &workspace, Period::Hourly);
    ask!("users (list)", users, &workspace, 50);
    questions.into_iter().map(|(question, ask)| measure(path, now, question, &*ask)).collect()
}

fn measure(
    path: &Path,
    now: Millis,
    question: String,
    ask: &dyn Fn(Analyst<'_>) -> Result<(), AnalyticsError>,
) -> Result<Timing, AnalyticsError> {
    let reader = Database::reader(path)?;
    let once = || {
        let start = Instant::now();
        ask(Analyst::new(&reader, now)).map(|()| start.elapsed())
    };
    let first = once()?;
    let mut more = (0..5).map(|_| once()).collect::<Result<Vec<_>, _>>()?;
    more.sort_unstable();
    Ok(Timing { question, first, median: more[2] })
}
