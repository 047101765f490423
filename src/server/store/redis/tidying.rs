//! Striking off the lists what they need not name.
//!
//! Writes do it as they come, but lists that nobody writes to any more, and that do not expire, wait for this.

use redis::{Cmd, cmd};

use super::RedisStore;
use super::link::Link;
use super::walk::Walk;
use crate::server::store::{StoreError, Tidied};

impl RedisStore {
    /// On every server that answers.
    pub(super) async fn tidy_lists(&self) -> Result<Tidied, StoreError> {
        let mut tidied = Tidied::default();
        for (address, node) in self.server.named_nodes().await? {
            if let Err(error) = self.tidy_on(node, &mut tidied.struck).await {
                tidied.missing.push(self.missing(&address, error).await?);
            }
        }
        Ok(tidied)
    }

    /// All lists of one server, and its registers of leases. One that names nothing is gone.
    async fn tidy_on(&self, node: Link, struck: &mut u64) -> Result<(), StoreError> {
        let mut walk = Walk::new(node, self.names.list_glob());
        while let Some(lists) = walk.next().await? {
            for list in lists {
                let keys = if self.names.is_index(&list) {
                    let range: Cmd = cmd("ZRANGE").arg(&list).arg(0).arg(-1).take();
                    self.server.query(&list, &range).await?
                } else if self.names.is_register(&list) {
                    // What a lease has is not its key's value.
                    Vec::new()
                } else {
                    continue;
                };
                *struck += self.strike_off(&list, &keys).await?;
            }
        }
        Ok(())
    }
}
