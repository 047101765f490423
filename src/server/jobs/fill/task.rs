//! Keys and how their values are computed: one key, or many in one compute.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::future::join_all;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::schema::TypedKey;
use crate::server::compute::unasked;
use crate::server::{BoxError, CacheError, CacheService, Lookup};

/// Of each key that was to be filled, whether there was a value for it.
type Filling = Pin<Box<dyn Future<Output = Result<Vec<bool>, CacheError>> + Send>>;

/// Of a task's keys, those at these places.
type Fill = dyn Fn(CacheService, Lookup, Vec<usize>) -> Filling + Send + Sync;

/// Keys that are computed together, whatever the type of their values.
#[derive(Clone)]
pub(in crate::server::jobs) struct Task {
    keys: Arc<[Box<str>]>,
    fill: Arc<Fill>,
}

impl Task {
    /// One key.
    pub(in crate::server::jobs) fn one<T, E, F, C>(key: &TypedKey<T>, compute: C) -> Self
    where
        T: Serialize + DeserializeOwned + Send + Sync + 'static,
        E: Into<BoxError> + 'static,
        F: Future<Output = Result<T, E>> + Send + 'static,
        C: Fn() -> F + Send + Sync + 'static,
    {
        let (keys, key, compute) = ([key.as_str().into()].into(), key.clone(), Arc::new(compute));
        let fill = move |cache: CacheService, lookup, _| -> Filling {
            let (key, compute) = (key.clone(), compute.clone());
            Box::pin(async move {
                unasked(cache.get_or_compute_json(&key, lookup, move || compute())).await?;
                Ok(vec![true])
            })
        };
        Self { keys, fill: Arc::new(fill) }
    }

    /// Many keys of one compute, which gets those that are missing.
    pub(in crate::server::jobs) fn many<T, E, F, C>(keys: &[TypedKey<T>], compute: C) -> Self
    where
        T: Serialize + DeserializeOwned + Send + Sync + 'static,
        E: Into<BoxError> + 'static,
        F: Future<Output = Result<Vec<(TypedKey<T>, T)>, E>> + Send + 'static,
        C: Fn(Vec<TypedKey<T>>) -> F + Send + Sync + 'static,
    {
        let names = keys.iter().map(|key| key.as_str().into()).collect();
        let (keys, compute): (Arc<[_]>, _) = (keys.into(), Arc::new(compute));
        let fill = move |cache: CacheService, lookup, places: Vec<usize>| -> Filling {
            let wanted: Vec<_> = places.into_iter().map(|place| keys[place].clone()).collect();
            let compute = compute.clone();
            Box::pin(async move {
                let compute = move |missing| compute(missing);
                let values = cache.get_many_or_compute_with(&wanted, lookup, compute);
                let values = unasked(values).await?;
                Ok(values.into_iter().map(|value| value.is_some()).collect())
            })
        };
        Self { keys: names, fill: Arc::new(fill) }
    }

    /// How many keys it has.
    pub(in crate::server::jobs) fn len(&self) -> usize {
        self.keys.len()
    }

    /// The only key of a task of one.
    pub(in crate::server::jobs) fn key(&self) -> &str {
        self.keys.first().map_or("", |key| key)
    }

    pub(super) fn name(&self, place: usize) -> &str {
        &self.keys[place]
    }

    /// Of the keys at `places`, whether they are there: on one connection little more than one round trip.
    pub(super) async fn present(
        &self,
        cache: &CacheService,
        places: &[usize],
    ) -> Result<Vec<bool>, CacheError> {
        let asked = places.iter().map(|place| cache.exists(&*self.keys[*place]));
        join_all(asked).await.into_iter().collect()
    }

    pub(super) fn fill(&self, cache: CacheService, lookup: Lookup, places: Vec<usize>) -> Filling {
        (self.fill)(cache, lookup, places)
    }
}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&*self.keys).finish()
    }
}
