//! What a node says to the log: each notice with the node's name and a number.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::hub::Hub;
use super::outbox::Outbox;
use super::parts::{fitting, in_parts};
use super::{Notice, Origin, Reason};
use crate::schema::Pattern;

pub(super) struct Speaker {
    hub: Arc<Hub>,
    outbox: Arc<Outbox>,
    /// Random, new at each start.
    node: Arc<str>,
    number: AtomicU64,
}

impl Speaker {
    pub(super) fn new(hub: Arc<Hub>) -> Self {
        let node = format!("{:016x}", fastrand::u64(..)).into();
        Self { outbox: Outbox::new(hub.clone()), hub, node, number: AtomicU64::new(0) }
    }

    pub(super) fn node(&self) -> Arc<str> {
        self.node.clone()
    }

    /// In as many notices as it takes. When this returns they are in the log, or wait for it.
    pub(super) async fn announce(
        &self,
        patterns: Vec<Pattern>,
        reason: Reason,
        scope: Vec<(String, String)>,
    ) {
        if patterns.is_empty() {
            return;
        }
        let scope = fitting(scope);
        for patterns in in_parts(patterns, &self.hub.schema) {
            let number = self.number.fetch_add(1, Relaxed);
            let origin = Origin { node: self.node.clone(), number };
            let (reason, scope) = (reason.clone(), scope.clone());
            self.outbox.send(Notice { patterns, reason, scope, origin }).await;
        }
    }

    /// Comes when the log has been told all that was said.
    pub(super) async fn silent(&self) {
        self.outbox.emptied().await;
    }
}
