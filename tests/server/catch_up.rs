//! A browser hears of an invalidation through one node and asks another, which has yet to hear of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use samekey::schema::{Key, TypedKey};
use samekey::server::http::{CacheRequest, Problem, router};
use samekey::server::{CacheService, RedisConfig, RedisStore};
use samekey::shadower;
use tokio::time::sleep;

use crate::fault_proxy::FaultProxy;
use crate::http_client::{Http, Reply};
use crate::redis_server::RedisServer;
use crate::sse_client::Sse;

const PATH: &str = "/kpis";
const KEY: &str = "exec:kpis:ws1";

#[derive(Clone)]
struct Node {
    cache: CacheService,
    database: Arc<AtomicU64>,
}

async fn route(State(node): State<Node>, request: CacheRequest) -> Result<Response, Problem> {
    let key = Key::new(["exec", "kpis", "ws1"])?;
    let key: TypedKey<u64> = TypedKey::new(key, "kpis", Duration::from_secs(300));
    let Node { cache, database } = node;
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
    async fn start() -> Self {
        let redis = RedisServer::start();
        let network = FaultProxy::start(redis.port()).await;
        let database = Arc::new(AtomicU64::new(1));
        let node = |config: &RedisConfig| {
            let store = RedisStore::new(config).unwrap();
            let cache = CacheService::new(shadower::schema(), store);
            Node { cache, database: database.clone() }
        };
        let served = async |node: &Node| {
            let routes = Router::new().route(PATH, get(route)).with_state(node.clone());
            Http::serve(routes.merge(router(node.cache.clone()))).await
        };
        let mut slow = redis.patient_config();
        slow.url = network.url();
        slow.response_timeout = Duration::from_secs(1);
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
    let nodes = Nodes::start().await;
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
    let nodes = Nodes::start().await;
    nodes.network.hold();
    let heard = nodes.change().await;
    let reply = nodes.ask(Some(&heard)).await;
    assert_eq!(seen(&reply), (2, "MISS"));
}

#[tokio::test]
async fn what_is_in_no_log_of_this_node_is_not_waited_for() {
    let nodes = Nodes::start().await;
    for foreign in ["99999999999999-0", "17", "of another program"] {
        assert_eq!(seen(&nodes.ask(Some(foreign)).await), (1, "HIT"), "{foreign}");
    }
}
