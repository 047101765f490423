//! What time it is.

use jiff::Timestamp;

/// The wall clock that schedules go by. How long things take is measured by Tokio's clock, which tests pause.
pub trait WallClock: Send + Sync + 'static {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl WallClock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A closure is a clock: for tests.
impl<F: Fn() -> Timestamp + Send + Sync + 'static> WallClock for F {
    fn now(&self) -> Timestamp {
        self()
    }
}
