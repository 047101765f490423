//! For those who pass the value on: the JSON that is stored, unread.

use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;

use super::context::{Standing, standing};
use super::look::Here;
use super::{Answer, Found, Lookup, Source};
use crate::schema::TypedKey;
use crate::server::error::{BoxError, CacheError};
use crate::server::l1::Held;
use crate::server::service::{CacheService, count};

impl CacheService {
    /// [`CacheService::get_or_compute_with`] for those who pass the value on: a hit comes back as the JSON that is
    /// stored, undecoded, with what is left of its life. What another program stored there and is no JSON is a miss.
    ///
    /// # Errors
    /// As there, [`CacheError::Decode`] apart.
    pub async fn get_or_compute_json<T, E, F, C>(
        &self,
        key: &TypedKey<T>,
        lookup: Lookup,
        compute: C,
    ) -> Result<Answer, CacheError>
    where
        T: Serialize + 'static,
        E: Into<BoxError> + 'static,
        F: Future<Output = Result<T, E>> + Send + 'static,
        C: FnOnce() -> F + Send + 'static,
    {
        let here = self.inner.here(key.as_str(), lookup);
        self.json_or_compute(key, lookup, here, compute).await
    }

    /// The same for who says what this process holds of it.
    pub(in crate::server) async fn json_or_compute<T, E, F, C>(
        &self,
        key: &TypedKey<T>,
        lookup: Lookup,
        here: Here,
        compute: C,
    ) -> Result<Answer, CacheError>
    where
        T: Serialize + 'static,
        E: Into<BoxError> + 'static,
        F: Future<Output = Result<T, E>> + Send + 'static,
        C: FnOnce() -> F + Send + 'static,
    {
        // A compute that asks for its own key is not answered by what it is to replace.
        let here = (standing(&self.inner.place, key.as_str()) == Standing::Free).then_some(here);
        let found = match here {
            Some(Here::Fresh(held)) if held.is_json() => {
                count(&held.family.counters.l1_hits);
                Found::hit(held, true)
            }
            here => self.ask(key, lookup, here, Held::is_json, compute).await?,
        };
        let fresh_for = match found.source {
            Source::Stale => Duration::ZERO,
            _ => found.held.fresh_for(Instant::now()),
        };
        Ok(Answer { body: found.held.json.clone(), fresh_for, source: found.source })
    }
}
