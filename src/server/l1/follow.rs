//! What others change in the store, followed in this process.

use std::sync::Weak;

use tokio::sync::mpsc::UnboundedReceiver;

use crate::server::service::Inner;
use crate::server::store::Change;

/// Follows `changes` as long as the service lives and the store tells.
pub(crate) async fn follow(service: Weak<Inner>, mut changes: UnboundedReceiver<Change>) {
    while let Some(change) = changes.recv().await {
        // The task must not be what keeps the service alive.
        let Some(service) = service.upgrade() else { return };
        match change {
            Change::Keys(keys) => keys.iter().for_each(|key| service.changed_elsewhere(key)),
            Change::Everything => service.everything_changed_elsewhere(),
            Change::Disarmed => service.l1.set_armed(false),
            Change::Armed => service.l1.set_armed(true),
        }
    }
    if let Some(service) = service.upgrade() {
        // The store has stopped telling.
        service.l1.set_armed(false);
    }
}
