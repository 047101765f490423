//! What all who play in a story share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use samekey::schema::TypedKey;
use samekey::server::{
    Backplane, BoxError, CacheService, CircuitState, LogId, RedisConfig, RedisLog,
};
use tokio::runtime::Handle;
use tokio::time::sleep;

use super::database::{self, Database, Snapshot};
use super::history::{Compute, Heard, History, Kind, Moment, Settled};
use super::node::PATIENCE;
use super::story::Story;

pub(super) struct Stage {
    pub(super) story: Story,
    pub(super) database: Database,
    pub(super) history: History,
    pub(super) caches: Vec<CacheService>,
    log: Arc<RedisLog>,
    /// Where the log's connection is at home: in no node, for that may stand still.
    home: Handle,
    url: String,
    /// For each node, whether a misfortune has struck it and it has not been seen to be well since.
    trouble: Vec<AtomicBool>,
    /// How many strike at present.
    striking: Arc<AtomicUsize>,
    strikes: AtomicU64,
    /// Whether nobody is to do anything any more.
    pub(super) curtain: AtomicBool,
    over: AtomicBool,
}

/// One compute that is to be.
#[derive(Clone, Copy)]
pub(super) struct Computing {
    pub(super) node: usize,
    pub(super) kind: Kind,
    pub(super) asked: Moment,
    /// Before the row is read, and after.
    pub(super) takes: (Duration, Duration),
    pub(super) fails: bool,
}

impl Stage {
    pub(super) fn new(story: Story, caches: Vec<CacheService>, config: &RedisConfig) -> Self {
        Self {
            trouble: caches.iter().map(|_| AtomicBool::new(false)).collect(),
            story,
            database: Database::default(),
            history: History::new(),
            caches,
            log: Arc::new(RedisLog::new(config).unwrap()),
            home: Handle::current(),
            url: config.url.clone(),
            striking: Arc::default(),
            strikes: AtomicU64::new(0),
            curtain: AtomicBool::new(false),
            over: AtomicBool::new(false),
        }
    }

    pub(super) fn key(&self, row: usize) -> TypedKey<Snapshot> {
        database::key(row, self.story.ttl)
    }

    pub(super) fn end(&self) {
        self.over.store(true, SeqCst);
    }

    pub(super) fn is_over(&self) -> bool {
        self.over.load(SeqCst)
    }

    /// How many misfortunes there were; nothing while Redis may be giving this node no answer.
    pub(super) fn troubles_of(&self, node: usize) -> Option<u64> {
        let is_asked = self.caches[node].circuit().state() == CircuitState::Closed;
        let is_well = is_asked && !self.trouble[node].load(SeqCst);
        is_well.then(|| self.strikes.load(SeqCst))
    }

    /// A misfortune begins, for all of them as far as is known, and lasts until it is dropped.
    pub(super) fn strike(&self) -> impl Drop + use<> {
        self.striking.fetch_add(1, SeqCst);
        self.strikes.fetch_add(1, SeqCst);
        self.trouble.iter().for_each(|trouble| trouble.store(true, SeqCst));
        Striking(self.striking.clone())
    }

    async fn look_after(&self, node: usize) {
        if self.trouble[node].load(SeqCst)
            && self.striking.load(SeqCst) == 0
            && self.caches[node].ping().await.is_ok()
        {
            self.trouble[node].store(false, SeqCst);
            // One may have begun meanwhile.
            self.trouble[node].fetch_or(self.striking.load(SeqCst) > 0, SeqCst);
        }
    }

    /// Redis as another program reaches it.
    pub(super) async fn direct(&self) -> redis::RedisResult<MultiplexedConnection> {
        let patient = redis::AsyncConnectionConfig::new()
            .set_response_timeout(Some(PATIENCE))
            .set_connection_timeout(Some(PATIENCE));
        redis::Client::open(&self.url[..])?
            .get_multiplexed_async_connection_with_config(&patient)
            .await
    }

    /// Reads rows, and takes its time before and after.
    pub(super) async fn compute(
        self: Arc<Self>,
        rows: Vec<usize>,
        computing: Computing,
    ) -> Result<Vec<Snapshot>, BoxError> {
        let Computing { node, kind, asked, takes, fails } = computing;
        let began = self.history.now();
        sleep(takes.0).await;
        let versions: Vec<_> = rows.iter().map(|row| self.database.version(*row)).collect();
        sleep(takes.1).await;
        let during = self.history.since(began);
        self.history.note(|record| {
            let computes = rows.iter().map(|row| Compute { node, row: *row, kind, asked, during });
            record.computes.extend(computes);
        });
        if fails {
            return Err("the database is busy".into());
        }
        let at = u64::try_from(during.ended.at.as_micros()).unwrap();
        let snapshot = |(row, version)| Snapshot { row, version, by: 0, at };
        Ok(rows.into_iter().zip(versions).map(snapshot).collect())
    }

    /// Looks after all nodes, again and again: which of them owe nothing, and which are well.
    pub(super) async fn watch(self: Arc<Self>) {
        while !self.is_over() {
            for (node, cache) in self.caches.iter().enumerate() {
                let began = self.history.now();
                if cache.recovery().pending() == 0 {
                    let during = self.history.since(began);
                    self.history.note(|record| record.settled.push(Settled { node, during }));
                }
                self.look_after(node).await;
            }
            sleep(Duration::from_millis(8)).await;
        }
    }

    /// Where the log ends, if all that nodes had to say is in it.
    pub(super) async fn end_of_log(&self) -> Option<LogId> {
        let stats = self.caches.iter().map(|cache| cache.stream_stats());
        if stats.into_iter().any(|stats| stats.notices_waiting + stats.sets_untold > 0) {
            return None;
        }
        let log = self.log.clone();
        self.home.spawn(async move { log.latest().await.ok() }).await.unwrap()
    }

    /// Has `node` read the log as far as it reaches; whether all that was told before is in it, and has been read.
    pub(super) async fn hear(&self, node: usize) -> bool {
        let began = self.history.now();
        let Some(latest) = self.end_of_log().await else { return false };
        if !self.caches[node].catch_up(latest).await {
            return false;
        }
        let during = self.history.since(began);
        self.history.note(|record| record.heard.push(Heard { node, during }));
        true
    }
}

struct Striking(Arc<AtomicUsize>);

impl Drop for Striking {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}
