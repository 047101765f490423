//! Single reads: those that come while others are under way go together.
//!
//! A read of an idle connection goes at once. One that comes while others are unanswered waits until as many wait as are
//! under way, or until those are answered, and goes with all who wait: one `MGET` and its `PTTL`s, which costs both
//! sides a fraction of as many questions. So one half of all readers asks while the other is answered; a lone reader
//! waits for nobody.
//!
//! What a read may count on when it is asked alone, it may count on here:
//!
//! - It sees what was answered before it began. A batch is closed when it is sent: nobody joins one under way.
//! - Its deadline is its own, and who goes away takes nobody along: a batch is a task of its own.
//! - Its error is its own: `MGET` is silent about a key that holds no plain value, so that key is asked for again.

mod question;
mod queue;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::try_join;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::yield_now;

use self::question::{Found, ask_alone, ask_together, distinct};
use self::queue::{Queue, Waiting};
use super::link::Link;
use crate::server::store::{Entry, StoreError, StoreErrorKind};

/// Names from which on a batch goes in halves: fewer are answered sooner than two questions are asked.
const WORTH_HALVING: usize = 32;

type Answer = Result<Option<Entry>, StoreError>;

/// The single reads of one server. Cheap to clone.
#[derive(Clone)]
pub(super) struct Reads {
    link: Link,
    queue: Arc<Mutex<Queue>>,
    /// Where a batch runs if the read before it ends outside of any runtime.
    runtime: Option<Handle>,
}

/// The right to have one question under way. It passes to those who wait when it ends, however that is.
struct Turn {
    reads: Reads,
    /// How many names it is about.
    names: usize,
    /// Bytes of a value, if the question brought any.
    size: Option<usize>,
}

/// How a read begins.
enum Begun {
    Alone(Turn, String),
    Waiting(oneshot::Receiver<Answer>),
}

impl Reads {
    pub(super) fn new(link: Link) -> Self {
        Self { link, queue: Arc::default(), runtime: Handle::try_current().ok() }
    }

    /// What is under `name`.
    pub(super) async fn read(&self, name: String) -> Answer {
        match self.begin(name) {
            Begun::Alone(turn, name) => turn.ask(&name).await,
            Begun::Waiting(answer) => match self.link.in_time(answer).await? {
                Ok(answer) => answer,
                // The runtime that its batch was to run in has shut down.
                Err(_) => Err(StoreError::new(StoreErrorKind::Unavailable, "a read was given up")),
            },
        }
    }

    /// What is under each of `names`: whoever has many of his own needs nobody to go with. Many go in two halves, one
    /// right behind the other: Redis looks up the second while the answer to the first is read.
    pub(super) async fn read_many(
        &self,
        names: &[String],
    ) -> Result<Vec<Option<Entry>>, StoreError> {
        let half = if names.len() < WORTH_HALVING { names.len() } else { names.len() / 2 };
        let (first, second) = names.split_at(half);
        let first = ask_together(&self.link, first);
        let found = if second.is_empty() {
            first.await?
        } else {
            let second = async {
                // The first is on its way before the second is put together.
                yield_now().await;
                ask_together(&self.link, second).await
            };
            let (mut found, more) = try_join(first, second).await?;
            found.extend(more);
            found
        };
        Ok(found.into_iter().map(Found::entry).collect())
    }

    fn begin(&self, name: String) -> Begun {
        let mut queue = self.lock();
        if queue.is_idle() {
            queue.begin(1);
            return Begun::Alone(Turn { reads: self.clone(), names: 1, size: None }, name);
        }
        let (answer, receiver) = oneshot::channel();
        queue.waiting.push_back(Waiting { name, answer });
        self.go_on(queue);
        Begun::Waiting(receiver)
    }

    /// Sends those who wait, if it is their time.
    fn go_on(&self, mut queue: MutexGuard<'_, Queue>) {
        let batch = queue.next_batch();
        if batch.is_empty() {
            return;
        }
        queue.begin(batch.len());
        drop(queue);
        let turn = Turn { reads: self.clone(), names: batch.len(), size: None };
        let next = turn.ask_all(batch);
        // Without any, those who wait are told that nobody asks for them.
        if let Some(runtime) = Handle::try_current().ok().or_else(|| self.runtime.clone()) {
            runtime.spawn(next);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        // Nothing panics under the lock.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn {
    async fn ask(mut self, name: &str) -> Answer {
        let answer = ask_alone(&self.reads.link, name).await;
        if let Ok(Some(entry)) = &answer {
            self.size = Some(entry.value.len());
        }
        answer
    }

    /// Asks for all at once, and tells each.
    async fn ask_all(mut self, mut batch: Vec<Waiting>) {
        if batch.len() == 1
            && let Some(one) = batch.pop()
        {
            let answer = self.ask(&one.name).await;
            return one.tell(answer);
        }
        let link = self.reads.link.clone();
        let (names, places) = distinct(&batch);
        let found = match ask_together(&link, &names).await {
            Ok(found) => found,
            Err(error) => return batch.into_iter().for_each(|it| it.tell(Err(error.clone()))),
        };
        let sizes = found.iter().filter_map(|found| match found {
            Found::Value(entry) => Some(entry.value.len()),
            Found::Nothing | Found::Something => None,
        });
        self.size = sizes.clone().sum::<usize>().checked_div(sizes.count());
        // The next go before these are told: Redis need not wait for that.
        drop(self);
        let found = if found.len() == batch.len() {
            found
        } else {
            places.into_iter().map(|place| found[place].clone()).collect()
        };
        for (waiting, found) in batch.into_iter().zip(found) {
            let answer = match found {
                Found::Value(entry) => Ok(Some(entry)),
                Found::Nothing => Ok(None),
                Found::Something => ask_alone(&link, &waiting.name).await,
            };
            waiting.tell(answer);
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut queue = self.reads.lock();
        queue.end(self.names, self.size);
        self.reads.go_on(queue);
    }
}
