//! Ten thousand of the demo's keys, warmed by the job that a server would warm them with.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use samekey::schema::{KeyError, TypedKey};
use samekey::server::jobs::{JobContext, Priority, Warmup};
use samekey::shadower;
use samekey_demo::analytics::{Analyst, AnalyticsError, Period, RealtimeMetric};
use samekey_demo::clock::date;
use samekey_demo::demo::Demo;
use samekey_demo::history::{COMPANIES, agent_public_id, segments, user_public_id};
use samekey_demo::timeframe::{DAY, Timeframe};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::history::History;
use crate::redis_child::{RedisChild, on_all_cores};
use crate::report::{Report, time};

const KEYS: usize = 10_000;
const TIME_BAR: Duration = Duration::from_secs(5);
const MEMORY_BAR: u64 = 100_000_000;

pub(crate) fn measure(history: &History, report: &mut Report) {
    let redis = RedisChild::start();
    on_all_cores(async {
        let demo = history.demo(&redis);
        let (warmup, sql) = list(&demo);
        let context = JobContext::new(demo.cache.clone(), Default::default());
        let started = Instant::now();
        let done = warmup.warm(&context).await;
        let took = started.elapsed();
        let stats = demo.cache.get_cache_stats().await;
        assert_eq!((done.total, done.warmed), (KEYS, KEYS), "{done:?}");
        let sql = Duration::from_nanos(sql.load(Relaxed));
        let beside = format!("in SQL: {} of {} readers' time", time(sql), 8);
        report.beside(
            "10,000 keys of the demo warmed",
            time(took),
            beside,
            "< 5 s",
            took < TIME_BAR,
        );
        let (used, values) = (megabytes(stats.used_memory), megabytes(stats.bytes_stored));
        let beside = format!("their values: {values}");
        report.beside(
            "Redis's used_memory with them",
            used,
            beside,
            "< 100 MB",
            stats.used_memory < MEMORY_BAR,
        );
        demo.cache.shutdown(Duration::from_secs(5)).await;
    });
}

/// The warm-up of [`KEYS`], and where it counts the nanoseconds that the database takes.
pub(crate) fn list(demo: &Demo) -> (Warmup, Arc<AtomicU64>) {
    let mut list = List { warmup: Warmup::new(), demo: demo.clone(), sql: Arc::default() };
    list.fill().expect("the demo's identifiers make keys");
    (list.warmup.budget(Duration::from_secs(300)), list.sql)
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

/// What is to be warmed, and how long the database took for it.
struct List {
    warmup: Warmup,
    demo: Demo,
    sql: Arc<AtomicU64>,
}

impl List {
    /// All that the API answers of every workspace and every agent, then of one user after the other until it is
    /// [`KEYS`].
    fn fill(&mut self) -> Result<(), KeyError> {
        for workspace in COMPANIES.iter().map(|company| company.id) {
            self.workspace(workspace)?;
        }
        let world = self.demo.world.clone();
        let now = self.demo.clock.now();
        let agents = world.casts.iter().flat_map(|cast| &cast.agents);
        for agent in agents.filter(|agent| agent.created_at <= now) {
            let id = agent_public_id(agent.id);
            for frame in Timeframe::ALL {
                let agent = id.clone();
                let key = shadower::agent_analytics(&id, frame.name())?;
                self.add(Priority::High, &key, move |it| it.agent_analytics(&agent, frame));
            }
        }
        let today = date(now);
        let users = world.casts.iter().flat_map(|cast| &cast.users);
        for user in users.filter(|user| user.created_at <= world.recipe.origin) {
            let id = user_public_id(user.id);
            for frame in Timeframe::ALL {
                let user = id.clone();
                let key = shadower::user_metrics(&id, frame.name())?;
                self.add(Priority::Low, &key, move |it| it.user_metrics(&user, frame));
            }
            let (user, day) = (id.clone(), today.clone());
            let key = shadower::user_activity(&id, &today)?;
            self.add(Priority::Low, &key, move |it| it.user_activity(&user, &day));
        }
        assert_eq!(self.warmup.len(), KEYS, "the demo has as many keys");
        Ok(())
    }

    fn workspace(&mut self, ws: &'static str) -> Result<(), KeyError> {
        let first = Priority::Critical;
        for frame in Timeframe::ALL {
            let name = frame.name();
            let key = shadower::executive(ws, name)?;
            self.add(first, &key, move |it| it.executive_dashboard(ws, frame));
            self.add(first, &shadower::revenue(ws, name)?, move |it| it.revenue(ws, frame));
            let key = shadower::top_agents(ws, name, Some(50))?;
            self.add(first, &key, move |it| it.top_agents(ws, frame, 50));
            self.add(first, &shadower::churn(ws, name)?, move |it| it.churn(ws, frame));
            let key = shadower::workspace_analytics(ws, name)?;
            self.add(first, &key, move |it| it.workspace_analytics(ws, frame));
            for segment in std::iter::once(None).chain(segments().map(Some)) {
                let key = shadower::user_analytics(ws, name, segment)?;
                self.add(first, &key, move |it| it.user_analytics(ws, frame, segment));
            }
        }
        for period in [Period::Daily, Period::Hourly] {
            let key = shadower::run_metrics(ws, period.name())?;
            self.add(first, &key, move |it| it.run_metrics(ws, period));
            let key = shadower::credit_metrics(ws, period.name())?;
            self.add(first, &key, move |it| it.credit_metrics(ws, period));
        }
        for frame in [Timeframe::Day, Timeframe::Week, Timeframe::Month] {
            let key = shadower::active_users(ws, frame.name())?;
            self.add(first, &key, move |it| it.active_users(ws, frame));
        }
        let cohort = date(self.demo.clock.now() - 30 * DAY);
        let key = shadower::retention_curve(ws, &cohort, 30_u32)?;
        self.add(first, &key, move |it| it.retention_curve(ws, &cohort, 30));
        self.add(first, &shadower::kpis(ws)?, move |it| it.kpis(ws));
        self.add(first, &shadower::workspace_overview(ws)?, move |it| it.workspace_overview(ws));
        let metric = RealtimeMetric::Runs;
        let key = shadower::realtime_metrics(ws, metric.name())?;
        self.add(first, &key, move |it| it.realtime_metrics(ws, metric));
        Ok(())
    }

    /// One more, unless there are enough.
    fn add<T, Q>(&mut self, priority: Priority, key: &TypedKey<T>, question: Q)
    where
        T: Serialize + DeserializeOwned + Send + Sync + 'static,
        Q: Fn(Analyst<'_>) -> Result<T, AnalyticsError> + Send + Sync + 'static,
    {
        if self.warmup.len() == KEYS {
            return;
        }
        let (demo, sql, question) = (self.demo.clone(), self.sql.clone(), Arc::new(question));
        let compute = move || {
            let (demo, sql, question) = (demo.clone(), sql.clone(), question.clone());
            async move {
                let timed = move |analyst: Analyst<'_>| {
                    let started = Instant::now();
                    let answer = question(analyst);
                    let nanos = u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX);
                    sql.fetch_add(nanos, Relaxed);
                    answer
                };
                demo.ask(timed).await
            }
        };
        self.warmup = std::mem::take(&mut self.warmup).add(priority, key, compute);
    }
}
