//! A real server of the test's own, Redis or one like it: on a free port, without files, gone when dropped.

#[path = "redis_server/port.rs"]
mod port;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use samekey::server::RedisConfig;

use self::port::Port;

/// How long a server may take to start, on a machine that is busy with everything else.
const STARTS_WITHIN: Duration = Duration::from_secs(60);

/// How long an answer may take, as far as a test is not about that.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// The server process. Killed on drop, also when the test panics.
pub(crate) struct RedisServer {
    child: Child,
    runs: bool,
    port: Port,
    /// Those that stand in its arguments.
    others: Vec<Port>,
    arguments: Vec<String>,
}

impl RedisServer {
    /// Starts one and waits until it answers.
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same with more of `redis-server`'s own arguments; each `PORT` in them is a free one.
    pub(crate) fn start_with(arguments: &[&str]) -> Self {
        for _ in 0..10 {
            let (port, mut others) = (Port::take(), Vec::new());
            let own = arguments.iter().map(|it| match *it {
                "PORT" => {
                    others.push(Port::take());
                    others[others.len() - 1].number().to_string()
                }
                it => it.to_owned(),
            });
            let arguments = own.collect::<Vec<_>>();
            // Another program may take a port first; then this child ends at once.
            if let Some(child) = launch(port.number(), &arguments) {
                return Self { child, runs: true, port, others, arguments };
            }
        }
        panic!("{} would not start: is it installed? (`make test` installs Redis)", program());
    }

    /// `redis://…` of database 0.
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port())
    }

    /// A configuration for tests that are not about time: on a busy machine an answer may take longer than
    /// a cache should wait.
    pub(crate) fn patient_config(&self) -> RedisConfig {
        let mut config = RedisConfig::new(self.url());
        config.response_timeout = PATIENCE;
        config.connect_timeout = PATIENCE;
        config
    }

    pub(crate) fn port(&self) -> u16 {
        self.port.number()
    }

    /// The ones that stood as `PORT` in its arguments.
    pub(crate) fn other_ports(&self) -> impl Iterator<Item = u16> {
        self.others.iter().map(Port::number)
    }

    /// Whether it has not been killed.
    pub(crate) fn runs(&self) -> bool {
        self.runs
    }

    /// SIGKILL, as a crash.
    pub(crate) fn kill(&mut self) {
        self.runs = false;
        self.child.kill().expect("the child is ours");
        self.child.wait().expect("the child is ours");
    }

    /// Another one on the same port, empty.
    pub(crate) fn restart(&mut self) {
        self.kill();
        self.child = launch(self.port(), &self.arguments).expect("the port is ours");
        self.runs = true;
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
            .set_response_timeout(Some(PATIENCE))
            .set_connection_timeout(Some(PATIENCE));
        let connection = client.get_multiplexed_async_connection_with_config(&patient).await;
        connection.expect("the server answers")
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        remove_snapshot(self.port());
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

/// A port on which nobody listens, now and until this process ends.
pub(crate) fn free_port() -> u16 {
    let port = Port::take();
    let number = port.number();
    std::mem::forget(port);
    number
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
    while started.elapsed() < STARTS_WITHIN {
        let answers = answers(port);
        if child.try_wait().ok()?.is_some() {
            return None;
        }
        if answers {
            return Some(child);
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
