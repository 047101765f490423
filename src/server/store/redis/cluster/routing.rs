//! Commands, sent to the server that has their slot, and after it where it has gone.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::future::join_all;
use redis::{Cmd, ErrorKind, Pipeline, RedisError, RedisResult, ServerErrorKind, Value, cmd};
use tokio::time::sleep;

use super::Cluster;
use super::slots::{Address, slot};
use crate::server::store::redis::link::pipeline;
use crate::server::store::{StoreError, StoreErrorKind};

/// How often a command is sent before a cluster that keeps changing is given up.
const ATTEMPTS: u32 = 5;

/// Between two attempts while a slot is on its way, or its new owner not yet agreed on.
const PAUSE: Duration = Duration::from_millis(20);

/// Where a server sends a command on to.
enum Detour {
    /// The slot has moved: the map is old.
    Moved,
    /// This key has moved ahead of its slot.
    Ask(Address),
    /// The slot is on its way: a little later.
    Later,
}

impl Cluster {
    /// Commands about one slot.
    pub(in super::super) async fn send(
        &self,
        name: &str,
        commands: &Pipeline,
    ) -> Result<Vec<RedisResult<Value>>, StoreError> {
        let slot = slot(name);
        let mut replies = Vec::new();
        for attempt in 0..ATTEMPTS {
            let map = self.map().await?;
            let Some(address) = map.primary(slot) else {
                return Err(StoreError::new(StoreErrorKind::Busy, "a slot is nobody's"));
            };
            replies = self.send_to(address, commands).await?;
            match detour(&replies, &address.host) {
                None => return Ok(replies),
                Some(Detour::Moved) => {
                    if attempt > 0 {
                        // Who has it by now may not know that it does.
                        sleep(PAUSE * attempt).await;
                    }
                    self.ask_for_map(&map, Some(address)).await?;
                }
                Some(Detour::Ask(address)) if !is_transaction(commands) => {
                    return self.send_asking(&address, commands).await;
                }
                Some(_) => sleep(PAUSE * attempt).await,
            }
        }
        // Where they were sent on to once more is nobody's answer.
        Ok(replies.into_iter().map(settled).collect())
    }

    /// Commands about any slots; a server that is down fails its own.
    pub(in super::super) async fn send_each(
        &self,
        commands: Vec<(String, Cmd)>,
    ) -> Result<Vec<RedisResult<Value>>, StoreError> {
        let map = self.map().await?;
        let mut by_server: HashMap<Option<&Address>, Vec<usize>> = HashMap::new();
        for (place, (name, _)) in commands.iter().enumerate() {
            by_server.entry(map.primary(slot(name))).or_default().push(place);
        }
        let sends = by_server.into_iter().map(async |(address, places)| {
            let of_server = pipeline(places.iter().map(|place| commands[*place].1.clone()));
            let replies = match address {
                Some(address) => self.send_to(address, &of_server).await.ok(),
                None => None,
            };
            let mut settled = Vec::with_capacity(places.len());
            let mut replies = replies.map(Vec::into_iter);
            for place in places {
                let (name, command) = &commands[place];
                let reply = match replies.as_mut() {
                    Some(replies) => replies.next().unwrap_or_else(|| Err(unreachable_server())),
                    None => Err(unreachable_server()),
                };
                // By itself, with all that may be needed to find where it has gone.
                let reply = if detour(std::slice::from_ref(&reply), "").is_some() {
                    let again = self.send(name, &pipeline([command.clone()])).await;
                    let again = again.ok().and_then(|mut again| again.pop());
                    again.unwrap_or_else(|| Err(unreachable_server()))
                } else {
                    reply
                };
                settled.push((place, reply));
            }
            settled
        });
        let mut settled: Vec<_> = join_all(sends).await.into_iter().flatten().collect();
        settled.sort_unstable_by_key(|(place, _)| *place);
        Ok(settled.into_iter().map(|(_, reply)| reply).collect())
    }

    pub(in super::super) async fn send_to(
        &self,
        address: &Address,
        commands: &Pipeline,
    ) -> Result<Vec<RedisResult<Value>>, StoreError> {
        let answer = self.link(address)?.send(commands).await;
        if answer.is_err() {
            self.doubt(address).await;
        }
        answer
    }

    async fn send_asking(
        &self,
        address: &Address,
        commands: &Pipeline,
    ) -> Result<Vec<RedisResult<Value>>, StoreError> {
        let asking = commands.cmd_iter().flat_map(|command| [cmd("ASKING"), command.clone()]);
        let replies = self.link(address)?.send(&pipeline(asking)).await?;
        Ok(replies.into_iter().skip(1).step_by(2).collect())
    }
}

fn detour(replies: &[RedisResult<Value>], told_by: &str) -> Option<Detour> {
    replies.iter().find_map(|reply| {
        let error = reply.as_ref().err()?;
        match error.kind() {
            ErrorKind::Server(ServerErrorKind::Moved) => Some(Detour::Moved),
            ErrorKind::Server(ServerErrorKind::Ask) => {
                let (address, _) = error.redirect_node()?;
                Some(Detour::Ask(Address::parse(address, told_by)?))
            }
            ErrorKind::Server(ServerErrorKind::TryAgain) => Some(Detour::Later),
            _ => None,
        }
    })
}

/// A reply that is no answer, because the cluster keeps changing: that passes, whatever it was called.
fn settled(reply: RedisResult<Value>) -> RedisResult<Value> {
    match detour(std::slice::from_ref(&reply), "") {
        None => reply,
        Some(_) => {
            Err((ErrorKind::Server(ServerErrorKind::TryAgain), "the cluster keeps changing").into())
        }
    }
}

/// A transaction cannot be sent after a key that moves ahead of its slot: `ASKING` counts for one command.
fn is_transaction(commands: &Pipeline) -> bool {
    commands
        .cmd_iter()
        .next()
        .is_some_and(|first| first.get_packed_command().ends_with(b"MULTI\r\n"))
}

fn unreachable_server() -> RedisError {
    (ErrorKind::Io, "a server of the cluster cannot be reached").into()
}
