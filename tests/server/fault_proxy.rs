//! A TCP proxy that spoils what a server answers: by script, connection for connection, or for as long as an
//! outage is to last. What it lets through it lets through byte for byte.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// What happens to the server's bytes on their way to the client, one after the other. What comes after the
/// last action passes.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    /// So many bytes pass.
    PassThrough(usize),
    /// So many bytes arrive with every bit flipped.
    Corrupt(usize),
    /// The client gets these bytes, which the server never sent.
    Inject(&'static [u8]),
    /// The client gets an end of file; nothing more arrives.
    Truncate,
    /// Nothing arrives for so long.
    Delay(Duration),
    /// The connection is reset.
    Drop,
}

/// How the network is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weather {
    Fair,
    /// Bytes are swallowed until it is fair again; connections stay open.
    Silent,
    /// Bytes wait until it is fair again, and arrive then.
    Slow,
    /// The same of the server's bytes only.
    Unanswered,
    /// Connections are reset, new ones as soon as they are made.
    Outage,
}

/// The proxy. Ends with its runtime, or when dropped.
pub(crate) struct FaultProxy {
    address: SocketAddr,
    state: Arc<State>,
    listening: JoinHandle<()>,
}

struct State {
    upstream: u16,
    /// For connections to come, each taken once.
    scripts: Mutex<VecDeque<Vec<Action>>>,
    /// For those that come when `scripts` is empty.
    always: Mutex<Vec<Action>>,
    weather: watch::Sender<Weather>,
    connections: AtomicUsize,
}

impl FaultProxy {
    /// Listens on a free port and leads to `upstream` on this machine.
    pub(crate) async fn start(upstream: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
        let address = listener.local_addr().expect("it is bound");
        let state = Arc::new(State {
            upstream,
            scripts: Mutex::default(),
            always: Mutex::default(),
            weather: watch::Sender::new(Weather::Fair),
            connections: AtomicUsize::new(0),
        });
        let listening = tokio::spawn(listen(listener, state.clone()));
        Self { address, state, listening }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://{}", self.address)
    }

    /// The script of the next connection that has none yet.
    pub(crate) fn script(&self, actions: impl Into<Vec<Action>>) {
        self.state.scripts.lock().unwrap().push_back(actions.into());
    }

    /// The script of every connection from now on that none was written for.
    pub(crate) fn script_always(&self, actions: impl Into<Vec<Action>>) {
        *self.state.always.lock().unwrap() = actions.into();
    }

    /// How many connections were made so far, those that an outage reset among them.
    pub(crate) fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    /// Resets every connection, and every new one, until [`FaultProxy::clear_up`].
    pub(crate) fn outage(&self) {
        self.state.weather.send_replace(Weather::Outage);
    }

    /// Delivers nothing more and closes nothing, until [`FaultProxy::clear_up`]: what a pulled cable is like.
    pub(crate) fn silence(&self) {
        self.state.weather.send_replace(Weather::Silent);
    }

    /// Delivers nothing more until [`FaultProxy::clear_up`], and everything then: what a lost packet is like.
    pub(crate) fn hold(&self) {
        self.state.weather.send_replace(Weather::Slow);
    }

    /// Delivers what the client says, and keeps back what the server does, until [`FaultProxy::clear_up`]. An outage meanwhile
    /// loses answers to what has been carried out.
    pub(crate) fn hold_answers(&self) {
        self.state.weather.send_replace(Weather::Unanswered);
    }

    /// Ends the outage, the silence or the wait. What was swallowed stays swallowed.
    pub(crate) fn clear_up(&self) {
        self.state.weather.send_replace(Weather::Fair);
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.listening.abort();
        self.outage();
    }
}

async fn listen(listener: TcpListener, state: Arc<State>) {
    while let Ok((client, _)) = listener.accept().await {
        state.connections.fetch_add(1, Ordering::SeqCst);
        let script = state.scripts.lock().unwrap().pop_front();
        let script = script.unwrap_or_else(|| state.always.lock().unwrap().clone());
        tokio::spawn(carry(client, script, state.clone()));
    }
}

async fn carry(client: TcpStream, script: Vec<Action>, state: Arc<State>) {
    // A reset and not a polite end, when this task drops it.
    client.set_zero_linger().expect("a fresh socket takes options");
    let mut weather = state.weather.subscribe();
    if *weather.borrow() == Weather::Outage {
        return;
    }
    let Ok(server) = TcpStream::connect(("127.0.0.1", state.upstream)).await else { return };
    for socket in [&client, &server] {
        socket.set_nodelay(true).expect("a fresh socket takes options");
    }
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let (slow, unanswered) = (&[Weather::Slow][..], &[Weather::Slow, Weather::Unanswered][..]);
    let mut requests =
        Pipe { from: from_client, to: to_server, weather: weather.clone(), waits_in: slow };
    let mut replies =
        Pipe { from: from_server, to: to_client, weather: weather.clone(), waits_in: unanswered };
    tokio::select! {
        () = async { while requests.pass(usize::MAX, 0).await {} } => {}
        () = replies.play(script) => {}
        _ = weather.wait_for(|weather| *weather == Weather::Outage) => {}
    }
    // Dropped, this half would say a polite end first.
    replies.to.forget();
}

/// One direction of a connection.
struct Pipe {
    from: OwnedReadHalf,
    to: OwnedWriteHalf,
    weather: watch::Receiver<Weather>,
    waits_in: &'static [Weather],
}

impl Pipe {
    async fn play(&mut self, script: Vec<Action>) {
        for action in script {
            let goes_on = match action {
                Action::PassThrough(bytes) => self.pass(bytes, 0).await,
                Action::Corrupt(bytes) => self.pass(bytes, 0xFF).await,
                Action::Inject(bytes) => self.to.write_all(bytes).await.is_ok(),
                Action::Truncate => {
                    let _ = self.to.shutdown().await;
                    // Until the client goes, so that what it gets is an end and not a reset.
                    std::future::pending().await
                }
                Action::Delay(time) => {
                    sleep(time).await;
                    true
                }
                Action::Drop => false,
            };
            if !goes_on {
                return;
            }
        }
        while self.pass(usize::MAX, 0).await {}
    }

    /// Passes `bytes` with the bits of `flip` flipped, or for ever; `false` at the end of the stream.
    async fn pass(&mut self, mut bytes: usize, flip: u8) -> bool {
        let mut buffer = vec![0; 16 * 1024];
        while bytes > 0 {
            let most = bytes.min(buffer.len());
            let read = match self.from.read(&mut buffer[..most]).await {
                Ok(0) | Err(_) => return false,
                Ok(read) => read,
            };
            if bytes != usize::MAX {
                bytes -= read;
            }
            // Fails when the proxy is gone, and everything with it.
            let _ = self.weather.wait_for(|weather| !self.waits_in.contains(weather)).await;
            if *self.weather.borrow() == Weather::Silent {
                continue;
            }
            buffer[..read].iter_mut().for_each(|byte| *byte ^= flip);
            if self.to.write_all(&buffer[..read]).await.is_err() {
                return false;
            }
        }
        true
    }
}

mod tests {
    use super::*;

    /// A server that says the alphabet to everybody and then echoes.
    async fn alphabet() -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                tokio::spawn(async move {
                    socket.write_all(b"abcdefgh").await.unwrap();
                    let (mut from, mut to) = socket.split();
                    let _ = tokio::io::copy(&mut from, &mut to).await;
                });
            }
        });
        port
    }

    async fn heard(proxy: &FaultProxy) -> (Vec<u8>, bool) {
        let mut socket = TcpStream::connect(proxy.address).await.unwrap();
        let mut bytes = Vec::new();
        let end = tokio::time::timeout(Duration::from_millis(150), socket.read_to_end(&mut bytes));
        let reset = matches!(end.await, Ok(Err(_)));
        (bytes, reset)
    }

    #[tokio::test]
    async fn each_connection_has_its_own_script_and_the_rest_passes() {
        use Action::*;
        let proxy = FaultProxy::start(alphabet().await).await;
        proxy.script([PassThrough(2), Corrupt(1), Inject(b"??")]);
        proxy.script([PassThrough(3), Truncate]);
        proxy.script([PassThrough(1), Delay(Duration::from_millis(50))]);
        proxy.script([Drop]);
        assert_eq!(heard(&proxy).await, (b"ab\x9c??defgh".to_vec(), false));
        assert_eq!(heard(&proxy).await, (b"abc".to_vec(), false));
        assert_eq!(heard(&proxy).await, (b"abcdefgh".to_vec(), false));
        assert_eq!(heard(&proxy).await, (b"".to_vec(), true));
        assert_eq!(heard(&proxy).await, (b"abcdefgh".to_vec(), false));
        proxy.script_always([Corrupt(1), Truncate]);
        assert_eq!(heard(&proxy).await, (vec![!b'a'], false));
        assert_eq!(heard(&proxy).await, (vec![!b'a'], false));
        assert_eq!(proxy.connections(), 7);
    }

    #[tokio::test]
    async fn an_outage_resets_what_is_open_and_what_comes_and_silence_closes_nothing() {
        let proxy = FaultProxy::start(alphabet().await).await;
        let mut open = TcpStream::connect(proxy.address).await.unwrap();
        let mut said = [0; 8];
        open.read_exact(&mut said).await.unwrap();
        proxy.silence();
        open.write_all(b"lost").await.unwrap();
        sleep(Duration::from_millis(20)).await;
        proxy.clear_up();
        open.write_all(b"x").await.unwrap();
        assert_eq!(open.read_u8().await.unwrap(), b'x');
        proxy.outage();
        assert!(open.read_u8().await.is_err());
        let (bytes, reset) = heard(&proxy).await;
        assert_eq!((bytes.len(), reset), (0, true));
        proxy.clear_up();
        assert_eq!(heard(&proxy).await.0, b"abcdefgh");
    }
}
