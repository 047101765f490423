//! A Redis of the benchmark's own, on a core of its own.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The core that Redis runs on where it is measured against.
const REDIS_CORE: &str = "1";

/// The core that the caller runs on.
const CALLER_CORE: &str = "0";

/// Killed on drop.
pub(crate) struct RedisChild {
    child: Child,
    pub(crate) port: u16,
    settings: Option<&'static str>,
}

impl RedisChild {
    pub(crate) fn start() -> Self {
        Self::start_with(None)
    }

    /// With the settings that are shipped for production, eviction and all.
    pub(crate) fn as_shipped() -> Self {
        Self::start_with(Some(concat!(env!("CARGO_MANIFEST_DIR"), "/docker/redis/redis.conf")))
    }

    fn start_with(settings: Option<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let port = listener.local_addr().expect("it is bound").port();
        drop(listener);
        Self { child: launch(port, settings), port, settings }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// The process: `taskset` becomes the server. For the demo's bench.
    #[allow(dead_code)]
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn client(&self) -> redis::Client {
        redis::Client::open(self.url()).expect("the URL is ours")
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("the child is ours");
        self.child.wait().expect("the child is ours");
    }

    pub(crate) fn restart(&mut self) {
        self.child = launch(self.port, self.settings);
    }
}

impl Drop for RedisChild {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn launch(port: u16, settings: Option<&str>) -> Child {
    let mut redis = Command::new("taskset");
    redis.args(["-c", REDIS_CORE, "redis-server"]);
    redis.args(settings);
    redis.args([
        "--bind",
        "127.0.0.1",
        "--port",
        &port.to_string(),
        "--save",
        "",
        "--appendonly",
        "no",
    ]);
    let child = redis.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let child = child.expect("redis-server and taskset are installed: `make test` installs them");
    let started = Instant::now();
    while !answers(port) {
        assert!(started.elapsed() < Duration::from_secs(10), "redis-server does not answer");
        sleep(Duration::from_millis(2));
    }
    child
}

fn answers(port: u16) -> bool {
    let Ok(mut socket) = TcpStream::connect(("127.0.0.1", port)) else { return false };
    let mut reply = [0_u8; 5];
    socket.write_all(b"PING\r\n").is_ok()
        && socket.read_exact(&mut reply).is_ok()
        && &reply == b"+PONG"
}

/// Runs `measure` with this process on a core that Redis is not on, in a runtime of one thread.
pub(crate) fn across_cores<T>(measure: impl Future<Output = T>) -> T {
    pin(CALLER_CORE);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let measured = runtime.expect("a runtime starts").block_on(measure);
    pin("0-1");
    measured
}

/// Runs `measure` on all cores.
pub(crate) fn on_all_cores<T>(measure: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().expect("a runtime starts").block_on(measure)
}

fn pin(cores: &str) {
    let process = std::process::id().to_string();
    let pinned =
        Command::new("taskset").args(["-acp", cores, &process]).stdout(Stdio::null()).status();
    assert!(pinned.is_ok_and(|it| it.success()), "taskset pins the benchmark to a core");
}
