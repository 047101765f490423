//! Keys of one family, answered together by one analyst, as far as there is room for them.

use std::collections::HashMap;
use std::sync::Arc;

use samekey::schema::{KeyError, TypedKey};
use samekey::server::jobs::{Priority, Warmup};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::analytics::{Analyst, AnalyticsError};
use crate::demo::Demo;

/// A warm-up as it grows.
pub(super) struct Batches {
    pub(super) warmup: Warmup,
    demo: Demo,
    most: usize,
}

impl Batches {
    /// No keys yet, and at most so many.
    pub(super) fn new(demo: &Demo, most: usize) -> Self {
        Self { warmup: Warmup::new(), demo: demo.clone(), most }
    }

    /// Whether no more keys are wanted.
    pub(super) fn are_full(&self) -> bool {
        self.warmup.len() >= self.most
    }

    /// One answer for each of `subjects`.
    pub(super) fn each<P, T>(
        &mut self,
        priority: Priority,
        subjects: impl IntoIterator<Item = P>,
        key: impl Fn(&P) -> Result<TypedKey<T>, KeyError>,
        answer: impl Fn(&Analyst<'_>, &P) -> Result<T, AnalyticsError> + Send + Sync + 'static,
    ) -> Result<(), KeyError>
    where
        P: Clone + Send + Sync + 'static,
        T: Serialize + DeserializeOwned + Send + Sync + 'static,
    {
        self.together(priority, subjects, key, move |analyst, subjects| {
            subjects.iter().map(|subject| answer(analyst, subject)).collect()
        })
    }

    /// One answer for each of `subjects`, in their order, by a question that takes many of them.
    pub(super) fn together<P, T>(
        &mut self,
        priority: Priority,
        subjects: impl IntoIterator<Item = P>,
        key: impl Fn(&P) -> Result<TypedKey<T>, KeyError>,
        answers: impl Fn(&Analyst<'_>, &[P]) -> Result<Vec<T>, AnalyticsError> + Send + Sync + 'static,
    ) -> Result<(), KeyError>
    where
        P: Clone + Send + Sync + 'static,
        T: Serialize + DeserializeOwned + Send + Sync + 'static,
    {
        let room = self.most.saturating_sub(self.warmup.len());
        let mut keys = Vec::new();
        let mut subject_of = HashMap::new();
        for subject in subjects.into_iter().take(room) {
            let key = key(&subject)?;
            subject_of.insert(key.as_str().to_owned(), subject);
            keys.push(key);
        }
        let (demo, subject_of, answers) =
            (self.demo.clone(), Arc::new(subject_of), Arc::new(answers));
        let compute = move |missing: Vec<TypedKey<T>>| {
            let (demo, answers) = (demo.clone(), answers.clone());
            let subjects = missing.iter().filter_map(|key| subject_of.get(key.as_str()).cloned());
            let subjects: Vec<P> = subjects.collect();
            async move {
                let answered = demo.ask(move |analyst| answers(&analyst, &subjects)).await?;
                Ok::<_, samekey::server::http::Problem>(missing.into_iter().zip(answered).collect())
            }
        };
        self.warmup = std::mem::take(&mut self.warmup).add_many(priority, &keys, compute);
        Ok(())
    }
}
