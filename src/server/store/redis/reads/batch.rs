//! Those who go together: what they ask, how long they wait, what each is told.

use std::collections::{HashMap, VecDeque};
use std::pin::pin;

use futures_util::future::{Either, join_all};
use quick_cache::DefaultHashBuilder;
use tokio::time::timeout_at;

use super::question::{Found, ask_alone, ask_together};
use super::queue::Waiting;
use crate::server::store::StoreError;
use crate::server::store::redis::link::Link;

/// In the order in which they came, which is also that of their deadlines.
pub(super) struct Batch {
    waiting: VecDeque<Waiting>,
}

impl Batch {
    /// Of those who waited, the ones who have not gone away.
    pub(super) fn new(mut waiting: VecDeque<Waiting>) -> Self {
        waiting.retain(|waiting| !waiting.answer.is_closed());
        Self { waiting }
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// What is under each of their names, each asked for once, and for each who waits the place of his: when a key that
    /// everybody reads leaves the process, everybody asks for it.
    pub(super) fn question<'a>(
        &self,
        link: &'a Link,
    ) -> (impl Future<Output = Result<Vec<Found>, StoreError>> + use<'a>, Vec<usize>) {
        let (names, places) = self.names();
        let question = match names[..] {
            [name] => {
                let found = ask_alone(link, name);
                Either::Left(async { Ok(vec![found.await?.map_or(Found::Nothing, Found::Value)]) })
            }
            _ => Either::Right(ask_together(link, &names)),
        };
        (question, places)
    }

    fn names(&self) -> (Vec<&str>, Vec<usize>) {
        let mut known =
            HashMap::with_capacity_and_hasher(self.len(), DefaultHashBuilder::default());
        let mut names = Vec::with_capacity(self.len());
        let places = self.waiting.iter().map(|waiting| {
            *known.entry(waiting.name.as_str()).or_insert_with_key(|name| {
                names.push(*name);
                names.len() - 1
            })
        });
        let places = places.collect();
        (names, places)
    }

    /// Waits for `answer` as long as anybody does: each as long as one call may take, counted from when he came.
    pub(super) async fn wait_for<T>(&mut self, answer: impl Future<Output = T>) -> Option<T> {
        let mut answer = pin!(answer);
        while let Some(first) = self.waiting.front() {
            if let Ok(answer) = timeout_at(first.until, &mut answer).await {
                return Some(answer);
            }
            if let Some(first) = self.waiting.pop_front() {
                first.tell(Err(Link::too_late()));
            }
        }
        None
    }

    pub(super) fn fail(self, error: &StoreError) {
        self.waiting.into_iter().for_each(|waiting| waiting.tell(Err(error.clone())));
    }

    /// Tells each who still waits what is at his place. Those with something there that is no value ask for it by
    /// themselves, when all others know.
    pub(super) async fn tell(self, found: Vec<Found>, places: &[usize], link: &Link) {
        let too_late = places.len() - self.len();
        let found = if found.len() == places.len() {
            found
        } else {
            places.iter().map(|place| found[*place].clone()).collect()
        };
        let mut doubtful = Vec::new();
        for (waiting, found) in self.waiting.into_iter().zip(found.into_iter().skip(too_late)) {
            match found {
                Found::Something => doubtful.push(waiting),
                found => waiting.tell(Ok(found.entry())),
            }
        }
        join_all(doubtful.into_iter().map(async |waiting| {
            let answer = timeout_at(waiting.until, ask_alone(link, &waiting.name)).await;
            waiting.tell(answer.unwrap_or_else(|_| Err(Link::too_late())));
        }))
        .await;
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::time::Duration;

    use tokio::sync::oneshot;
    use tokio::time::{Instant, sleep};

    use super::*;
    use crate::server::store::redis::RedisConfig;
    use crate::server::store::redis::reads::Answer;
    use crate::server::store::{Entry, StoreErrorKind};

    /// Those who may wait so many seconds each, and where they hear of it.
    fn batch_of(seconds: &[u64]) -> (Batch, Vec<oneshot::Receiver<Answer>>) {
        let (waiting, heard): (VecDeque<_>, _) = seconds
            .iter()
            .map(|seconds| {
                let (answer, heard) = oneshot::channel();
                let until = Instant::now() + Duration::from_secs(*seconds);
                (Waiting { name: seconds.to_string(), answer, until }, heard)
            })
            .unzip();
        (Batch::new(waiting), heard)
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_waited_his_time_is_told_so_and_the_others_wait_on() {
        let (mut batch, mut heard) = batch_of(&[1, 2, 2, 5]);
        let began = Instant::now();
        let answer = batch.wait_for(async { sleep(Duration::from_secs(3)).await }).await;
        assert_eq!((answer, began.elapsed()), (Some(()), Duration::from_secs(3)));
        assert_eq!(batch.len(), 1);
        let patient = heard.pop().unwrap();
        for heard in heard {
            assert_eq!(heard.await.unwrap().unwrap_err().kind(), StoreErrorKind::Timeout);
        }
        batch.fail(&StoreError::new(StoreErrorKind::Busy, "for the test"));
        assert_eq!(patient.await.unwrap().unwrap_err().kind(), StoreErrorKind::Busy);
    }

    #[tokio::test(start_paused = true)]
    async fn who_asks_for_the_same_gets_the_same_though_somebody_before_him_has_gone() {
        let config = RedisConfig::new("redis://127.0.0.1:1");
        let link = Link::new(Link::address(&config.url).unwrap(), &config).unwrap();
        let (mut batch, mut heard) = batch_of(&[1, 2, 1, 4]);
        batch.waiting.make_contiguous().sort_by_key(|waiting| waiting.until);
        let (names, places) = batch.names();
        assert_eq!((names, &places[..]), (vec!["1", "2", "4"], &[0, 0, 1, 2][..]));
        let found = ["one", "two", "four"].map(|text| {
            let ttl_left = Duration::from_secs(60);
            Found::Value(Entry { value: text.into(), ttl_left })
        });
        batch.waiting.pop_front();
        batch.tell(found.to_vec(), &places, &link).await;
        heard.remove(0);
        for (heard, text) in heard.into_iter().zip(["two", "one", "four"]) {
            assert_eq!(heard.await.unwrap().unwrap().unwrap().value, text);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_gone_away_is_not_asked_for() {
        let (batch, mut heard) = batch_of(&[1, 2, 3]);
        heard.remove(1);
        let batch = Batch::new(batch.waiting);
        assert_eq!(batch.names().0, ["1", "3"]);
        drop(heard);
        assert_eq!(Batch::new(batch.waiting).len(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn when_nobody_waits_any_more_nothing_is_waited_for() {
        let (mut batch, _heard) = batch_of(&[1, 4]);
        let began = Instant::now();
        assert_eq!(batch.wait_for(pending::<()>()).await, None);
        assert_eq!(began.elapsed(), Duration::from_secs(4));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_is_there_is_taken_at_the_last_moment_too() {
        let (mut batch, _heard) = batch_of(&[0]);
        assert_eq!(batch.wait_for(ready(1)).await, Some(1));
    }
}
