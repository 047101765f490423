//! A browser hears of an invalidation through one node and asks another, which has yet to hear of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use samekey::schema::{Key, Pattern, TypedKey};
use samekey::server::http::{CacheRequest, Problem, router};
use samekey::server::{
    Backplane, CacheError, CacheService, Chaos, ChaosStore, Lookup, MemoryStore, Operation,
    RedisConfig, RedisLog, RedisStore, StoreErrorKind,
};
use samekey::shadower;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::fault_proxy::FaultProxy;
use crate::http_client::{Http, Reply};
use crate::process::Process;
use crate::redis_server::{PATIENCE, RedisServer};
use crate::sse_client::Sse;
use crate::waiting::eventually;

const PATH: &str = "/kpis";
const KEY: &str = "exec:kpis:ws1";
const TTL: Duration = Duration::from_secs(300);

#[derive(Clone)]
struct Node {
    cache: CacheService,
    database: Arc<AtomicU64>,
    asked: Arc<AtomicU64>,
}

async fn route(State(node): State<Node>, request: CacheRequest) -> Result<Response, Problem> {
    let key = Key::new(["exec", "kpis", "ws1"])?;
    let key: TypedKey<u64> = TypedKey::new(key, "kpis", TTL);
    let Node { cache, database, asked } = node;
    asked.fetch_add(1, SeqCst);
    request.respond(&cache, &key, async move || Ok::<_, Problem>(database.load(SeqCst))).await
}

/// Two nodes over one Redis: one that the browser's stream comes from, and one that it asks, which holds the value 1.
struct Nodes {
    told: Http,
    asked: Http,
    invalidating: CacheService,
    database: Arc<AtomicU64>,
    /// On the asked one's way to Redis.
    network: FaultProxy,
    _redis: RedisServer,
}

impl Nodes {
    /// The asked one waits for an answer of Redis for so long.
    async fn start(patience: Duration) -> Self {
        let redis = RedisServer::start();
        let network = FaultProxy::start(redis.port()).await;
        let database = Arc::new(AtomicU64::new(1));
        let node = |config: &RedisConfig| {
            let store = RedisStore::new(config).unwrap();
            let cache = CacheService::new(shadower::schema(), store);
            Node { cache, database: database.clone(), asked: Arc::default() }
        };
        let served = async |node: &Node| {
            let routes = Router::new().route(PATH, get(route)).with_state(node.clone());
            Http::serve(routes.merge(router(node.cache.clone()))).await
        };
        let mut slow = redis.patient_config();
        slow.url = network.url();
        slow.response_timeout = patience;
        let (told, asked) = (node(&redis.patient_config()), node(&slow));
        let nodes = Self {
            told: served(&told).await,
            asked: served(&asked).await,
            invalidating: told.cache,
            database,
            network,
            _redis: redis,
        };
        // Until it answers from its memory: what it holds while it begins to listen is not kept.
        while nodes.ask(None).await.header("x-cache") != Some("HIT") {}
        nodes
    }

    async fn ask(&self, heard: Option<&str>) -> Reply {
        let headers: Vec<_> = heard.map(|id| ("last-event-id", id)).into_iter().collect();
        self.asked.get_with(PATH, &headers).await
    }

    /// Something changes, and the browser is told; what it has heard then.
    async fn change(&self) -> String {
        let mut stream = Sse::open(self.told.address()).await;
        stream.expect("hello").await;
        self.database.store(2, SeqCst);
        self.invalidating.invalidate_pattern(KEY).await.unwrap();
        stream.expect("invalidate").await.id.expect("it has an id")
    }
}

fn seen(reply: &Reply) -> (u64, &str) {
    (reply.json().as_u64().unwrap(), reply.header("x-cache").unwrap())
}

#[tokio::test]
async fn a_node_answers_when_it_has_heard_what_the_browser_has() {
    let nodes = Nodes::start(PATIENCE).await;
    nodes.network.hold();
    let heard = nodes.change().await;
    // This is what there is to be afraid of.
    assert_eq!(seen(&nodes.ask(None).await), (1, "HIT"));
    let (reply, ()) = tokio::join!(nodes.ask(Some(&heard)), async {
        sleep(Duration::from_millis(50)).await;
        nodes.network.clear_up();
    });
    assert_eq!(seen(&reply), (2, "MISS"));
    assert_eq!(seen(&nodes.ask(Some(&heard)).await), (2, "HIT"));
}

#[tokio::test]
async fn a_node_that_does_not_catch_up_does_not_answer_from_its_memory() {
    let nodes = Nodes::start(Duration::from_secs(1)).await;
    nodes.network.hold();
    let heard = nodes.change().await;
    let reply = nodes.ask(Some(&heard)).await;
    assert_eq!(seen(&reply), (2, "MISS"));
}

#[tokio::test]
async fn what_was_set_at_one_node_is_what_the_other_answers() {
    let nodes = Nodes::start(PATIENCE).await;
    let mut stream = Sse::open(nodes.told.address()).await;
    stream.expect("hello").await;
    nodes.network.hold();
    let key: TypedKey<u64> = TypedKey::new(Key::parse(KEY).unwrap(), "kpis", TTL);
    nodes.invalidating.set(&key, &7).await.unwrap();
    let heard = stream.expect("invalidate").await.id.unwrap();
    assert_eq!(seen(&nodes.ask(None).await), (1, "HIT"));
    let (reply, ()) = tokio::join!(nodes.ask(Some(&heard)), async {
        sleep(Duration::from_millis(50)).await;
        nodes.network.clear_up();
    });
    assert_eq!(seen(&reply), (7, "HIT"));
}

/// The log and the store's own word of a change come on two connections.
#[tokio::test]
async fn a_node_that_has_heard_of_a_set_from_the_log_alone_has_dropped_its_copy() {
    let redis = RedisServer::start();
    let network = FaultProxy::start(redis.port()).await;
    let log = Arc::new(RedisLog::new(&redis.patient_config()).unwrap());
    let mut slow = redis.patient_config();
    slow.url = network.url();
    let over = |config: &RedisConfig| {
        let store = RedisStore::new(config).unwrap();
        CacheService::builder(shadower::schema()).store(store).backplane(log.clone())
    };
    let one = over(&redis.patient_config()).build().unwrap();
    let other = over(&slow).build().unwrap();
    let key: TypedKey<u64> = TypedKey::new(Key::parse(KEY).unwrap(), "kpis", TTL);
    one.set(&key, &1).await.unwrap();
    // Until that is over, and it answers from its memory.
    sleep(Duration::from_millis(200)).await;
    while other.get_cache_stats().await.l1_entries == 0 {
        assert_eq!(other.get(&key).await.unwrap().as_deref(), Some(&1));
    }
    network.hold();
    one.set(&key, &2).await.unwrap();
    let latest = log.latest().await.unwrap();
    eventually("it has heard", async || other.catch_up(latest).await).await;
    let (found, ()) = tokio::join!(other.get(&key), async {
        sleep(Duration::from_millis(50)).await;
        network.clear_up();
    });
    assert_eq!(found.unwrap().as_deref(), Some(&2));
}

#[tokio::test]
async fn what_is_in_no_log_of_this_node_is_not_waited_for() {
    let nodes = Nodes::start(PATIENCE).await;
    for foreign in ["99999999999999-0", "17", "of another program"] {
        assert_eq!(seen(&nodes.ask(Some(foreign)).await), (1, "HIT"), "{foreign}");
    }
}

/// A node whose log is out of reach, and that is computing what has been invalidated meanwhile.
struct Behind {
    http: Http,
    asked: Arc<AtomicU64>,
    computing: JoinHandle<u64>,
    may_end: oneshot::Sender<()>,
    heard: String,
}

impl Behind {
    /// It computes until it is let go, from data of which a browser hears elsewhere that it has changed.
    async fn start(lookup: Lookup, spoil: impl Fn(&Chaos)) -> Self {
        let (store, database) = (Arc::new(MemoryStore::default()), Arc::new(AtomicU64::new(1)));
        let well = CacheService::new(shadower::schema(), Process::over(&store));
        let (troubled, chaos) = ChaosStore::new(Process::over(&store));
        let out_of_reach =
            Arc::new(RedisLog::new(&RedisConfig::new("redis://127.0.0.1:1")).unwrap());
        let cache = CacheService::builder(shadower::schema()).store(troubled);
        let cache = cache.backplane(out_of_reach).build().unwrap();
        let asked = Arc::<AtomicU64>::default();
        let node = Node { cache: cache.clone(), database: database.clone(), asked: asked.clone() };
        let http = Http::serve(Router::new().route(PATH, get(route)).with_state(node)).await;
        assert_eq!(seen(&http.get(PATH).await), (1, "MISS"));
        if lookup == Lookup::Use {
            well.delete(KEY).await.unwrap();
            cache.evict_matching(&[Pattern::parse(KEY).unwrap()]);
        }
        spoil(&chaos);
        let (began, begun) = oneshot::channel();
        let (may_end, goes_on) = oneshot::channel();
        let computing = tokio::spawn({
            let cache = cache.clone();
            let key = TypedKey::new(Key::new(["exec", "kpis", "ws1"]).unwrap(), "kpis", TTL);
            let compute = async move || {
                began.send(()).unwrap();
                goes_on.await.unwrap();
                Ok::<_, CacheError>(1)
            };
            async move { *cache.get_or_compute_with(&key, lookup, compute).await.unwrap() }
        });
        begun.await.unwrap();
        let stream = Http::serve(router(well.clone())).await;
        let mut stream = Sse::open(stream.address()).await;
        stream.expect("hello").await;
        database.store(2, SeqCst);
        well.invalidate_pattern(KEY).await.unwrap();
        let heard = stream.expect("invalidate").await.id.unwrap();
        Self { http, asked, computing, may_end, heard }
    }

    /// What somebody is answered who has heard of it, and what somebody who has not: they ask while it computes. And what that
    /// comes to.
    async fn asked_by_both(self) -> (Reply, Reply, u64) {
        let Self { http, asked, computing, may_end, heard } = self;
        let heard = [("last-event-id", &*heard)];
        let before = asked.load(SeqCst);
        let both = async {
            eventually("both ask", async || asked.load(SeqCst) == before + 2).await;
            sleep(Duration::from_millis(200)).await;
            may_end.send(()).unwrap();
        };
        let (reply, other, ()) = tokio::join!(http.get_with(PATH, &heard), http.get(PATH), both);
        (reply, other, computing.await.unwrap())
    }
}

/// Who boards a compute that turns out to be too old asks again; then, too, the memory is not to be asked.
#[tokio::test]
async fn nor_does_it_after_a_compute_that_was_too_old() {
    let node = Behind::start(Lookup::Refresh, |_| ()).await;
    let (reply, _, computed) = node.asked_by_both().await;
    assert_eq!(computed, 1);
    assert_eq!(seen(&reply), (2, "MISS"));
}

/// Without the store nobody can say that a compute has been overtaken; but what the browser has heard says so.
#[tokio::test]
async fn a_node_without_its_store_does_not_answer_by_what_it_has_begun_to_compute_before() {
    let fail = |chaos: &Chaos| drop(chaos.on(Operation::ALL).fail(StoreErrorKind::Unavailable));
    let node = Behind::start(Lookup::Use, fail).await;
    let (reply, other, computed) = node.asked_by_both().await;
    assert_eq!(computed, 1);
    assert_eq!(seen(&reply), (2, "MISS"));
    assert_eq!(seen(&other), (1, "MISS"), "who has heard of nothing shares it");
}
