//! Redis Cluster: a connection to each primary, and commands sent to the one that has their slot.
//!
//! A connection per primary and not the client's own cluster connection: changes are pushed on the connection
//! that writes (see [`tracking`](super::tracking)), so each has to be known by name; a pipeline may not cross
//! slots there; and a primary that is down must cost its own slots only.
//!
//! `slots`: the map; `asking`, `masters`: where it comes from, and who else takes writes. `routing`: commands by it, and
//! after it. `places`: names that are on every server. `migration`: keys that move.

mod asking;
mod masters;
mod migration;
mod places;
mod routing;
mod slots;

pub(super) use self::masters::{Masters, masters};
pub(super) use self::migration::Traffic;
pub(super) use self::places::{PLACES, tag as place_tag};
pub(super) use self::slots::Address;

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redis::{ConnectionAddr, ConnectionInfo};
use tokio::sync::watch;
use tokio::time::Instant;

use self::slots::{SlotMap, slot};
use super::config::RedisConfig;
use super::link::Link;
use super::names::Names;
use super::standing::Standing;
use crate::server::store::{Shard, StoreError, StoreErrorKind};

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
    /// How often the slots of a server were found to be others than before.
    moves: HashMap<Address, u64>,
    /// How often keys were found to have gone to servers that had been there before.
    arrivals: u64,
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
    pub(super) async fn named_nodes(&self) -> Result<Vec<(String, Link)>, StoreError> {
        let map = self.map().await?;
        let named = |address: &Address| Ok((address.to_string(), self.link(address)?));
        map.by_slots().iter().map(named).collect()
    }

    /// The primaries by address, now and whenever they change.
    pub(super) fn primaries(&self) -> watch::Receiver<Vec<Address>> {
        self.primaries.subscribe()
    }

    /// The primaries that were last told of; asks nobody.
    pub(super) fn shards(&self) -> Vec<Shard> {
        self.lock().map.primaries().iter().map(Address::shard).collect()
    }

    /// The primary that has the slot of `name`, as was last told; asks nobody.
    pub(super) fn shard_of(&self, name: &str) -> Option<Shard> {
        self.lock().map.primary(slot(name)).map(Address::shard)
    }

    /// A connection to one of the primaries that were last told of.
    pub(super) fn link_to(&self, shard: &Shard) -> Result<(Address, Link), StoreError> {
        let primaries = self.lock().map.primaries();
        let Some(address) = primaries.into_iter().find(|address| address.shard() == *shard) else {
            return Err(StoreError::new(StoreErrorKind::Unavailable, "no primary of the cluster"));
        };
        let link = self.link(&address)?;
        Ok((address, link))
    }

    pub(super) fn link(&self, address: &Address) -> Result<Link, StoreError> {
        let mut state = self.lock();
        if let Some(link) = state.links.get(address) {
            return Ok(link.clone());
        }
        let link = Link::new(self.info(address), &self.config)?;
        // What is known of its lists ends with the connection.
        link.overhear(Standing::in_cluster(Names::new(&self.config.namespace)));
        state.links.insert(address.clone(), link.clone());
        Ok(link)
    }

    /// How often the slots of this server were found to be others than before.
    pub(super) fn moves(&self, address: &Address) -> u64 {
        self.lock().moves.get(address).copied().unwrap_or(0)
    }

    /// How often keys were found to have gone to servers that had been there before.
    pub(super) fn arrivals(&self) -> u64 {
        self.lock().arrivals
    }

    /// Keys have left servers that were asked for others that were not.
    pub(super) fn note_arrivals(&self) {
        self.lock().arrivals += 1;
    }

    /// The slots of a server by the map, from first to last.
    pub(super) fn slots_of(&self, address: &Address) -> Vec<(u16, u16)> {
        self.lock().map.slots_of(address)
    }

    /// A value of ours was stored that may be on no list of its server's.
    pub(super) fn note(&self, name: &str, key: &str) {
        let state = self.lock();
        let link = state.map.primary(slot(name)).and_then(|at| state.links.get(at));
        link.and_then(Link::standing).iter().for_each(|standing| standing.note(key));
    }

    /// The names by which the primaries that were last told of know one another.
    pub(super) fn ids(&self) -> BTreeSet<String> {
        self.lock().map.ids().clone()
    }

    /// The lists of all servers are to be completed anew.
    pub(super) fn doubt_lists(&self) {
        for link in self.lock().links.values() {
            link.standing().iter().for_each(|standing| standing.doubt());
        }
    }

    /// Ends what goes on behind the calls, with the store.
    pub(super) fn stop(&self) {
        for link in self.lock().links.values() {
            link.standing().iter().for_each(|standing| standing.stop());
        }
    }

    /// A connection to a server that has no slot yet, but keys that were sent on to it; by `host:port`.
    pub(super) fn link_ahead(&self, address: &str) -> Result<Link, StoreError> {
        let unknown = || StoreError::new(StoreErrorKind::Busy, "keys are on their way");
        self.link(&Address::parse(address, "").filter(Address::is_named).ok_or_else(unknown)?)
    }

    /// How to reach one of the primaries that were last told of.
    pub(super) fn info_of(&self, shard: &Shard) -> Result<ConnectionInfo, StoreError> {
        self.link_to(shard).map(|(address, _)| self.info(&address))
    }

    /// As the first seed is reached, but there.
    fn info(&self, address: &Address) -> ConnectionInfo {
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
        seed.set_addr(at)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
