//! Which of the commands that the cache sends a server refuses to this user (`ACL`).
//!
//! Each is tried in a form that does nothing: on a name where nothing is, with `XX` or `NOMKSTREAM` where it would
//! write, with an argument that makes no sense where it would change the connection. Redis looks at who asks before it looks
//! at what for. Publishing and subscribing cannot be tried so.

use redis::{Cmd, RedisResult, Value, cmd};

use super::link::{Link, pipeline};
use super::names::Names;
use crate::server::store::StoreError;

/// A key of no schema, under which there is nothing.
const NOTHING: &str = "~doctor";

/// Whether the cache does without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Without {
    /// It does not.
    Nothing,
    /// It does, with less.
    Less,
}

/// A command as an access list names it, and what is lost without it.
pub(super) struct Refused {
    pub(super) command: &'static str,
    pub(super) without: Without,
    /// What it must not be used on; nothing where it is refused whatever it is used on.
    pub(super) name: Option<String>,
}

/// What the server that `node` leads to refuses.
pub(super) async fn refused(
    node: &Link,
    names: &Names,
    is_cluster: bool,
) -> Result<Vec<Refused>, StoreError> {
    let mut tried = trials(names, is_cluster);
    let commands = tried.iter_mut().map(|trial| std::mem::take(&mut trial.asks));
    let replies = node.send(&pipeline(commands)).await?;
    let mut refused = Vec::new();
    for (trial, reply) in tried.into_iter().zip(replies) {
        let Trial { command, without, on, .. } = trial;
        match refusal(&reply) {
            Some(Why::Command) => refused.push(Refused { command, without, name: None }),
            // Where the name stands elsewhere, another command has been refused it too.
            Some(Why::Name) if !on.is_empty() => {
                refused.push(Refused { command, without, name: Some(on) });
            }
            Some(Why::Name) | None => {}
        }
    }
    // Where `EXEC` is refused, what `MULTI` begins would never end.
    if !refused.iter().any(|refused| refused.command == "exec") {
        let replies = node.send(&pipeline([cmd("MULTI"), cmd("EXEC")])).await?;
        if replies.first().is_some_and(|reply| refusal(reply).is_some()) {
            refused.push(Refused { command: "multi", without: Without::Nothing, name: None });
        }
    }
    Ok(refused)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Why {
    Command,
    Name,
}

fn refusal(reply: &RedisResult<Value>) -> Option<Why> {
    let error = reply.as_ref().err()?;
    let text = error.detail().unwrap_or_default();
    match error.code() {
        // `… has no permissions to run the 'get' command`; `No permissions to access a key`.
        Some("NOPERM") if text.contains("command") => Some(Why::Command),
        Some("NOPERM") => Some(Why::Name),
        // `EXECABORT Transaction discarded because of: NOPERM …`
        Some("EXECABORT") if text.contains("NOPERM") => Some(Why::Command),
        _ => None,
    }
}

struct Trial {
    command: &'static str,
    without: Without,
    on: String,
    asks: Cmd,
}

fn trials(names: &Names, is_cluster: bool) -> Vec<Trial> {
    use Without::{Less, Nothing};
    let (data, lease) = (names.data(NOTHING), names.lease(NOTHING));
    let mut trials = Vec::new();
    let mut on = |name: &str, without, command: &'static str, rest: &[&str]| {
        let mut words = command.split('|');
        let mut asks = cmd(words.next().unwrap_or_default());
        asks.arg(words.collect::<Vec<_>>());
        if !name.is_empty() {
            asks.arg(name);
        }
        asks.arg(rest);
        trials.push(Trial { command, without, on: name.to_owned(), asks });
    };
    for command in ["get", "mget", "pttl", "exists", "unlink", "del", "zcard"] {
        on(&data, Nothing, command, &[]);
    }
    // The names of leases begin otherwise.
    on(&lease, Nothing, "set", &["", "XX"]);
    on(&lease, Nothing, "rename", &[&data]);
    on(&data, Nothing, "zadd", &["XX", "0", "m"]);
    on(&data, Nothing, "zrange", &["0", "-1"]);
    on(&data, Nothing, "zrem", &["m"]);
    on(&data, Nothing, "zscore", &["m"]);
    on(&data, Nothing, "zremrangebyscore", &["0", "0"]);
    on(&data, Nothing, "xadd", &["NOMKSTREAM", "*", "v", "0"]);
    on(&data, Nothing, "xrange", &["-", "+", "COUNT", "1"]);
    on(&data, Nothing, "xrevrange", &["+", "-", "COUNT", "1"]);
    on(&data, Nothing, "pexpire", &["1"]);
    on("", Nothing, "xread", &["STREAMS", &data, "0"]);
    on("", Nothing, "eval", &["return 0", "0"]);
    on("", Nothing, "evalsha", &["0000000000000000000000000000000000000000", "0"]);
    on("", Nothing, "scan", &["0", "COUNT", "1"]);
    for command in ["exec", "time", "ping"] {
        on("", Nothing, command, &[]);
    }
    for command in ["info", "dbsize", "client|trackinginfo"] {
        on("", Less, command, &[]);
    }
    on("", Less, "client|tracking", &["NEITHER"]);
    on("", Less, "config|get", &["save"]);
    on(&data, Less, "memory|usage", &[]);
    on(&data, Less, "strlen", &[]);
    if is_cluster {
        on("", Nothing, "cluster|slots", &[]);
        // What came or went during a walk is not known without.
        on("", Nothing, "cluster|nodes", &[]);
    }
    trials
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_command_is_tried_as_it_is_called() {
        let packed = |trial: &Trial| String::from_utf8(trial.asks.get_packed_command()).unwrap();
        let trials = trials(&Names::new("app:"), true);
        let of = |command: &str| trials.iter().find(|trial| trial.command == command).unwrap();
        assert_eq!(packed(of("get")), "*2\r\n$3\r\nget\r\n$11\r\napp:~doctor\r\n");
        let tracking = "*3\r\n$6\r\nclient\r\n$8\r\ntracking\r\n$7\r\nNEITHER\r\n";
        assert_eq!(packed(of("client|tracking")), tracking);
        assert!(packed(of("set")).contains("{app:~doctor}:~l"));
    }
}
