//! Who follows what others change, and what they are told.
//!
//! Each server has a watch of its own ([`tracking`](super::tracking)) that reports here. Followers are told of
//! changes only while every server is watched: one that is not may hold any key.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;

use super::names::Names;
use crate::server::store::Change;

/// The followers of one store.
pub(super) struct Changes {
    names: Names,
    state: Mutex<State>,
    /// What the servers are asked to tell; watched by those who ask them. `None` before the first follower.
    prefixes: watch::Sender<Option<Vec<String>>>,
}

#[derive(Default)]
struct State {
    followers: Vec<UnboundedSender<Change>>,
    /// By address, whether it is watched.
    servers: HashMap<String, bool>,
    /// Whether the followers are being told.
    armed: bool,
}

impl Changes {
    pub(super) fn new(names: Names) -> Arc<Self> {
        let prefixes = watch::Sender::new(None);
        Arc::new(Self { names, state: Mutex::default(), prefixes })
    }

    /// A new follower of the keys that begin with any of `prefixes`.
    pub(super) fn follow(&self, prefixes: &[&str]) -> UnboundedReceiver<Change> {
        let (sender, receiver) = unbounded_channel();
        let wider = self.prefixes.send_if_modified(|known| {
            let all = [""];
            let asked = if prefixes.is_empty() { &all[..] } else { prefixes };
            let asked = asked.iter().map(|prefix| self.names.data(prefix));
            let union = apart(known.iter().flatten().cloned().chain(asked));
            let wider = known.as_ref() != Some(&union);
            *known = Some(union);
            wider
        });
        let mut state = self.lock();
        if state.armed && wider {
            state.disarm();
        }
        let now = if state.armed { Change::Armed } else { Change::Disarmed };
        // The receiver is in hand, so neither send can fail.
        let _ = sender.send(now);
        state.followers.push(sender);
        receiver
    }

    /// What the servers are asked to tell, as prefixes of names.
    pub(super) fn prefixes(&self) -> watch::Receiver<Option<Vec<String>>> {
        self.prefixes.subscribe()
    }

    /// The servers that there are; new ones are not watched yet.
    pub(super) fn servers(&self, addresses: &[String]) {
        let mut state = self.lock();
        state.servers.retain(|address, _| addresses.contains(address));
        for address in addresses {
            state.servers.entry(address.clone()).or_insert(false);
        }
        state.settle();
    }

    pub(super) fn watched(&self, address: &str, is_watched: bool) {
        let mut state = self.lock();
        if let Some(watched) = state.servers.get_mut(address) {
            *watched = is_watched;
        }
        state.settle();
    }

    /// These names were changed. Leases and lists are nobody's copies.
    pub(super) fn changed<'a>(&self, names: impl Iterator<Item = &'a str>) {
        let keys: Vec<_> =
            names.filter_map(|name| self.names.key(name)).map(str::to_owned).collect();
        if !keys.is_empty() {
            self.tell(&Change::Keys(keys));
        }
    }

    pub(super) fn tell(&self, change: &Change) {
        let mut state = self.lock();
        // Who is disarmed is told that everything may have changed before being armed again.
        if state.armed {
            state.tell(change);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn settle(&mut self) {
        let all = !self.servers.is_empty() && self.servers.values().all(|watched| *watched);
        match (self.armed, all) {
            (true, false) => self.disarm(),
            (false, true) => {
                self.armed = true;
                // The flush comes when changes are told again and not before: what is read in between
                // may be changed unseen.
                self.tell(&Change::Everything);
                self.tell(&Change::Armed);
            }
            _ => {}
        }
    }

    fn disarm(&mut self) {
        self.armed = false;
        self.tell(&Change::Disarmed);
    }

    fn tell(&mut self, change: &Change) {
        self.followers.retain(|follower| follower.send(change.clone()).is_ok());
    }
}

/// The same prefixes without those that another one includes: Redis refuses prefixes that overlap.
fn apart(prefixes: impl Iterator<Item = String>) -> Vec<String> {
    let mut sorted: Vec<_> = prefixes.collect();
    sorted.sort_unstable();
    let mut apart: Vec<String> = Vec::new();
    for prefix in sorted {
        if !apart.last().is_some_and(|last| prefix.starts_with(last.as_str())) {
            apart.push(prefix);
        }
    }
    apart
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_that_another_includes_are_left_out() {
        let apart = |prefixes: &[&str]| apart(prefixes.iter().map(ToString::to_string));
        assert_eq!(apart(&["ws:", "exec:", "exec:kpis:", "exec:"]), ["exec:", "ws:"]);
        assert_eq!(apart(&["exec", "exec:"]), ["exec"]);
        assert_eq!(apart(&["exec:", ""]), [""]);
    }
}
