//! The server, from the first line it prints to a clean end.

use std::collections::BTreeSet;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use samekey::schema::TemplateSegment;
use samekey::server::access::AuditLog;
use samekey::server::codec::CodecSettings;
use samekey::server::http::{self, told_to_end};
use samekey::server::jobs::RunningJobs;
use samekey::server::{CacheService, MemoryStore, RedisConfig, RedisStore};
use samekey::shadower;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::keys::encryption_keys;
use super::prepare;
use crate::clock::Clock;
use crate::database::{Database, HistoryFile};
use crate::demo::Demo;
use crate::http::router;
use crate::jobs;
use crate::simulator::live;

/// How to serve.
#[derive(Debug, Clone)]
pub struct Serving {
    /// The history to serve.
    pub file: HistoryFile,
    /// The time at which questions are asked.
    pub clock: Clock,
    /// The port on 127.0.0.1; 0 takes a free one. `None` tries 8080 first: the
    /// dashboard's development server looks for us there.
    pub port: Option<u16>,
    /// The folder of the built dashboard.
    pub www: PathBuf,
    /// How much happens by itself: 1 is usual, `None` is nothing.
    pub speed: Option<f64>,
    /// Where Redis is; without it the cache lives in this process.
    pub redis_url: Option<String>,
    /// How long Redis may take to be connected to, and for an answer.
    pub redis_patience: Duration,
    /// Where to write down who invalidated what; nowhere without it.
    pub audit: Option<PathBuf>,
    /// How many answers are computed at the start, and every six hours.
    pub warm: usize,
}

/// Serves until Ctrl-C or a request to terminate.
///
/// # Errors
/// When the database, the port, the Redis URL or the audit log cannot be used.
pub fn serve(serving: &Serving) -> Result<(), Box<dyn std::error::Error>> {
    let world = Arc::new(prepare(&serving.file)?);
    let database = Arc::new(Database::connect(&serving.file.path)?);
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        // First of all: a port that is taken should not cost a visit to Redis.
        let listener = listen(serving.port).await?;
        let audit = serving.audit.as_ref().map(AuditLog::to_file).transpose()?;
        let (url, database_file) = (serving.redis_url.as_deref(), &serving.file.path);
        let cache = cache(url, serving.redis_patience, database_file, audit.clone())?;
        let answers = forget_other_histories(&cache).await;
        eprintln!(
            "  cache     {}",
            match (cache.store_kind(), answers) {
                ("redis", true) => "Redis, at REDIS_URL",
                ("redis", false) =>
                    "Redis at REDIS_URL does not answer: computing each time until it does",
                _ => "in this process (REDIS_URL=redis://… uses Redis)",
            }
        );
        eprintln!("  access    open, and only from this machine (127.0.0.1)");
        if serving.speed.is_none() {
            eprintln!("  simulator off");
        }
        // The one line on stdout, for scripts that wait for it.
        println!("  dashboard http://{}", listener.local_addr()?);
        std::io::stdout().flush()?;
        let streams = cache.clone();
        let demo = Demo { database, world, clock: serving.clock, cache };

        let (stop, stopped) = watch::channel(());
        let simulator = serving
            .speed
            .map(|speed| tokio::spawn(live(demo.clone(), speed, until(stopped.clone()))));
        tokio::spawn(async move {
            told_to_end().await;
            drop(stop);
            // They never end by themselves, and the server waits for its connections.
            streams.close_streams();
            // Asked twice is meant.
            told_to_end().await;
            std::process::exit(130);
        });
        // Where the clock stands still, nothing is ever due.
        let runs = matches!(demo.clock, Clock::System);
        let jobs = runs.then(|| start_jobs(&demo, serving.warm)).transpose()?;
        let app = router(demo, &serving.www, jobs.as_ref().map(|jobs| jobs.handle()));
        http::Serving::new(app).until(listener, until(stopped)).await;
        if let Some(jobs) = jobs {
            jobs.stop().await;
        }
        if let Some(audit) = audit {
            audit.flush().await;
        }
        if let Some(simulator) = simulator {
            simulator.await?;
        }
        Ok(())
    })
}

async fn listen(port: Option<u16>) -> Result<TcpListener, String> {
    let bind = async |port| {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await;
        listener.map_err(|error| format!("port {port}: {error}"))
    };
    match port {
        Some(port) => bind(port).await,
        None => match bind(8080).await {
            Ok(listener) => Ok(listener),
            Err(_) => bind(0).await,
        },
    }
}

/// The cache, in the Redis at `url` if there is one, which may take so long for an answer.
pub(super) fn cache(
    url: Option<&str>,
    patience: Duration,
    database: &Path,
    audit: Option<AuditLog>,
) -> Result<CacheService, Box<dyn std::error::Error>> {
    let mut cache = CacheService::builder(shadower::schema());
    if let Some(audit) = audit {
        cache = cache.audit(audit);
    }
    // What stays in this process is encrypted for nobody.
    if let Some(url) = url {
        let mut config = RedisConfig::new(url);
        // All of it runs on one machine, which is busy when the cache is warmed: that is no outage.
        config.response_timeout = patience;
        config.connect_timeout = patience;
        cache = cache.store(RedisStore::new(&config)?);
        let keys = encryption_keys(database)?;
        let from = keys.file.map_or("SAMEKEY_ENCRYPTION_KEYS".into(), |file| {
            format!("the key in {}", file.display())
        });
        eprintln!("  secrets   sensitive answers are encrypted in Redis by {from}");
        let codec = CodecSettings::default().keys(keys.ring);
        cache = cache.codec(codec.for_schema(shadower::schema())?);
    } else {
        cache = cache.store(MemoryStore::default());
    }
    Ok(cache.build()?)
}

/// Starts the jobs; the first of them warms the cache, and says so.
fn start_jobs(demo: &Demo, warm: usize) -> Result<RunningJobs, Box<dyn std::error::Error>> {
    let (started, told) = (Instant::now(), AtomicBool::new(false));
    let warmup = jobs::warmup(demo, warm)?.on_progress(move |progress| {
        let over = progress.total > 0 && progress.done == progress.total;
        if over && !told.swap(true, Relaxed) {
            let (keys, failed) = (progress.total - progress.failed, progress.failed);
            let failed = if failed > 0 { format!(", {failed} failed") } else { String::new() };
            let seconds = started.elapsed().as_secs_f64();
            eprintln!("  warm-up   {keys} answers are in the cache after {seconds:.1} s{failed}");
        }
    });
    jobs::start(demo, warmup)
}

/// Removes every key of the schema. A Redis that outlives us may hold answers
/// from another history, or from before the days that were just caught up with.
/// Whether it could: one that is down now and comes back with its old keys shows
/// them until they expire.
async fn forget_other_histories(cache: &CacheService) -> bool {
    let families = cache.schema().families.iter();
    let first = families.filter_map(|family| match family.template.segments().first() {
        Some(TemplateSegment::Literal(literal)) => Some(literal.clone()),
        _ => None,
    });
    for first in first.collect::<BTreeSet<_>>() {
        if cache.invalidate_pattern(&format!("{first}:*")).await.is_err() {
            return false;
        }
    }
    true
}

/// Comes when the sender is gone.
async fn until(mut stopped: watch::Receiver<()>) {
    while stopped.changed().await.is_ok() {}
}
