//! `GET /health`.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use serde::Serialize;

use crate::server::CacheService;
use crate::server::store::{CircuitState, CircuitStatus};

/// Whoever reaches the node may ask for it, as load balancers do. So it names no server and no key: which server's
/// circuit is open, `GET /api/v1/cache/stats` says.
#[derive(Serialize)]
struct Health {
    /// `ok`, or `degraded`: every answer is still given, only computed more often, or told to browsers later. So the
    /// status is 200 in both cases, and a load balancer does not take a working service away.
    status: &'static str,
    store: &'static str,
    store_available: bool,
    /// One for each server of a cluster, else one.
    circuits: Vec<Circuit>,
    /// Removals that the store has yet to carry out.
    removals_pending: usize,
    log: Log,
}

#[derive(Serialize)]
struct Circuit {
    state: CircuitState,
    /// The outage so far; not while it is closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    since_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error: Option<&'static str>,
}

/// This node's part in the log of invalidations.
#[derive(Serialize)]
struct Log {
    /// Whether it is read at present. Streams end where it is not for long.
    followed: bool,
    /// Entries that this node has yet to read, a thousand at most; `null` while it cannot tell.
    unread: Option<u64>,
    /// Notices of its own that wait for the log to be in reach.
    waiting: u64,
}

pub(super) async fn health(State(cache): State<CacheService>) -> impl IntoResponse {
    let notices = &cache.inner.notices;
    let (ping, unread) = tokio::join!(cache.ping(), notices.unread());
    let (store_available, stream) = (ping.is_ok(), notices.stats());
    let circuits: Vec<_> = cache.circuits().into_iter().map(Circuit::of).collect();
    let closed = circuits.iter().all(|circuit| circuit.state == CircuitState::Closed);
    let well = store_available && closed && !notices.is_cut_off();
    let health = Health {
        status: if well { "ok" } else { "degraded" },
        store: cache.store_kind(),
        store_available,
        circuits,
        removals_pending: cache.recovery().pending(),
        log: Log { followed: stream.following, unread, waiting: stream.notices_waiting },
    };
    ([(header::CACHE_CONTROL, "no-store")], Json(health))
}

impl Circuit {
    fn of(status: CircuitStatus) -> Self {
        let open = status.state != CircuitState::Closed;
        let last_error = status.last_error.filter(|_| open);
        Self { state: status.state, since_ms: open.then_some(status.since_ms), last_error }
    }
}
