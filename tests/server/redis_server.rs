//! A real server of the test's own, Redis or one like it: on a free port, without files, gone when dropped.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use samekey::server::RedisConfig;

/// The server process. Killed on drop, also when the test panics.
pub(crate) struct RedisServer {
    child: Child,
    port: u16,
    arguments: Vec<String>,
}

impl RedisServer {
    /// Starts one and waits until it answers.
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same with more of `redis-server`'s own arguments.
    pub(crate) fn start_with(arguments: &[&str]) -> Self {
        let arguments: Vec<_> = arguments.iter().map(ToString::to_string).collect();
        for _ in 0..10 {
            let port = free_port();
            // Another process may take the port first; then this child ends at once.
            if let Some(child) = launch(port, &arguments) {
                return Self { child, port, arguments };
            }
        }
        panic!("{} would not start: is it installed? (`make test` installs Redis)", program());
    }

    /// `redis://…` of database 0.
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// A configuration for tests that are not about time: on a busy machine an answer may take longer than
    /// a cache should wait.
    pub(crate) fn patient_config(&self) -> RedisConfig {
        let mut config = RedisConfig::new(self.url());
        config.response_timeout = Duration::from_secs(10);
        config.connect_timeout = Duration::from_secs(10);
        config
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// SIGKILL, as a crash.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("the child is ours");
        self.child.wait().expect("the child is ours");
    }

    /// Another one on the same port, empty.
    pub(crate) fn restart(&mut self) {
        self.kill();
        self.child = launch(self.port, &self.arguments).expect("the port was ours a moment ago");
    }

    /// Stops the process without closing anything: the network is fine and nobody answers.
    pub(crate) fn freeze(&self) {
        self.signal("-STOP");
    }

    pub(crate) fn thaw(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        let status =
            Command::new("kill").args([signal, &pid]).status().expect("kill is everywhere");
        assert!(status.success());
    }

    /// A connection beside the store's, as another program has.
    pub(crate) async fn client(&self) -> redis::aio::MultiplexedConnection {
        let client = redis::Client::open(self.url()).expect("the URL is ours");
        // Half a second, the client's own default, is little for thousands of keys on a busy machine.
        let patient = redis::AsyncConnectionConfig::new()
            .set_response_timeout(Some(Duration::from_secs(10)))
            .set_connection_timeout(Some(Duration::from_secs(10)));
        let connection = client.get_multiplexed_async_connection_with_config(&patient).await;
        connection.expect("the server answers")
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        remove_snapshot(self.port);
    }
}

/// What a replica writes while it is brought up to date. Of a name of its own: a server that finds one when it starts
/// loads it, and keeps a replication backlog from then on, of 10 MB in Valkey.
fn snapshot(port: u16) -> String {
    format!("samekey-test-{port}.rdb")
}

fn remove_snapshot(port: u16) {
    let _ = std::fs::remove_file(std::path::Path::new("/tmp").join(snapshot(port)));
}

/// The server that the tests run on: `SAMEKEY_REDIS_SERVER`, such as `valkey-server`, else Redis.
fn program() -> String {
    std::env::var("SAMEKEY_REDIS_SERVER").unwrap_or_else(|_| "redis-server".to_owned())
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    listener.local_addr().expect("it is bound").port()
}

fn launch(port: u16, arguments: &[String]) -> Option<Child> {
    remove_snapshot(port);
    let mut child = Command::new(program())
        .args(["--bind", "127.0.0.1", "--port", &port.to_string()])
        .args(["--save", "", "--appendonly", "no"])
        .args(["--dir", "/tmp", "--dbfilename", &snapshot(port)])
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(10) {
        if answers(port) {
            return Some(child);
        }
        if child.try_wait().ok()?.is_some() {
            return None;
        }
        sleep(Duration::from_millis(5));
    }
    let _ = child.kill();
    let _ = child.wait();
    None
}

/// Whether something that speaks Redis's protocol listens there: `+PONG`, or `-NOAUTH`.
fn answers(port: u16) -> bool {
    let Ok(mut socket) = TcpStream::connect(("127.0.0.1", port)) else { return false };
    let _ = socket.set_read_timeout(Some(Duration::from_millis(500)));
    let mut reply = [0_u8; 5];
    socket.write_all(b"PING\r\n").is_ok()
        && socket.read_exact(&mut reply).is_ok()
        && (&reply == b"+PONG" || &reply == b"-NOAU")
}
