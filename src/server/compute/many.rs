//! Many keys at once: what a caller asks, and what comes back. `find_many` is the way between.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tracing::Instrument;

use super::ask::Question;
use super::batch::{Computed, ManyCompute};
use super::traced::note_outcome;
use super::{Lookup, unreadable};
use crate::schema::TypedKey;
use crate::server::error::{BoxError, CacheError};
use crate::server::l1::Held;
use crate::server::service::{CacheService, encode};
use crate::server::telemetry::spans;

impl CacheService {
    /// The values under `keys`, in their order; what is missing is computed by one call of `compute`, which gets the
    /// keys it is to compute and returns those it has values for. `None` for a key that it returned nothing for, and
    /// nothing is stored then.
    ///
    /// One round trip asks for all; each computed key has its own lease, so that an invalidation which comes meanwhile
    /// voids the keys it means and no others. What is computed elsewhere in this process is waited for; what another
    /// process computes is computed here too, and not stored. A batch takes one turn of
    /// [`Policy::max_computes`](super::super::Policy).
    ///
    /// `compute` may be called again when others who were to compute some of the keys gave up.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # use samekey::schema::{Key, Schema, TypedKey};
    /// # use samekey::server::{CacheError, CacheService, MemoryStore};
    /// # use std::time::Duration;
    /// # let schema = Schema { name: "doc".into(), ttl_classes: vec![], entities: vec![], families: vec![], events: vec![] };
    /// # let cache = CacheService::new(&schema, MemoryStore::default());
    /// # let runs_key = |workspace: &str| Ok::<_, CacheError>(TypedKey::<u64>::new(Key::new(["exec", "runs", workspace])?, "runs", Duration::from_secs(60)));
    /// let keys = [runs_key("ws1")?, runs_key("ws2")?, runs_key("ws3")?];
    /// let runs = cache.get_many_or_compute(&keys, |missing| async move {
    ///     // One query for all of them; ws3 is not in the database.
    ///     let found = missing.into_iter().filter(|key| !key.as_str().ends_with("ws3"));
    ///     Ok::<_, CacheError>(found.map(|key| (key, 42)).collect::<Vec<_>>())
    /// }).await?;
    /// assert_eq!(runs, [Some(42.into()), Some(42.into()), None]);
    /// # Ok::<(), CacheError>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// As [`CacheService::get_or_compute`]; one key's error is the call's, unless a stale value can stand in.
    ///
    /// # Panics
    /// Outside a Tokio runtime.
    pub async fn get_many_or_compute<T, E, F, C>(
        &self,
        keys: &[TypedKey<T>],
        compute: C,
    ) -> Result<Vec<Option<Arc<T>>>, CacheError>
    where
        T: Serialize + DeserializeOwned + Send + Sync + 'static,
        E: Into<BoxError> + 'static,
        F: Future<Output = Result<Vec<(TypedKey<T>, T)>, E>> + Send + 'static,
        C: Fn(Vec<TypedKey<T>>) -> F + Send + Sync + 'static,
    {
        self.get_many_or_compute_with(keys, Lookup::Use, compute).await
    }

    /// [`CacheService::get_many_or_compute`] with a say in how much of the cache is used.
    ///
    /// # Errors
    /// As there.
    pub async fn get_many_or_compute_with<T, E, F, C>(
        &self,
        keys: &[TypedKey<T>],
        lookup: Lookup,
        compute: C,
    ) -> Result<Vec<Option<Arc<T>>>, CacheError>
    where
        T: Serialize + DeserializeOwned + Send + Sync + 'static,
        E: Into<BoxError> + 'static,
        F: Future<Output = Result<Vec<(TypedKey<T>, T)>, E>> + Send + 'static,
        C: Fn(Vec<TypedKey<T>>) -> F + Send + Sync + 'static,
    {
        let readable = |held: &Held| held.value::<T>().is_some();
        let question = |key: &TypedKey<T>| Question {
            family: self.inner.families.named(key.family()).clone(),
            key: key.as_str().to_owned(),
            ttl: key.ttl(),
            lookup,
            readable,
            is_behind: false,
        };
        let questions = keys.iter().map(question).collect();
        let (list, compute): (Arc<[_]>, _) = (keys.into(), Arc::new(compute));
        let call = || -> ManyCompute {
            let (list, compute) = (list.clone(), compute.clone());
            Box::new(move |places| {
                let keys: Vec<_> = places.into_iter().map(|place| list[place].clone()).collect();
                Box::pin(async move {
                    let names: Vec<_> = keys.iter().map(TypedKey::as_str).collect();
                    let names = names.join(" ");
                    let values = compute(keys).await.map_err(|error| CacheError::Compute {
                        key: names,
                        source: Arc::from(error.into()),
                    })?;
                    let encoded = values
                        .iter()
                        .map(|(key, value)| (key.as_str().to_owned(), encode(key.as_str(), value)));
                    Ok(encoded.collect::<Computed>())
                })
            })
        };
        let span = spans::get_many_or_compute(keys.len(), lookup);
        let finding = self.inner.find_many(questions, lookup, call).instrument(span.clone());
        let found = finding.await.inspect_err(|error| spans::failed(&span, error.code()))?;
        note_outcome(&span, &found);
        let values = keys.iter().zip(found).map(|(key, found)| {
            let Some(found) = found else { return Ok(None) };
            let value = found.held.value();
            value.map(Some).ok_or_else(|| unreadable::<T>(key.as_str(), &found.held.json))
        });
        values.collect()
    }
}
