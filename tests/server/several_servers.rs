//! A store of several servers, each of which can be made to fail: what a cluster is to those who stand before it, with
//! the time of the test.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use samekey::schema::Pattern;
use samekey::server::{
    Change, Chaos, ChaosStore, Entry, Inspection, LeaseFor, LeaseToken, Leased, MemoryStore,
    Record, Removals, ScanPage, Shard, Sharded, Sharers, Store, StoreFuture, StoreStats, Tag, Ttl,
};
use tokio::sync::mpsc::UnboundedReceiver;

/// `a`, `b`, …: a key is on the one that its last letter names.
pub(crate) struct Several {
    servers: Vec<ChaosStore<MemoryStore>>,
    names: Mutex<Vec<Shard>>,
    moves: AtomicU64,
}

impl Several {
    pub(crate) fn new<const N: usize>() -> (Self, [Chaos; N]) {
        let (mut servers, mut names) = (Vec::new(), Vec::new());
        let chaos = std::array::from_fn(|place| {
            let (server, chaos) = ChaosStore::new(MemoryStore::default());
            servers.push(server);
            names.push(Shard::new(format!("{}:1", char::from(b'a' + place as u8))));
            chaos
        });
        (Self { servers, names: Mutex::new(names), moves: AtomicU64::new(0) }, chaos)
    }

    /// Another server takes over what this one had, as a replica does.
    pub(crate) fn replace(&self, place: usize, by: &str) {
        self.names.lock().unwrap()[place] = Shard::new(by);
    }

    /// What was under this key is under that one, which is another server's, as when a slot moves; and that is known.
    pub(crate) async fn move_key(&self, from: &str, to: &str) {
        let entry = self.of(from).get(from).await.unwrap().expect("it is there");
        self.of(from).delete(&[from]).await.unwrap();
        let record = Record::new(to, entry.value, Ttl::new(entry.ttl_left).unwrap());
        self.of(to).set(record).await.unwrap();
        self.moves.fetch_add(1, SeqCst);
    }

    fn place(key: &str) -> usize {
        usize::from(key.as_bytes()[key.len() - 1] - b'a')
    }

    fn of(&self, key: &str) -> &ChaosStore<MemoryStore> {
        &self.servers[Self::place(key)]
    }

    fn at(&self, shard: &Shard) -> &ChaosStore<MemoryStore> {
        let place = self.shards().iter().position(|name| name == shard);
        &self.servers[place.expect("one of ours")]
    }
}

impl Sharded for Several {
    fn shards(&self) -> Vec<Shard> {
        self.names.lock().unwrap().clone()
    }
    fn shard_of(&self, key: &str) -> Option<Shard> {
        self.shards().get(Self::place(key)).cloned()
    }
    fn moves(&self) -> u64 {
        self.moves.load(SeqCst)
    }
    fn ping_shard<'a>(&'a self, shard: &'a Shard) -> StoreFuture<'a, ()> {
        if !self.shards().contains(shard) {
            // One that is gone, but still up.
            return Box::pin(async { Ok(()) });
        }
        self.at(shard).ping()
    }
    fn stats_of<'a>(&'a self, shards: &'a [Shard]) -> StoreFuture<'a, StoreStats> {
        Box::pin(async move {
            let mut sum = StoreStats::default();
            for shard in shards {
                match self.at(shard).stats().await {
                    Ok(stats) => sum.keys += stats.keys,
                    Err(_) => sum.missing.push(shard.as_str().to_owned()),
                }
            }
            Ok(sum)
        })
    }
    fn delete_matching_on<'a>(
        &'a self,
        shards: &'a [Shard],
        patterns: &'a [Pattern],
        tags: &'a [Tag],
    ) -> Removals<'a> {
        Box::pin(async move {
            let mut removals = Vec::new();
            for shard in shards {
                removals.push(self.at(shard).delete_matching(patterns, tags).await);
            }
            removals
        })
    }
}

impl Store for Several {
    fn kind(&self) -> &'static str {
        "several"
    }
    fn sharers(&self) -> &Sharers {
        self.servers[0].sharers()
    }
    fn sharded(&self) -> Option<&dyn Sharded> {
        Some(self)
    }
    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Entry>> {
        self.of(key).get(key)
    }
    fn get_many<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, Vec<Option<Entry>>> {
        Box::pin(async move {
            let mut entries = Vec::new();
            for key in keys {
                entries.push(self.of(key).get(key).await?);
            }
            Ok(entries)
        })
    }
    fn exists<'a>(&'a self, key: &'a str) -> StoreFuture<'a, bool> {
        self.of(key).exists(key)
    }
    fn ttl<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<std::time::Duration>> {
        self.of(key).ttl(key)
    }
    fn set<'a>(&'a self, record: Record<'a>) -> StoreFuture<'a, ()> {
        self.of(record.key).set(record)
    }
    fn lease<'a>(
        &'a self,
        key: &'a str,
        token: &'a LeaseToken,
        time: Ttl,
        what: LeaseFor,
    ) -> StoreFuture<'a, Leased> {
        self.of(key).lease(key, token, time, what)
    }
    fn set_leased<'a>(
        &'a self,
        record: Record<'a>,
        token: &'a LeaseToken,
    ) -> StoreFuture<'a, bool> {
        self.of(record.key).set_leased(record, token)
    }
    fn release<'a>(&'a self, key: &'a str, token: &'a LeaseToken) -> StoreFuture<'a, ()> {
        self.of(key).release(key, token)
    }
    fn delete<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, u64> {
        Box::pin(async move {
            let mut deleted = 0;
            for key in keys {
                deleted += self.of(key).delete(std::slice::from_ref(key)).await?;
            }
            Ok(deleted)
        })
    }
    fn delete_if<'a>(&'a self, key: &'a str, value: &'a [u8]) -> StoreFuture<'a, bool> {
        self.of(key).delete_if(key, value)
    }
    fn delete_matching<'a>(
        &'a self,
        patterns: &'a [Pattern],
        tags: &'a [Tag],
    ) -> StoreFuture<'a, u64> {
        Box::pin(async move {
            let shards = self.shards();
            self.delete_matching_on(&shards, patterns, tags).await.into_iter().sum()
        })
    }
    fn changes(&self, _: &[&str]) -> Option<UnboundedReceiver<Change>> {
        None
    }
    fn scan<'a>(&'a self, pattern: Option<&'a Pattern>, cursor: u64) -> StoreFuture<'a, ScanPage> {
        self.servers[0].scan(pattern, cursor)
    }
    fn inspect<'a>(&'a self, keys: &'a [&'a str]) -> StoreFuture<'a, Inspection> {
        Box::pin(async move {
            let mut infos = Vec::new();
            for key in keys {
                infos.extend(self.of(key).inspect(std::slice::from_ref(key)).await?.keys);
            }
            Ok(infos.into())
        })
    }
    fn stats(&self) -> StoreFuture<'_, StoreStats> {
        Box::pin(async move { self.stats_of(&self.shards()).await })
    }
    fn ping(&self) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            let pings = self.servers.iter().map(Store::ping);
            futures_util::future::select_ok(pings).await.map(|_| ())
        })
    }
}
