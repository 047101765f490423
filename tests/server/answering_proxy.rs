//! A proxy between a client and a Redis that answers some commands itself, in their turn: a Redis that is
//! loading, read-only or out of memory whenever a test wants it to be.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// The proxy. Ends with its runtime, or when dropped.
pub(crate) struct AnsweringProxy {
    address: SocketAddr,
    answers: Arc<Answers>,
    listening: JoinHandle<()>,
}

#[derive(Default)]
struct Answers {
    /// By a command's name in capitals; `*` for every one that a client does not say hello with.
    by_command: Mutex<HashMap<&'static str, &'static str>>,
    asked: Mutex<HashMap<String, usize>>,
}

/// What the client is to be told next.
enum Turn {
    FromServer,
    Own(&'static str),
}

impl AnsweringProxy {
    /// Listens on a free port and leads to the Redis at `upstream` on this machine.
    pub(crate) async fn start(upstream: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
        let address = listener.local_addr().expect("it is bound");
        let answers = Arc::new(Answers::default());
        let shared = answers.clone();
        let listening = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(talk(client, upstream, shared.clone()));
            }
        });
        Self { address, answers, listening }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://{}", self.address)
    }

    #[cfg(feature = "cluster")]
    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// Answers `command` with `reply` from now on; with `*`, every command but those that open a connection.
    pub(crate) fn answer(&self, command: &'static str, reply: &'static str) {
        self.answers.by_command.lock().unwrap().insert(command, reply);
    }

    /// Answers nothing any more.
    pub(crate) fn step_aside(&self) {
        self.answers.by_command.lock().unwrap().clear();
    }

    /// How often `command` was asked.
    pub(crate) fn asked(&self, command: &str) -> usize {
        self.answers.asked.lock().unwrap().get(command).copied().unwrap_or(0)
    }
}

impl Drop for AnsweringProxy {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn talk(client: TcpStream, upstream: u16, answers: Arc<Answers>) {
    let Ok(server) = TcpStream::connect(("127.0.0.1", upstream)).await else { return };
    for socket in [&client, &server] {
        socket.set_nodelay(true).expect("a fresh socket takes options");
    }
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let (turns, queue) = mpsc::unbounded_channel();
    tokio::select! {
        _ = listen(from_client, to_server, answers, turns) => {}
        _ = reply(from_server, to_client, queue) => {}
    }
}

async fn listen(
    mut client: OwnedReadHalf,
    mut server: OwnedWriteHalf,
    answers: Arc<Answers>,
    turns: mpsc::UnboundedSender<Turn>,
) -> std::io::Result<()> {
    let mut buffer = BytesMut::new();
    loop {
        let command = next_frame(&mut client, &mut buffer).await?;
        let name = name_of(&command);
        let own = answers.to(&name);
        *answers.asked.lock().unwrap().entry(name).or_default() += 1;
        if own.is_none() {
            server.write_all(&command).await?;
        }
        let _ = turns.send(own.map_or(Turn::FromServer, Turn::Own));
    }
}

async fn reply(
    mut server: OwnedReadHalf,
    mut client: OwnedWriteHalf,
    mut turns: mpsc::UnboundedReceiver<Turn>,
) -> std::io::Result<()> {
    let mut buffer = BytesMut::new();
    // Whether the next of the server's answers is the client's next.
    let mut waiting = false;
    loop {
        tokio::select! {
            frame = next_frame(&mut server, &mut buffer) => {
                let frame = frame?;
                let push = frame[0] == b'>';
                while !push && !waiting {
                    waiting = take_turn(turns.recv().await, &mut client).await?;
                }
                waiting &= push;
                client.write_all(&frame).await?;
            }
            turn = turns.recv(), if !waiting => waiting = take_turn(turn, &mut client).await?,
        }
    }
}

/// Says what is our own to say; `true` when it is the server's turn.
async fn take_turn(turn: Option<Turn>, client: &mut OwnedWriteHalf) -> std::io::Result<bool> {
    match turn {
        Some(Turn::Own(reply)) => client.write_all(reply.as_bytes()).await.map(|()| false),
        Some(Turn::FromServer) => Ok(true),
        None => Err(std::io::ErrorKind::BrokenPipe.into()),
    }
}

impl Answers {
    fn to(&self, command: &str) -> Option<&'static str> {
        let by_command = self.by_command.lock().unwrap();
        let opens = matches!(command, "HELLO" | "CLIENT" | "AUTH" | "SELECT");
        let all = by_command.get("*").filter(|_| !opens);
        by_command.get(command).or(all).copied()
    }
}

/// The next whole frame. What was read of one stays in `buffer` when this is cancelled.
async fn next_frame(
    from: &mut OwnedReadHalf,
    buffer: &mut BytesMut,
) -> std::io::Result<bytes::Bytes> {
    loop {
        if let Some(length) = frame_length(buffer) {
            return Ok(buffer.split_to(length).freeze());
        }
        if from.read_buf(buffer).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
}

/// How long the RESP frame at the beginning of `bytes` is, once it is all there.
fn frame_length(bytes: &[u8]) -> Option<usize> {
    let line = bytes.windows(2).position(|pair| pair == b"\r\n")? + 2;
    let count = || std::str::from_utf8(&bytes[1..line - 2]).ok()?.parse::<i64>().ok();
    let nested = match bytes[0] {
        b'$' | b'!' | b'=' => {
            let body = usize::try_from(count()?).map_or(0, |length| length + 2);
            return (bytes.len() >= line + body).then_some(line + body);
        }
        b'*' | b'~' | b'>' => count()?.max(0),
        b'%' => 2 * count()?,
        // An attribute stands before the frame that it is about.
        b'|' => 2 * count()? + 1,
        _ => 0,
    };
    let mut length = line;
    for _ in 0..nested {
        length += frame_length(&bytes[length..])?;
    }
    Some(length)
}

/// The command's first word, in capitals: `*2\r\n$3\r\nget\r\n…` is `GET`.
fn name_of(mut command: &[u8]) -> String {
    for _ in 0..2 {
        let line = command.windows(2).position(|pair| pair == b"\r\n").map_or(0, |end| end + 2);
        command.advance(line);
    }
    let end = command.iter().position(|byte| *byte == b'\r').unwrap_or(command.len());
    String::from_utf8_lossy(&command[..end]).to_ascii_uppercase()
}

mod tests {
    use super::*;
    use crate::redis_server::RedisServer;

    #[test]
    fn a_frame_is_as_long_as_it_says() {
        for whole in [
            &b"+OK\r\n"[..],
            b"$-1\r\n",
            b"$3\r\na\r\n\r\n",
            b"*2\r\n:1\r\n*1\r\n$0\r\n\r\n",
            b"%1\r\n+a\r\n,1.5\r\n",
            b">2\r\n+invalidate\r\n_\r\n",
            b"*-1\r\n",
        ] {
            let more = [whole, b"+next\r\n"].concat();
            assert_eq!(frame_length(&more), Some(whole.len()), "{}", whole.escape_ascii());
            for cut in 0..whole.len() {
                assert_eq!(frame_length(&whole[..cut]), None, "{}", whole[..cut].escape_ascii());
            }
        }
    }

    #[tokio::test]
    async fn its_answers_stand_in_their_turn_among_the_servers() {
        let server = RedisServer::start();
        let proxy = AnsweringProxy::start(server.port()).await;
        let client = redis::Client::open(proxy.url()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        proxy.answer("GET", "$3\r\nown\r\n");
        let mut pipeline = redis::pipe();
        pipeline.cmd("SET").arg("k").arg("v").cmd("GET").arg("k").cmd("STRLEN").arg("k");
        let replies: (String, String, u64) = pipeline.query_async(&mut connection).await.unwrap();
        assert_eq!(replies, ("OK".into(), "own".into(), 1));
        proxy.step_aside();
        let value: String = redis::cmd("get").arg("k").query_async(&mut connection).await.unwrap();
        assert_eq!((value.as_str(), proxy.asked("GET")), ("v", 2));
    }
}
