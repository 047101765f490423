//! A real Redis of the test's own.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

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
        let free = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
        let address = free.expect("a port");
        let process = Command::new("redis-server")
            .args(["--port", &address.port().to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no"])
            .stdout(Stdio::null())
            .spawn()
            .ok()?;
        eventually("Redis listens", || TcpStream::connect(address).is_ok());
        Some(Self { process, address })
    }

    /// A demo with this Redis, in which nothing happens by itself.
    pub(crate) fn serves(&self, database: &Path) -> Server {
        let url = format!("redis://{}", self.address);
        Server::start(database, |command| command.arg("--no-simulate").env("REDIS_URL", &url))
    }

    /// The bytes that are stored.
    pub(crate) fn get(&self, key: &str) -> Vec<u8> {
        let client = redis::Client::open(format!("redis://{}", self.address)).expect("a URL");
        let mut connection = client.get_connection().expect("it answers");
        redis::cmd("GET").arg(key).query(&mut connection).expect("a value")
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
