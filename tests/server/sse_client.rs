//! A client of the stream that shows what came, event by event, read as the standard says.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

pub(crate) struct Sse {
    socket: TcpStream,
    pub(crate) head: String,
    /// What came and is not read yet: the body, without its chunks' sizes.
    body: Vec<u8>,
    raw: Vec<u8>,
    /// As a browser keeps it: what it would send as `Last-Event-ID`.
    pub(crate) last_id: String,
    ended: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) data: Value,
    /// The id in this very event.
    pub(crate) id: Option<String>,
}

const PATIENCE: Duration = Duration::from_secs(60);

impl Sse {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        Self::open_with(address, "", &[]).await
    }

    /// Comes back with the id that it had.
    pub(crate) async fn resume(address: SocketAddr, last_id: &str) -> Self {
        Self::open_with(address, "", &[("Last-Event-ID", last_id)]).await
    }

    pub(crate) async fn open_with(
        address: SocketAddr,
        query: &str,
        headers: &[(&str, &str)],
    ) -> Self {
        let mut socket = TcpStream::connect(address).await.unwrap();
        let mut head = format!("GET /api/v1/cache/stream{query} HTTP/1.1\r\nHost: test\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        socket.write_all(head.as_bytes()).await.unwrap();
        let mut sse = Self {
            socket,
            head: String::new(),
            body: Vec::new(),
            raw: Vec::new(),
            last_id: String::new(),
            ended: false,
        };
        loop {
            assert!(sse.fill().await, "the head came whole");
            if let Some(end) = sse.raw.windows(4).position(|four| four == b"\r\n\r\n") {
                sse.head = String::from_utf8(sse.raw[..end].to_vec()).unwrap().to_lowercase();
                sse.raw.drain(..end + 4);
                sse.unchunk();
                return sse;
            }
        }
    }

    pub(crate) fn status(&self) -> u16 {
        self.head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    /// The next event or comment; `None` when the stream has ended.
    pub(crate) async fn frame(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.body.windows(2).position(|two| two == b"\n\n") {
                let frame = String::from_utf8(self.body.drain(..end + 2).collect()).unwrap();
                if let Some(id) = frame.lines().find_map(|line| line.strip_prefix("id: ")) {
                    self.last_id = id.to_owned();
                }
                return Some(frame);
            }
            if self.ended || !timeout(PATIENCE, self.fill()).await.expect("something comes") {
                return None;
            }
            self.unchunk();
        }
    }

    /// The next event with data; signs of life are passed over.
    pub(crate) async fn event(&mut self) -> Option<Event> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let frame = self.frame().await?;
            assert!(Instant::now() < deadline, "nothing but signs of life");
            let field = |name: &str| {
                frame.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned)
            };
            if let Some(data) = field("data: ") {
                return Some(Event {
                    name: field("event: ").unwrap(),
                    data: serde_json::from_str(&data).unwrap(),
                    id: field("id: "),
                });
            }
        }
    }

    /// The patterns and the reason of the next event, which must be an invalidation.
    pub(crate) async fn invalidated(&mut self) -> (Vec<String>, String) {
        let event = self.event().await.expect("the stream goes on");
        assert_eq!(event.name, "invalidate", "{event:?}");
        let patterns = event.data["patterns"].as_array().unwrap().iter();
        let patterns = patterns.map(|pattern| pattern.as_str().unwrap().to_owned()).collect();
        (patterns, event.data["reason"].as_str().unwrap().to_owned())
    }

    /// The next event, which must be of this name.
    pub(crate) async fn expect(&mut self, name: &str) -> Event {
        let event = self.event().await.expect("the stream goes on");
        assert_eq!(event.name, name, "{event:?}");
        event
    }

    /// Fails when an event comes within this time.
    pub(crate) async fn expect_silence(&mut self, time: Duration) {
        if let Ok(event) = timeout(time, self.event()).await {
            panic!("not expected: {event:?}");
        }
    }

    async fn fill(&mut self) -> bool {
        let mut piece = [0; 16 * 1024];
        let read = self.socket.read(&mut piece).await.unwrap_or(0);
        self.raw.extend_from_slice(&piece[..read]);
        read > 0
    }

    /// Takes the complete chunks out of what came.
    fn unchunk(&mut self) {
        while let Some(line) = self.raw.windows(2).position(|two| two == b"\r\n") {
            let size = std::str::from_utf8(&self.raw[..line]).unwrap();
            let size = usize::from_str_radix(size, 16).unwrap();
            if self.raw.len() < line + 2 + size + 2 {
                return;
            }
            self.ended |= size == 0;
            self.body.extend_from_slice(&self.raw[line + 2..line + 2 + size]);
            self.raw.drain(..line + 2 + size + 2);
        }
    }
}
