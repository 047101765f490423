//! Redis Cluster: a connection to each primary, and commands sent to the one that has their slot.
//!
//! A connection per primary and not the client's own cluster connection: changes are pushed on the connection
//! that writes (see [`tracking`](super::tracking)), so each has to be known by name; a pipeline may not cross
//! slots there; and a primary that is down must cost its own slots only.

mod asking;
mod places;
mod routing;
mod slots;

pub(super) use self::places::{PLACES, tag as place_tag};
pub(super) use self::slots::Address;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redis::{ConnectionAddr, ConnectionInfo};
use tokio::sync::watch;
use tokio::time::Instant;

use self::slots::{SlotMap, slot};
use super::config::RedisConfig;
use super::link::Link;
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
        state.links.insert(address.clone(), link.clone());
        Ok(link)
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
