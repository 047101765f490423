//! Asking the cluster who has which slots: when nothing is known, and when what is known may be old.

use std::sync::Arc;
use std::time::Duration;

use redis::{ConnectionAddr, ConnectionInfo, cmd};
use tokio::time::Instant;

use super::migration::has_gained;
use super::slots::{Address, SlotMap};
use super::{Cluster, State};
use crate::server::store::redis::answer::Replies;
use crate::server::store::redis::link::pipeline;
use crate::server::store::{StoreError, StoreErrorKind};

/// A map is not asked for again sooner after a failure: every caller of a dead primary would.
const LEAST_BETWEEN_MAPS: Duration = Duration::from_millis(250);

impl Cluster {
    pub(super) async fn map(&self) -> Result<Arc<SlotMap>, StoreError> {
        let map = self.lock().map.clone();
        if !map.is_empty() {
            return Ok(map);
        }
        self.ask_for_map(&map, None).await?;
        Ok(self.lock().map.clone())
    }

    /// Asks for the map again, whatever is known. For those who look after it now and then.
    pub(in super::super) async fn look_again(&self) -> Result<(), StoreError> {
        let map = self.lock().map.clone();
        self.ask_for_map(&map, None).await
    }

    /// Asks this one for the map: it knows of what others have not heard yet.
    pub(in super::super) async fn look_at(&self, address: &Address) -> Result<(), StoreError> {
        let mut asked_at = self.asking.lock().await;
        *asked_at = Some(Instant::now());
        self.learn(self.ask_at(address).await?);
        Ok(())
    }

    /// Asks for the map, unless somebody else has since `old` was read. Who has said that `old` is wrong is asked first: the
    /// others may not have heard of it yet.
    pub(super) async fn ask_for_map(
        &self,
        old: &Arc<SlotMap>,
        who_knows: Option<&Address>,
    ) -> Result<(), StoreError> {
        let mut asked_at = self.asking.lock().await;
        if !Arc::ptr_eq(old, &self.lock().map) {
            return Ok(());
        }
        *asked_at = Some(Instant::now());
        self.ask(who_knows, None).await
    }

    /// A server did not answer: perhaps another has its slots by now. One caller asks; the others have failed
    /// and need not wait.
    pub(super) async fn doubt(&self, failed: &Address) {
        let Ok(mut asked_at) = self.asking.try_lock() else { return };
        if asked_at.is_none_or(|at| at.elapsed() > LEAST_BETWEEN_MAPS) {
            *asked_at = Some(Instant::now());
            // What there is to say has been said by the call that failed.
            let _ = self.ask(None, Some(failed)).await;
        }
    }

    /// Whoever answers first knows. `failed` is not asked.
    async fn ask(
        &self,
        first: Option<&Address>,
        failed: Option<&Address>,
    ) -> Result<(), StoreError> {
        let known = first.cloned().into_iter().chain(self.lock().map.primaries());
        let seeds = self.seeds.iter().filter_map(address_of);
        let mut failure = StoreError::new(StoreErrorKind::Unavailable, "no server of the cluster");
        for address in known.chain(seeds).filter(|address| Some(address) != failed) {
            match self.ask_at(&address).await {
                Ok(map) => {
                    self.learn(map);
                    return Ok(());
                }
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    async fn ask_at(&self, address: &Address) -> Result<SlotMap, StoreError> {
        let slots = pipeline([cmd("CLUSTER").arg("SLOTS").take()]);
        let slots = Replies::new(self.link(address)?.send(&slots).await?).next()?;
        let none = || StoreError::new(StoreErrorKind::Busy, "the cluster has no slots");
        SlotMap::read(slots, &address.host).ok_or_else(none)
    }

    fn learn(&self, map: SlotMap) {
        let primaries = map.primaries();
        let mut state = self.lock();
        let State { links, moves, arrivals, map: old } = &mut *state;
        for (_, link) in links.extract_if(|address, _| !primaries.contains(address)) {
            link.standing().iter().for_each(|standing| standing.stop());
        }
        for address in &primaries {
            let (before, now) = (old.slots_of(address), map.slots_of(address));
            if before != now {
                // Of one that is new nobody believes anything yet.
                let is_known = moves.contains_key(address);
                *arrivals += u64::from(is_known && has_gained(&before, &now));
                *moves.entry(address.clone()).or_default() += 1;
            }
        }
        state.map = Arc::new(map);
        drop(state);
        self.primaries.send_if_modified(|known| {
            let changed = *known != primaries;
            *known = primaries;
            changed
        });
    }
}

fn address_of(seed: &ConnectionInfo) -> Option<Address> {
    match seed.addr() {
        ConnectionAddr::Tcp(host, port) | ConnectionAddr::TcpTls { host, port, .. } => {
            Some(Address::new(host, *port))
        }
        _ => None,
    }
}
