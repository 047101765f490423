//! A real Redis of the test's own.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::running::eventually;
use crate::server::Server;

/// Killed on drop.
pub(crate) struct Redis {
    process: Child,
    address: SocketAddr,
}

impl Redis {
    /// `None` where there is no Redis.
    pub(crate) fn start() -> Option<Self> {
        for _ in 0..10 {
            let free = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
            let address = free.expect("a port");
            let mut process = Command::new("redis-server")
                .args(["--port", &address.port().to_string(), "--bind", "127.0.0.1"])
                .args(["--save", "", "--appendonly", "no"])
                .stdout(Stdio::null())
                .spawn()
                .ok()?;
            // Somebody else may take the port first: then this process ends, and who answers there is another.
            let mut has_ended = false;
            eventually("Redis answers", || {
                has_ended = process.try_wait().expect("its status").is_some();
                has_ended || process_at(address) == Some(process.id())
            });
            if !has_ended {
                return Some(Self { process, address });
            }
        }
        panic!("ten ports were taken by others");
    }

    /// A demo with this Redis, in which nothing happens by itself. It waits for Redis as long as a busy machine takes.
    pub(crate) fn serves(&self, database: &Path) -> Server {
        let url = format!("redis://{}", self.address);
        Server::start(database, |command| {
            command.args(["--no-simulate", "--redis-timeout-ms", "60000"]).env("REDIS_URL", &url)
        })
    }

    /// The bytes that are stored.
    pub(crate) fn get(&self, key: &str) -> Vec<u8> {
        let client = redis::Client::open(format!("redis://{}", self.address)).expect("a URL");
        let mut connection = client.get_connection().expect("it answers");
        redis::cmd("GET").arg(key).query(&mut connection).expect("a value")
    }
}

/// Which process answers there as Redis does.
fn process_at(address: SocketAddr) -> Option<u32> {
    let client = redis::Client::open(format!("redis://{address}")).expect("a URL");
    let mut connection = client.get_connection_with_timeout(Duration::from_secs(5)).ok()?;
    let told: String = redis::cmd("INFO").arg("server").query(&mut connection).ok()?;
    told.lines().find_map(|line| line.strip_prefix("process_id:")?.trim().parse().ok())
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
