//! Redis Cluster: a connection to each primary, and commands sent to the one that has their slot.
//!
//! A connection per primary and not the client's own cluster connection: changes are pushed on the connection
//! that writes (see [`tracking`](super::tracking)), so each has to be known by name; a pipeline may not cross
//! slots there; and a primary that is down must cost its own slots only.

mod slots;

pub(super) use self::slots::Address;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use redis::{
    Cmd, ConnectionAddr, ConnectionInfo, ErrorKind, Pipeline, RedisError, RedisResult,
    ServerErrorKind, Value, cmd,
};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use self::slots::{SlotMap, slot};
use super::answer::Replies;
use super::config::RedisConfig;
use super::link::{Link, pipeline};
use crate::server::store::{StoreError, StoreErrorKind};

/// How often a command is sent before a cluster that keeps changing is given up.
const ATTEMPTS: u32 = 5;

/// Between two attempts while a slot is on its way, or its new owner not yet agreed on.
const PAUSE: Duration = Duration::from_millis(20);

/// A map is not asked for again sooner after a failure: every caller of a dead primary would.
const LEAST_BETWEEN_MAPS: Duration = Duration::from_millis(250);

pub(super) struct Cluster {
    config: RedisConfig,
    /// Who is asked for the map first.
    seeds: Vec<ConnectionInfo>,
    state: Mutex<State>,
    /// Held by the one who asks for a map.
    asking: tokio::sync::Mutex<Option<Instant>>,
    /// The primaries, for those who watch each.
    primaries: watch::Sender<Vec<Address>>,
}

#[derive(Default)]
struct State {
    map: Arc<SlotMap>,
    links: HashMap<Address, Link>,
}

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
    pub(super) fn new(config: &RedisConfig) -> Result<Self, StoreError> {
        let seeds: Result<Vec<_>, _> =
            config.url.split(',').map(|url| Link::address(url.trim())).collect();
        Ok(Self {
            config: config.clone(),
            seeds: seeds?,
            state: Mutex::default(),
            asking: tokio::sync::Mutex::default(),
            primaries: watch::Sender::new(Vec::new()),
        })
    }

    /// Every primary, in one order for all who ask.
    pub(super) async fn nodes(&self) -> Result<Vec<Link>, StoreError> {
        let map = self.map().await?;
        map.primaries().iter().map(|address| self.link(address)).collect()
    }

    /// The primaries by address, now and whenever they change.
    pub(super) fn primaries(&self) -> watch::Receiver<Vec<Address>> {
        self.primaries.subscribe()
    }

    /// Commands about one slot.
    pub(super) async fn send(
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
                Some(Detour::Moved) => self.ask_for_map(&map).await?,
                Some(Detour::Ask(address)) if !is_transaction(commands) => {
                    return self.send_asking(&address, commands).await;
                }
                Some(_) => sleep(PAUSE * attempt).await,
            }
        }
        Ok(replies)
    }

    /// Commands about any slots; a server that is down fails its own.
    pub(super) async fn send_each(
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
                    again.ok().and_then(|mut again| again.pop()).unwrap_or(reply)
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

    async fn send_to(
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

    async fn map(&self) -> Result<Arc<SlotMap>, StoreError> {
        let map = self.lock().map.clone();
        if !map.is_empty() {
            return Ok(map);
        }
        self.ask_for_map(&map).await?;
        Ok(self.lock().map.clone())
    }

    /// Asks for the map again, whatever is known. For those who look after it now and then.
    pub(super) async fn look_again(&self) -> Result<(), StoreError> {
        let map = self.lock().map.clone();
        self.ask_for_map(&map).await
    }

    /// Asks for the map, unless somebody else has since `old` was read.
    async fn ask_for_map(&self, old: &Arc<SlotMap>) -> Result<(), StoreError> {
        let mut asked_at = self.asking.lock().await;
        if !Arc::ptr_eq(old, &self.lock().map) {
            return Ok(());
        }
        *asked_at = Some(Instant::now());
        self.ask(None).await
    }

    /// A server did not answer: perhaps another has its slots by now. One caller asks; the others have failed
    /// and need not wait.
    async fn doubt(&self, failed: &Address) {
        let Ok(mut asked_at) = self.asking.try_lock() else { return };
        if asked_at.is_none_or(|at| at.elapsed() > LEAST_BETWEEN_MAPS) {
            *asked_at = Some(Instant::now());
            // What there is to say has been said by the call that failed.
            let _ = self.ask(Some(failed)).await;
        }
    }

    /// Whoever answers first knows. `failed` is not asked.
    async fn ask(&self, failed: Option<&Address>) -> Result<(), StoreError> {
        let known = self.lock().map.primaries();
        let seeds = self.seeds.iter().filter_map(address_of);
        let mut failure = StoreError::new(StoreErrorKind::Unavailable, "no server of the cluster");
        for address in known.into_iter().chain(seeds).filter(|address| Some(address) != failed) {
            let slots = pipeline([cmd("CLUSTER").arg("SLOTS").take()]);
            let answer = self.link(&address)?.send(&slots).await;
            match answer.and_then(|replies| Replies::new(replies).next()) {
                Ok(slots) => match SlotMap::read(slots, &address.host) {
                    Some(map) => {
                        self.learn(map);
                        return Ok(());
                    }
                    None => {
                        failure = StoreError::new(StoreErrorKind::Busy, "the cluster has no slots");
                    }
                },
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    fn learn(&self, map: SlotMap) {
        let primaries = map.primaries();
        let mut state = self.lock();
        state.links.retain(|address, _| primaries.contains(address));
        state.map = Arc::new(map);
        drop(state);
        self.primaries.send_if_modified(|known| {
            let changed = *known != primaries;
            *known = primaries;
            changed
        });
    }

    pub(super) fn link(&self, address: &Address) -> Result<Link, StoreError> {
        let mut state = self.lock();
        if let Some(link) = state.links.get(address) {
            return Ok(link.clone());
        }
        let seed = self.seeds[0].clone();
        let at = match seed.addr().clone() {
            ConnectionAddr::TcpTls { insecure, tls_params, .. } => ConnectionAddr::TcpTls {
                host: address.host.clone(),
                port: address.port,
                insecure,
                tls_params,
            },
            _ => ConnectionAddr::Tcp(address.host.clone(), address.port),
        };
        let link = Link::new(seed.set_addr(at), &self.config)?;
        state.links.insert(address.clone(), link.clone());
        Ok(link)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn address_of(seed: &ConnectionInfo) -> Option<Address> {
    match seed.addr() {
        ConnectionAddr::Tcp(host, port) | ConnectionAddr::TcpTls { host, port, .. } => {
            Some(Address { host: host.clone(), port: *port })
        }
        _ => None,
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
