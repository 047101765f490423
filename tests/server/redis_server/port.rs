//! Ports that are a test's own for as long as it holds them.
//!
//! A port that the system gives out may be given to somebody else's connection or listener before a server has been started on
//! it, and while that is down; and whoever asks one where nobody listens may be connected to himself. So these are from below
//! those. Who holds one holds the UDP port of the same number, which the tests of other processes find taken.

use std::net::{TcpListener, UdpSocket};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

const FIRST: u32 = 10_000;
const COUNT: u32 = 20_000;

#[derive(Debug)]
pub(crate) struct Port {
    number: u16,
    _held: UdpSocket,
}

impl Port {
    pub(crate) fn take() -> Self {
        static TRIED: AtomicU32 = AtomicU32::new(0);
        // Each process begins elsewhere, and none comes back soon to a port that it had.
        let begin = std::process::id().wrapping_mul(7_919) % COUNT;
        for _ in 0..COUNT {
            let tried = TRIED.fetch_add(1, Relaxed);
            let number = (FIRST + (begin + tried % COUNT) % COUNT) as u16;
            let Ok(held) = UdpSocket::bind(("127.0.0.1", number)) else { continue };
            if TcpListener::bind(("127.0.0.1", number)).is_ok() {
                return Self { number, _held: held };
            }
        }
        panic!("there is no free port");
    }

    pub(crate) const fn number(&self) -> u16 {
        self.number
    }
}
