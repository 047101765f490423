//! Where a notice stands in the log.

use std::fmt;
use std::str::FromStr;

/// A place in the log: milliseconds and a number within them, as Redis Streams number their entries. Ordered
/// as the log is; a browser sends its last one back as `Last-Event-ID`.
///
/// ```
/// # use samekey::server::LogId;
/// let id: LogId = "1763769600000-0".parse().unwrap();
/// assert!(id < id.next());
/// assert_eq!(id.next().to_string(), "1763769600000-1");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogId {
    ms: u64,
    seq: u64,
}

impl LogId {
    /// An id of these parts.
    #[must_use]
    pub const fn new(ms: u64, seq: u64) -> Self {
        Self { ms, seq }
    }

    /// The least id after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        match self.seq.checked_add(1) {
            Some(seq) => Self { ms: self.ms, seq },
            None => Self { ms: self.ms.saturating_add(1), seq: 0 },
        }
    }

    /// The id of an entry that is appended at `now_ms`: later than this one, whatever the clock does.
    pub(super) const fn after(self, now_ms: u64) -> Self {
        if now_ms > self.ms { Self { ms: now_ms, seq: 0 } } else { self.next() }
    }
}

impl fmt::Display for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.ms, self.seq)
    }
}

/// The text is no place in a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("E_LOG_ID: not `milliseconds-number`")]
pub struct BadLogId;

impl FromStr for LogId {
    type Err = BadLogId;

    /// Reads `milliseconds-number`: digits only, without a sign.
    fn from_str(text: &str) -> Result<Self, BadLogId> {
        let number = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| text.parse().ok()).flatten().ok_or(BadLogId)
        };
        let (ms, seq) = text.split_once('-').ok_or(BadLogId)?;
        Ok(Self { ms: number(ms)?, seq: number(seq)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_back_and_are_ordered_by_time_then_number() {
        let ids = ["0-0", "0-1", "1-0", "1-2", "10-0", "18446744073709551615-18446744073709551615"];
        let read: Vec<LogId> = ids.iter().map(|id| id.parse().unwrap()).collect();
        assert!(read.is_sorted());
        assert_eq!(read.iter().map(ToString::to_string).collect::<Vec<_>>(), ids);
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for text in [
            "",
            "-",
            "1",
            "1-",
            "-1",
            "+1-0",
            "1-+0",
            "1-0-0",
            " 1-0",
            "1-0\n",
            "a-b",
            "99999999999999999999-0",
        ] {
            assert_eq!(text.parse::<LogId>(), Err(BadLogId), "{text:?}");
        }
    }

    #[test]
    fn a_clock_that_jumps_back_does_not_take_the_log_with_it() {
        let last = LogId::new(1_000, 7);
        assert_eq!(last.after(1_001), LogId::new(1_001, 0));
        assert_eq!(last.after(1_000), LogId::new(1_000, 8));
        assert_eq!(last.after(3), LogId::new(1_000, 8));
        assert_eq!(LogId::new(5, u64::MAX).next(), LogId::new(6, 0));
    }
}
