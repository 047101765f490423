//! A server that no client can hold up.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::routing::{get, post};
use samekey::server::http::{Serving, router};
use samekey::server::{CacheService, MemoryStore, StreamConfig};
use samekey::shadower;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use crate::sse_client::Sse;

/// Long enough for a busy machine to send a head, or the next request, in half of it.
const LIMIT: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(60);

struct Served {
    address: SocketAddr,
    cache: CacheService,
    end: oneshot::Sender<()>,
    /// How many connections were cut.
    ended: JoinHandle<usize>,
}

/// How long those are waited for at the end that have begun.
const LAST: Duration = Duration::from_secs(30);

async fn serve() -> Served {
    serve_and_wait(LAST).await
}

async fn serve_and_wait(last: Duration) -> Served {
    let heartbeat = StreamConfig { heartbeat: LIMIT / 4, ..StreamConfig::default() };
    let cache = CacheService::builder(shadower::schema())
        .store(MemoryStore::default())
        .stream(heartbeat)
        .build()
        .unwrap();
    let slow = || async {
        sleep(3 * LIMIT).await;
        "slow"
    };
    let whose = |ConnectInfo(caller): ConnectInfo<SocketAddr>| async move { caller.to_string() };
    let own = Router::new()
        .route("/slow", get(slow))
        .route("/whose", get(whose))
        .route("/echo", post(|body: String| async { body }));
    let app = own.merge(router(cache.clone()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (end, told) = oneshot::channel();
    let serving = Serving::new(app).head_limit(LIMIT).last_requests(last);
    let closing = cache.clone();
    let ended = tokio::spawn(serving.until(listener, async move {
        let _ = told.await;
        closing.close_streams();
    }));
    Served { address, cache, end, ended }
}

impl Served {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }
}

/// Sends a request and reads as much as its answer must have.
async fn ask(socket: &mut TcpStream, path: &str, ends: &str) -> String {
    let head = format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n");
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut said = String::new();
    while !said.ends_with(ends) {
        let mut piece = [0; 4096];
        let read = timeout(PATIENCE, socket.read(&mut piece)).await.expect("an answer").unwrap();
        assert!(read > 0, "it ended: {said}");
        said.push_str(std::str::from_utf8(&piece[..read]).unwrap());
    }
    said
}

/// Waits until the server has closed the connection; how long that took.
async fn until_closed(mut socket: TcpStream) -> Duration {
    let begun = Instant::now();
    let mut rest = Vec::new();
    let closed = timeout(PATIENCE, socket.read_to_end(&mut rest)).await;
    // A reset is an end, too.
    drop(closed.expect("the server closes it"));
    begun.elapsed()
}

#[tokio::test]
async fn a_head_that_comes_byte_by_byte_does_not_hold_a_connection() {
    let served = serve().await;
    let slow = (0..50).map(|_| served.connect());
    let mut slow = futures_util::future::join_all(slow).await;
    let begun = Instant::now();
    // More often than any wait for the next byte would be, and without an end.
    let head = b"GET /health HTTP/1.1\r\nx-a: ".iter().copied().chain(std::iter::repeat(b'a'));
    for byte in head {
        let mut open = Vec::new();
        for mut socket in slow {
            // Fails once it is closed.
            if socket.write_all(&[byte]).await.is_ok() {
                open.push(socket);
            }
        }
        slow = open;
        if slow.is_empty() {
            break;
        }
        assert!(begun.elapsed() < PATIENCE, "{} of them are held", slow.len());
        sleep(LIMIT / 20).await;
    }
    assert!(begun.elapsed() > LIMIT / 2, "{:?}", begun.elapsed());
    ask(&mut served.connect().await, "/health", "}").await;
}

#[tokio::test]
async fn a_connection_serves_one_request_after_the_other_and_is_closed_when_none_comes() {
    let served = serve().await;
    let mut socket = served.connect().await;
    for _ in 0..5 {
        sleep(LIMIT / 4).await;
        ask(&mut socket, "/health", "}").await;
    }
    let waited = until_closed(socket).await;
    assert!(waited > LIMIT / 2, "{waited:?}");
    // One that says nothing at all is no better.
    until_closed(served.connect().await).await;
}

#[tokio::test]
async fn an_answer_a_body_and_a_stream_may_take_longer() {
    let served = serve().await;
    let mut stream = Sse::open(served.address).await;
    stream.expect("hello").await;
    let mut socket = served.connect().await;
    assert!(ask(&mut socket, "/slow", "slow").await.starts_with("HTTP/1.1 200"));
    let mut post = served.connect().await;
    post.write_all(b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\n").await.unwrap();
    for byte in b"body" {
        sleep(LIMIT / 2).await;
        post.write_all(&[*byte]).await.unwrap();
    }
    let mut answer = [0; 512];
    let read = timeout(PATIENCE, post.read(&mut answer)).await.unwrap().unwrap();
    assert!(answer[..read].ends_with(b"\r\n\r\nbody"));
    served.cache.invalidate_pattern("exec:kpis:ws1").await.unwrap();
    assert_eq!(stream.invalidated().await.0, ["exec:kpis:ws1"]);
}

#[tokio::test]
async fn the_callers_address_is_known() {
    let served = serve().await;
    let mut socket = served.connect().await;
    let own = socket.local_addr().unwrap().to_string();
    assert!(ask(&mut socket, "/whose", &own).await.ends_with(&own));
}

#[tokio::test]
async fn at_the_end_streams_end_and_requests_under_way_are_answered() {
    let served = serve().await;
    let mut stream = Sse::open(served.address).await;
    stream.expect("hello").await;
    let mut idle = served.connect().await;
    ask(&mut idle, "/health", "}").await;
    let mut socket = served.connect().await;
    let slow = tokio::spawn(async move { ask(&mut socket, "/slow", "slow").await });
    sleep(LIMIT / 2).await;
    let begun = Instant::now();
    served.end.send(()).unwrap();
    assert!(slow.await.unwrap().contains("connection: close"));
    assert_eq!(stream.event().await, None);
    assert_eq!(served.ended.await.unwrap(), 0);
    // Less than those are waited for that do not end.
    assert!(begun.elapsed() < LAST, "{:?}", begun.elapsed());
    until_closed(idle).await;
    assert!(TcpStream::connect(served.address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn at_the_end_what_does_not_end_is_cut() {
    let served = serve_and_wait(LIMIT).await;
    let mut half = served.connect().await;
    let head = b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\nha";
    half.write_all(head).await.unwrap();
    sleep(LIMIT / 2).await;
    served.end.send(()).unwrap();
    assert_eq!(timeout(PATIENCE, served.ended).await.unwrap().unwrap(), 1);
    until_closed(half).await;
}
