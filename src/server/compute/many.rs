//! Many keys at once: one look into the store, one compute for what is missing.

use std::sync::Arc;

use futures_util::future::join_all;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, timeout_at};

use super::ask::{Here, Look, Question};
use super::batch::{Batch, Computed, ManyCompute};
use super::single_flight::Arrival;
use super::task::{Purpose, Task};
use super::{Found, Lookup, Source, unreadable};
use crate::schema::TypedKey;
use crate::server::error::{BoxError, CacheError};
use crate::server::l1::Held;
use crate::server::service::{CacheService, Inner, WhenDown, encode};

/// How often what others were to compute is asked for again.
const ROUNDS: usize = 4;

/// One key of many, and how far it has come.
struct Wanted {
    question: Question,
    /// What may be served if nothing better comes.
    stale: Option<Arc<Held>>,
    purpose: Option<Purpose>,
    answer: Option<Found>,
}

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
        let found = self.inner.find_many(questions, lookup, call).await?;
        let values = keys.iter().zip(found).map(|(key, found)| {
            let Some(found) = found else { return Ok(None) };
            let value = found.held.value();
            value.map(Some).ok_or_else(|| unreadable::<T>(key.as_str(), &found.held.json))
        });
        values.collect()
    }
}

impl Inner {
    async fn find_many(
        self: &Arc<Self>,
        questions: Vec<Question>,
        lookup: Lookup,
        compute: impl Fn() -> ManyCompute,
    ) -> Result<Vec<Option<Found>>, CacheError> {
        let Some(first) = questions.first() else { return Ok(Vec::new()) };
        let deadline = Instant::now() + first.family.policy.hard_timeout;
        let unasked = |question| Wanted { question, stale: None, purpose: None, answer: None };
        let mut all: Vec<_> = questions.into_iter().map(unasked).collect();
        let mut open: Vec<usize> = (0..all.len()).collect();
        for round in 0..ROUNDS {
            self.look_many(&mut all, &open, lookup).await?;
            open.retain(|place| all[*place].answer.is_none());
            open = self.compute_many(&mut all, open, lookup, &compute, round > 0, deadline).await?;
            if open.is_empty() {
                break;
            }
        }
        // What others gave up again and again is not there; or stale, which is better.
        for wanted in &mut all {
            if let (None, Some(held)) = (&wanted.answer, wanted.stale.take()) {
                wanted.answer = Some(Found::stale(held));
            }
            self.count_found(&wanted.question, wanted.answer.as_ref());
        }
        Ok(all.into_iter().map(|wanted| wanted.answer).collect())
    }

    /// Looks for the open ones here and, in one round trip, in the store; says of the rest what their compute is for.
    async fn look_many(
        &self,
        all: &mut [Wanted],
        open: &[usize],
        lookup: Lookup,
    ) -> Result<(), CacheError> {
        let purpose = match lookup {
            Lookup::Use => None,
            Lookup::Refresh => Some(Purpose::Anew),
            Lookup::Skip => Some(Purpose::Unstored),
        };
        if let Some(purpose) = purpose {
            for place in open {
                all[*place].purpose = Some(purpose.clone());
            }
            return Ok(());
        }
        let mut absent = Vec::new();
        for &place in open {
            let wanted = &mut all[place];
            match self.here(&wanted.question.key, lookup) {
                Here::Fresh(held) | Here::Due(held) if (wanted.question.readable)(&held) => {
                    wanted.answer = Some(Found { held, source: Source::Hit, in_process: true });
                }
                _ => absent.push(place),
            }
        }
        if absent.is_empty() {
            return Ok(());
        }
        let asked: Vec<_> = absent.iter().map(|place| &all[*place].question).collect();
        let asked: Vec<_> = asked.iter().map(|of| (of.key.as_str(), &of.family)).collect();
        match self.read_many(&asked).await {
            Ok(read) => {
                for (&place, held) in absent.iter().zip(read) {
                    let wanted = &mut all[place];
                    match self.judge(&wanted.question, held) {
                        Look::Fresh(held) | Look::Due(held) => {
                            wanted.answer =
                                Some(Found { held, source: Source::Hit, in_process: false });
                        }
                        Look::Old(held) => {
                            wanted.stale = Some(held);
                            wanted.purpose = Some(Purpose::Fill { replace: true });
                        }
                        Look::Missing { replace } => {
                            wanted.purpose = Some(Purpose::Fill { replace });
                        }
                        Look::Down(error) => return Err(error),
                    }
                }
            }
            Err(error) => {
                for place in absent {
                    let wanted = &mut all[place];
                    let held = self.l1.get_unarmed(&wanted.question.key);
                    let held = held.filter(|held| held.may_be_kept(Instant::now()));
                    match (wanted.question.family.policy.when_down, held) {
                        (WhenDown::Fail, _) => return Err(error),
                        (WhenDown::Stale, Some(held)) => {
                            wanted.answer = Some(Found::stale(held));
                        }
                        _ => wanted.purpose = Some(Purpose::StoreDown),
                    }
                }
            }
        }
        Ok(())
    }

    /// Has the open ones computed, here or by whoever is at it; those that are still open after it.
    async fn compute_many(
        self: &Arc<Self>,
        all: &mut [Wanted],
        open: Vec<usize>,
        lookup: Lookup,
        compute: impl Fn() -> ManyCompute,
        again: bool,
        deadline: Instant,
    ) -> Result<Vec<usize>, CacheError> {
        let mut waits = Vec::with_capacity(open.len());
        let mut tasks = Vec::new();
        for place in open {
            let wanted = &mut all[place];
            let Question { key, .. } = &wanted.question;
            let Some(purpose) = wanted.purpose.take() else { continue };
            let (pilot, ticket) = match lookup {
                Lookup::Use => self.flights.board(key),
                Lookup::Refresh => self.flights.overtake(key),
                Lookup::Skip => self.flights.apart(key),
            };
            if let Some(pilot) = pilot {
                let task = Task::new(self.clone(), wanted.question.clone(), purpose, pilot);
                tasks.push((place, task.in_batch()));
            }
            waits.push((place, ticket));
        }
        let mut absent = Vec::new();
        let computing = (!tasks.is_empty()).then(|| {
            let batch = Batch { inner: self.clone(), tasks };
            self.tasks.spawn(batch.run(compute()))
        });
        let arrivals = waits.into_iter().map(|(place, ticket)| async move {
            (place, timeout_at(deadline, ticket.arrival(again)).await)
        });
        let arrivals = join_all(arrivals).await;
        let mut open = Vec::new();
        for (place, arrival) in arrivals {
            let Wanted { question, stale, answer, .. } = &mut all[place];
            let error = match arrival {
                Ok(Arrival::Answer(Ok(found))) => {
                    *answer = Some(found);
                    continue;
                }
                Ok(Arrival::AskAgain) => {
                    open.push(place);
                    continue;
                }
                Ok(Arrival::Answer(Err(error))) => error,
                Ok(Arrival::Lost) => CacheError::ComputePanicked { key: question.key.clone() },
                Err(_) => self.too_slow(question),
            };
            match stale.take() {
                Some(held) => *answer = Some(Found::stale(held)),
                None => return Err(error),
            }
        }
        if let Some(computing) = computing
            && !open.is_empty()
        {
            // It has landed every flight, so this is over in a moment.
            absent = computing.await.unwrap_or_default();
        }
        // There is no value for these, whoever else wants them.
        open.retain(|place| !absent.contains(place));
        for place in absent {
            all[place].stale = None;
        }
        Ok(open)
    }
}
