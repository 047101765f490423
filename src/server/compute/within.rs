//! A compute that asks for its own key: a cached function called by the compute of a route with the same key, or by a
//! warm-up. To wait would be to wait for itself, so it is computed there and then. Whoever asked from outside stores it.
//! The same goes for a key whose compute, asked for by somebody else, waits for this one (`waits`).

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::ask::Question;
use super::context::{Standing, computing_within, standing};
use super::{Compute, Found, Landing, Source};
use crate::server::error::CacheError;
use crate::server::l1::Held;
use crate::server::service::Inner;
use crate::server::ttl::Ttl;

impl Inner {
    /// The answer to a question that a compute of its own key asks; `Err` gives the compute back where it is none.
    ///
    /// Nothing is looked up: what is stored is what the compute is to replace.
    pub(super) async fn answer_within(
        &self,
        question: &Question,
        compute: Compute,
    ) -> Result<Landing, Compute> {
        match standing(&self.place, &question.key) {
            Standing::Free => Err(compute),
            Standing::Circle => Ok(Err(CacheError::ComputeCircle { key: question.key.clone() })),
            Standing::OwnKey => Ok(self.compute_within(question, compute).await),
        }
    }

    /// The answer to a compute that cannot wait for the flight of what it asks for: that one waits for it.
    pub(super) async fn answer_in_a_circle(
        &self,
        question: &Question,
        compute: Option<Compute>,
    ) -> Landing {
        match compute {
            Some(compute) => self.compute_within(question, compute).await,
            None => Err(CacheError::ComputeCircle { key: question.key.clone() }),
        }
    }

    async fn compute_within(&self, question: &Question, compute: Compute) -> Landing {
        let Question { key, family, ttl, .. } = question;
        let json = computing_within(&self.place, key, async { compute().await }).await?;
        let now = Instant::now();
        let held = Held::new(key, json, family.clone(), now, Ttl::cut(*ttl), Duration::ZERO);
        Ok(Found { held: Arc::new(held), source: Source::Miss, in_process: false, waited: false })
    }
}
