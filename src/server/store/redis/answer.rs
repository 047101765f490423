//! What Redis answers, in the store's terms.

use std::time::Duration;

use redis::{
    ErrorKind, FromRedisValue, ParsingError, RedisError, RedisResult, ServerErrorKind, Value,
};

use crate::server::store::{Entry, StoreError, StoreErrorKind};

/// What a pipeline answered, command by command.
pub(in crate::server) struct Replies(std::vec::IntoIter<RedisResult<Value>>);

impl Replies {
    pub(super) fn new(replies: Vec<RedisResult<Value>>) -> Self {
        Self(replies.into_iter())
    }

    /// The next command's answer, or its error.
    pub(in crate::server) fn next<T: FromRedisValue>(&mut self) -> Result<T, StoreError> {
        match self.0.next() {
            Some(reply) => T::from_redis_value(reply.map_err(store_error)?).map_err(unexpected),
            None => Err(StoreError::new(StoreErrorKind::Refused, "Redis answered too little")),
        }
    }

    /// What a transaction of `steps` commands answered, from its `MULTI` to its `EXEC`. A command that could
    /// not even be queued tells why.
    pub(super) fn transaction(&mut self, steps: usize) -> Result<Self, StoreError> {
        for _ in 0..=steps {
            self.next::<Value>()?;
        }
        match self.next()? {
            Value::Array(replies) => {
                Ok(Self::new(replies.into_iter().map(Value::extract_error).collect()))
            }
            _ => Err(StoreError::new(StoreErrorKind::Refused, "Redis gave up a transaction")),
        }
    }
}

pub(super) fn unexpected(_: ParsingError) -> StoreError {
    StoreError::new(StoreErrorKind::Refused, "Redis answered something unexpected")
}

/// A value with what `PTTL` said of it.
pub(super) fn entry(value: Vec<u8>, pttl: i64) -> Option<Entry> {
    match pttl {
        // -2: it expired between the two commands. 0: in its last millisecond.
        -2 | 0 => None,
        // -1: no expiry, so not ours. Nothing is known of how long it stays true.
        left => Some(Entry { value: value.into(), ttl_left: millis_left(left) }),
    }
}

/// `PTTL`'s answer as a duration; -1 (no expiry) is nothing left.
pub(super) fn millis_left(pttl: i64) -> Duration {
    Duration::from_millis(u64::try_from(pttl).unwrap_or(0))
}

/// The text behind `name:` in what `INFO` answers.
pub(super) fn info_text<'a>(info: &'a str, name: &str) -> Option<&'a str> {
    let field = |line: &'a str| line.strip_prefix(name)?.strip_prefix(':').map(str::trim);
    info.lines().find_map(field)
}

/// The number there; 0 where a server leaves it out.
pub(super) fn info_number(info: &str, name: &str) -> u64 {
    info_text(info, name).and_then(|text| text.parse().ok()).unwrap_or(0)
}

pub(in crate::server) fn store_error(error: RedisError) -> StoreError {
    use StoreErrorKind::{Busy, Denied, Full, Refused, Timeout, Unavailable, WrongType};
    let kind = match (error.kind(), error.code()) {
        (_, Some("WRONGTYPE")) => WrongType,
        (_, Some("OOM")) => Full,
        (_, Some("NOAUTH" | "WRONGPASS" | "NOPERM")) | (ErrorKind::AuthenticationFailed, _) => {
            Denied
        }
        (_, Some("BUSY" | "MISCONF")) => Busy,
        (
            ErrorKind::Server(
                ServerErrorKind::BusyLoading
                | ServerErrorKind::TryAgain
                | ServerErrorKind::MasterDown
                | ServerErrorKind::ClusterDown
                | ServerErrorKind::ReadOnly,
            ),
            _,
        ) => Busy,
        (ErrorKind::Io, _) if error.is_timeout() => Timeout,
        (ErrorKind::Io, _) => Unavailable,
        _ => Refused,
    };
    let detail = match kind {
        // The client's text names the address and the cause, never the password.
        Unavailable | Timeout => format!("Redis: {error}"),
        Denied if error.code() == Some("NOPERM") => not_allowed(error.detail().unwrap_or_default()),
        _ => format!("Redis answered {}", error.code().unwrap_or("something unexpected")),
    };
    StoreError::new(kind, detail)
}

/// Redis names the command, between quotes, but neither the key nor the channel.
fn not_allowed(text: &str) -> String {
    match text.split('\'').nth(1).filter(|_| text.contains("command")) {
        Some(command) => format!("Redis does not allow this user the command {command}"),
        None => "Redis does not allow this user one of the names that were asked for".to_owned(),
    }
}
