//! A browser: it holds what it has fetched, and fetches anew what a stream tells it of, from whichever node it comes to.
//!
//! It is in the history as a node of its own that holds copies. When it has read the stream as far as the log reached, what it
//! holds for fresh is no older than what has been told.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use fastrand::Rng;
use samekey::server::http::{CacheRequest, Problem, router};
use samekey::server::{BoxError, LogId};
use tokio::time::timeout;

use super::database::{COUNT, Snapshot, meant};
use super::history::{Heard, Kind, Mark, Read};
use super::node::Node;
use super::stage::{Computing, Stage};
use crate::http_client::Http;
use crate::sse_client::{Event, Sse};

pub(super) struct Reader {
    stage: Arc<Stage>,
    nodes: Arc<Vec<Http>>,
    /// Its own, in the history.
    number: usize,
    random: Rng,
    held: [Option<Snapshot>; COUNT],
    last_id: String,
}

/// A node's routes: the stream, and the rows.
pub(super) async fn serve(stage: &Arc<Stage>, node: &Node, number: usize) -> Http {
    let rows = Router::new().route("/rows/{row}", get(row)).with_state((stage.clone(), number));
    let routes = rows.merge(router(stage.caches[number].clone()));
    node.run(Http::serve(routes)).await.unwrap()
}

async fn row(
    State((stage, node)): State<(Arc<Stage>, usize)>,
    Path(row): Path<usize>,
    request: CacheRequest,
) -> Result<Response, Problem> {
    let asked = stage.history.now();
    let takes = (Duration::ZERO, stage.story.compute);
    let computing = Computing { node, kind: Kind::Needed, asked, takes, fails: false };
    let (cache, key) = (stage.caches[node].clone(), stage.key(row));
    let compute =
        async move || Ok::<_, BoxError>(stage.compute(vec![row], computing).await?.remove(0));
    request.respond(&cache, &key, compute).await
}

impl Reader {
    pub(super) fn new(stage: Arc<Stage>, nodes: Arc<Vec<Http>>, number: usize) -> Self {
        let random = Rng::with_seed(!stage.story.seed ^ number as u64);
        Self { stage, nodes, number, random, held: Default::default(), last_id: String::new() }
    }

    pub(super) async fn run(mut self) {
        while !self.stage.is_over() {
            let node = self.some_node();
            let mut stream = match &self.last_id[..] {
                "" => Sse::open(node).await,
                last => Sse::resume(node, last).await,
            };
            if stream.status() == 200 {
                self.follow(&mut stream).await;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Until the stream ends, or it is tired of this node.
    async fn follow(&mut self, stream: &mut Sse) {
        while !self.stage.is_over() {
            let patience = Duration::from_millis(self.random.u64(2..40));
            match timeout(patience, stream.event()).await {
                Ok(None) => return,
                Ok(Some(event)) => {
                    self.last_id.clone_from(&stream.last_id);
                    self.hear(&event).await;
                }
                Err(_) if self.random.u8(..12) == 0 => return,
                Err(_) => {
                    let row = self.random.usize(..COUNT);
                    if self.held[row].is_none() {
                        self.fetch(row).await;
                    }
                    self.look().await;
                }
            }
        }
    }

    async fn hear(&mut self, event: &Event) {
        let rows = match &event.name[..] {
            "invalidate" => {
                let patterns = event.data["patterns"].as_array().expect("it names patterns");
                let texts: Vec<_> = patterns.iter().filter_map(|it| it.as_str()).collect();
                meant(&texts)
            }
            "reset" => (0..COUNT).collect(),
            _ => return,
        };
        // None of it is for fresh any more, however long the new one takes.
        rows.iter().for_each(|row| self.held[*row] = None);
        for row in rows {
            self.fetch(row).await;
        }
    }

    async fn fetch(&mut self, row: usize) {
        let node = self.random.usize(..self.nodes.len());
        let heard = [("Last-Event-ID", &self.last_id[..])];
        let heard = if self.last_id.is_empty() { &heard[..0] } else { &heard[..] };
        let reply = self.nodes[node].get_with(&format!("/rows/{row}"), heard).await;
        // What is not fresh is fetched again before anybody is shown it for fresh.
        let control = reply.header("cache-control").unwrap_or_default();
        let is_fresh = reply.status == 200 && !control.contains("max-age=0");
        self.held[row] = is_fresh.then(|| serde_json::from_slice(&reply.body).unwrap());
    }

    /// Notes what it holds, if it has heard of everything that was told before.
    async fn look(&mut self) {
        let history = &self.stage.history;
        let began = history.now();
        let Some(latest) = self.stage.end_of_log().await else { return };
        if self.last_id.parse::<LogId>().is_ok_and(|last| last >= latest) {
            let (node, during) = (self.number, history.since(began));
            let since = history.now();
            let held = self.held.iter().flatten().map(|found| {
                let (during, found) = (history.since(since), found.clone());
                let (row, mark, alone) = (found.row, Mark::None, false);
                Read { node, way: "held", row, during, found, mark, alone }
            });
            let held: Vec<_> = held.collect();
            history.note(|record| {
                record.heard.push(Heard { node, during });
                record.reads.extend(held);
            });
        }
    }

    fn some_node(&mut self) -> SocketAddr {
        self.nodes[self.random.usize(..self.nodes.len())].address()
    }
}
