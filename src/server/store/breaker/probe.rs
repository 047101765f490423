//! The one who asks a server whether it is back, so that no caller has to.

use tokio::runtime::Handle;
use tokio::time::{sleep, timeout};

use super::switch::Switch;
use super::{BreakerStore, Store, StoreErrorKind};

impl<S: Store> BreakerStore<S> {
    pub(super) fn probe_until_it_answers(&self, switch: Switch) {
        let (store, breaker) = (std::sync::Arc::downgrade(&self.store), self.breaker.clone());
        // Its end by force, with the runtime that it runs in, must not leave the circuit open for ever.
        let closing = CloseAtTheEnd(Some(switch.clone()));
        let probe = async move {
            loop {
                sleep(switch.next_pause()).await;
                let Some(store) = store.upgrade() else { return };
                switch.begin_probe();
                let ping = match (switch.shard(), store.sharded()) {
                    (Some(shard), Some(servers)) => servers.ping_shard(shard),
                    _ => store.ping(),
                };
                let failure = match timeout(switch.probe_timeout(), ping).await {
                    Ok(answer) => answer.err().map(|error| error.kind()),
                    Err(_) => Some(StoreErrorKind::Timeout),
                };
                if let (Some(shard), Some(servers)) = (switch.shard(), store.sharded()) {
                    let shards = servers.shards();
                    if !shards.contains(shard) {
                        breaker.forget_others(&shards);
                    }
                }
                if switch.is_retired() || switch.end_probe(failure) {
                    return closing.dismiss();
                }
            }
        };
        // A future that is dropped outside of a runtime may get here; then the circuit closes at once.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(probe);
        }
    }
}

/// Closes the circuit when the probing ends before it has said so.
struct CloseAtTheEnd(Option<Switch>);

impl CloseAtTheEnd {
    fn dismiss(mut self) {
        self.0 = None;
    }
}

impl Drop for CloseAtTheEnd {
    fn drop(&mut self) {
        if let Some(switch) = &self.0 {
            switch.end_probe(None);
        }
    }
}
