//! Jobs: when they are run and by whom, and what the four of ours do.

mod cleanup;
mod counts;
mod health;
mod seen;
mod specified;
mod ticks;
mod two_nodes;
mod warmup;

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use samekey::server::jobs::{Job, JobContext, JobFuture, WallClock};
use samekey::server::{CacheService, MemoryStore};
use serde_json::json;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::fixture::schema;
use crate::process::Process;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A wall clock that goes as Tokio's does, which tests turn by hand; and that can be set.
#[derive(Clone)]
struct Clock {
    begun: Instant,
    time: Timestamp,
    set_by_millis: Arc<AtomicI64>,
}

impl Clock {
    fn at(text: &str) -> Self {
        Self { begun: Instant::now(), time: at(text), set_by_millis: Arc::default() }
    }

    fn set_by(&self, by: SignedDuration) {
        let millis = i64::try_from(by.as_millis()).unwrap();
        self.set_by_millis.fetch_add(millis, Ordering::SeqCst);
    }
}

impl WallClock for Clock {
    fn now(&self) -> Timestamp {
        let set_by = SignedDuration::from_millis(self.set_by_millis.load(Ordering::SeqCst));
        self.time + SignedDuration::try_from(self.begun.elapsed()).unwrap() + set_by
    }
}

/// Caches on one store, as nodes are.
fn nodes<const N: usize>() -> [CacheService; N] {
    let store = Arc::new(MemoryStore::default());
    std::array::from_fn(|_| CacheService::new(schema(), Process::over(&store)))
}

fn by_hand(cache: &CacheService) -> JobContext {
    JobContext::new(cache.clone(), CancellationToken::new())
}

/// A job that notes when it was run, and does as it is told.
#[derive(Clone)]
struct Noted {
    schedule: &'static str,
    takes: Duration,
    max_time: Duration,
    ends: Ends,
    clock: Clock,
    runs: Arc<Mutex<Vec<Timestamp>>>,
    at_once: Arc<AtomicUsize>,
    most_at_once: Arc<AtomicUsize>,
}

#[derive(Clone, Copy)]
enum Ends {
    Well,
    Badly,
    InPanic,
    /// Not before it is told to stop.
    WhenToldTo,
    /// Not even then.
    Never,
}

impl Noted {
    fn on(schedule: &'static str, clock: &Clock) -> Self {
        Self {
            schedule,
            takes: Duration::ZERO,
            max_time: Duration::from_secs(300),
            ends: Ends::Well,
            clock: clock.clone(),
            runs: Arc::default(),
            at_once: Arc::default(),
            most_at_once: Arc::default(),
        }
    }

    fn taking(self, takes: Duration) -> Self {
        Self { takes, ..self }
    }

    fn at_most(self, max_time: Duration) -> Self {
        Self { max_time, ..self }
    }

    fn ending(self, ends: Ends) -> Self {
        Self { ends, ..self }
    }

    fn runs(&self) -> Vec<String> {
        self.runs.lock().unwrap().iter().map(|at| format!("{at:.0}")).collect()
    }
}

impl Job for Noted {
    fn name(&self) -> &'static str {
        "noted"
    }

    fn schedule(&self) -> &'static str {
        self.schedule
    }

    fn max_time(&self) -> Duration {
        self.max_time
    }

    fn run<'a>(&'a self, context: &'a JobContext) -> JobFuture<'a> {
        Box::pin(async move {
            self.runs.lock().unwrap().push(self.clock.now());
            let at_once = self.at_once.fetch_add(1, Ordering::SeqCst) + 1;
            self.most_at_once.fetch_max(at_once, Ordering::SeqCst);
            let leave = OneFewer(&self.at_once);
            sleep(self.takes).await;
            match self.ends {
                Ends::Well => {}
                Ends::Badly => return Err("the report printer is on fire".into()),
                Ends::InPanic => panic!("a bug in the job"),
                Ends::WhenToldTo => context.stopped().await,
                Ends::Never => std::future::pending().await,
            }
            drop(leave);
            Ok(json!({ "noted": true }))
        })
    }
}

/// Also when a job is stopped by force.
struct OneFewer<'a>(&'a AtomicUsize);

impl Drop for OneFewer<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
