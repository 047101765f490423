//! Serves an application, and ends what only pretends to be a request.
//!
//! `axum::serve` waits for a request's head for as long as its client likes, also when the server is to end. A few
//! thousand sockets that send a byte a minute are then all that it serves.

use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::serve::Listener;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// More than the minute for which load balancers keep a connection that is idle: who closes first must not be the one that
/// the next request is on its way to.
const HEAD_LIMIT: Duration = Duration::from_secs(75);

/// With what a service then does at its end, less than the ten seconds after which `docker stop` kills.
const LAST_REQUESTS: Duration = Duration::from_secs(6);

/// Serves an application over HTTP/1.1, for TLS and HTTP/2 stand behind a proxy. Callers' addresses are there for
/// [`ConnectInfo`], which the rate limit asks for.
///
/// ```no_run
/// # async fn serve(cache: samekey::server::CacheService) -> std::io::Result<()> {
/// use samekey::server::http::{Serving, router, told_to_end};
///
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
/// Serving::new(router(cache.clone())).until(listener, async {
///     told_to_end().await;
///     cache.close_streams(); // they never end by themselves
/// }).await;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Serving {
    app: Router,
    head_limit: Duration,
    last_requests: Duration,
}

impl Serving {
    /// Serves `app`.
    #[must_use]
    pub fn new(app: Router) -> Self {
        Self { app, head_limit: HEAD_LIMIT, last_requests: LAST_REQUESTS }
    }

    /// How long a client may take for the head of a request, and how long a connection may be without one: 75 s unless set.
    /// Then the connection is closed. A request that has come, and a stream, may take as long as it takes;
    /// [`Routes::time_limit`](super::Routes::time_limit) is about those.
    #[must_use]
    pub fn head_limit(self, limit: Duration) -> Self {
        Self { head_limit: limit, ..self }
    }

    /// How long requests may still take when it is to end: 6 s unless set.
    #[must_use]
    pub fn last_requests(self, time: Duration) -> Self {
        Self { last_requests: time, ..self }
    }

    /// Serves until `end` comes, then as long as there are requests under way, but no longer than they may take. How many
    /// connections were cut then.
    pub async fn until(self, mut listener: TcpListener, end: impl Future<Output = ()>) -> usize {
        let (connections, ending, cut) =
            (TaskTracker::new(), CancellationToken::new(), CancellationToken::new());
        // Also when nobody waits for this any more.
        let _cut = cut.clone().drop_guard();
        let mut end = pin!(end);
        loop {
            let (socket, caller) = tokio::select! {
                () = &mut end => break,
                accepted = Listener::accept(&mut listener) => accepted,
            };
            // An event is small, and is not to wait for more.
            let _ = socket.set_nodelay(true);
            let serving = serve(self.app.clone(), socket, caller, self.head_limit, ending.clone());
            let cut = cut.clone();
            connections.spawn(async move { cut.run_until_cancelled(serving).await });
        }
        drop(listener);
        ending.cancel();
        connections.close();
        match timeout(self.last_requests, connections.wait()).await {
            Ok(()) => 0,
            Err(_) => connections.len(),
        }
    }
}

async fn serve(
    app: Router,
    socket: TcpStream,
    caller: SocketAddr,
    head_limit: Duration,
    ending: CancellationToken,
) {
    let app = TowerToHyperService::new(app);
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(caller));
        app.call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head_limit)
        .serve_connection(TokioIo::new(socket), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    // How it ends is its client's affair.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = ending.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

/// Comes with Ctrl-C, or with the signal by which a container or a process manager ends us.
///
/// From the first call on neither ends the process by itself: who is told twice has to ask twice.
pub async fn told_to_end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
