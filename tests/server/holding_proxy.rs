//! A TCP proxy that holds one kind of command until it is let go: whoever walks over a server waits where a test wants it. Or that
//! hangs up on whoever sends it.

use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// The proxy. Ends with its runtime, or when dropped.
pub(crate) struct HoldingProxy {
    port: u16,
    gate: Arc<Gate>,
    listening: JoinHandle<()>,
}

struct Gate {
    /// What is held, as it stands in a command; nothing while everything passes.
    held: watch::Sender<Option<&'static str>>,
    /// What is answered by an end.
    cut: watch::Sender<Option<&'static str>>,
    /// How many have been made to wait.
    waited: watch::Sender<usize>,
}

impl HoldingProxy {
    /// Listens on a free port and leads to `upstream` on this machine.
    pub(crate) async fn start(upstream: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let (held, cut) = (watch::Sender::new(None), watch::Sender::new(None));
        let gate = Gate { held, cut, waited: watch::Sender::new(0) };
        let gate = Arc::new(gate);
        let shared = gate.clone();
        let listening = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, upstream, shared.clone()));
            }
        });
        Self { port, gate, listening }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// From now on `command` waits, and what comes behind it on its connection.
    pub(crate) fn hold(&self, command: &'static str) {
        self.gate.waited.send_replace(0);
        self.gate.held.send_replace(Some(command));
    }

    /// From now on who sends `command` is hung up on.
    pub(crate) fn cut(&self, command: &'static str) {
        self.gate.cut.send_replace(Some(command));
    }

    /// Returns when one waits.
    pub(crate) async fn held(&self) {
        let mut waited = self.gate.waited.subscribe();
        waited.wait_for(|waited| *waited > 0).await.expect("the proxy has it");
    }

    /// Everything passes.
    pub(crate) fn let_go(&self) {
        self.gate.held.send_replace(None);
        self.gate.cut.send_replace(None);
    }
}

impl Drop for HoldingProxy {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn carry(client: TcpStream, upstream: u16, gate: Arc<Gate>) {
    let Ok(server) = TcpStream::connect(("127.0.0.1", upstream)).await else { return };
    for socket in [&client, &server] {
        socket.set_nodelay(true).expect("a fresh socket takes options");
    }
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let requests = async {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(read @ 1..) = from_client.read(&mut buffer).await {
            if !gate.pass(&buffer[..read]).await {
                return;
            }
            if to_server.write_all(&buffer[..read]).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = requests => {}
        _ = tokio::io::copy(&mut from_server, &mut to_client) => {}
    }
}

impl Gate {
    /// Returns when these may go on; whether they may at all.
    async fn pass(&self, bytes: &[u8]) -> bool {
        let has = |command: &str| bytes.windows(command.len()).any(|it| it == command.as_bytes());
        if self.cut.borrow().is_some_and(has) {
            return false;
        }
        let Some(command) = *self.held.borrow() else { return true };
        if has(command) {
            self.waited.send_modify(|waited| *waited += 1);
            // Fails when the proxy is gone, and everything with it.
            let _ = self.held.subscribe().wait_for(|held| *held != Some(command)).await;
        }
        true
    }
}
