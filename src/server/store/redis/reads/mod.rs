//! Single reads: those that come while others are under way go together.
//!
//! A read of an idle connection goes at once. One that comes while others are unanswered waits until as many wait as are
//! under way (half as many again, if those are many), or until those are answered, and goes with all who wait: one `MGET`
//! and its `PTTL`s, which costs both sides a fraction of as many questions. So one part of all readers asks while the
//! other is answered; a lone reader waits for nobody.
//!
//! What a read may count on when it is asked alone, it may count on here:
//!
//! - It sees what was answered before it began. A batch is closed when it is sent: nobody joins one under way.
//! - Its deadline is its own, and who goes away takes nobody along: a batch is a task of its own. One timer serves all
//!   who are in it (`batch`); whoever is not yet in one came after those who are under way, and so
//!   outlives them.
//! - Its error is its own: `MGET` is silent about a key that holds no plain value, so that key is asked for again.

mod batch;
mod question;
mod queue;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::try_join;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::yield_now;

use self::batch::Batch;
use self::question::{Found, ask_alone, ask_together};
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
            // Boxed: it is ten times the size of who waits, of whom there are many.
            Begun::Alone(turn, name) => Box::pin(turn.ask(&name)).await,
            // An error where the runtime that its batch was to run in has shut down.
            Begun::Waiting(answer) => answer.await.unwrap_or_else(|_| {
                Err(StoreError::new(StoreErrorKind::Unavailable, "a read was given up"))
            }),
        }
    }

    /// What is under each of `names`: whoever has many of his own needs nobody to go with. Many go in two halves, one
    /// right behind the other: Redis looks up the second while the answer to the first is read.
    pub(super) async fn read_many(
        &self,
        names: &[String],
    ) -> Result<Vec<Option<Entry>>, StoreError> {
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let half = if names.len() < WORTH_HALVING { names.len() } else { names.len() / 2 };
        let (first, second) = names.split_at(half);
        let first = self.link.in_time(ask_together(&self.link, first));
        let found = if second.is_empty() {
            first.await??
        } else {
            let second = async {
                // The first is on its way before the second is put together.
                yield_now().await;
                self.link.in_time(ask_together(&self.link, second)).await
            };
            let (found, more) = try_join(first, second).await?;
            let mut found = found?;
            found.extend(more?);
            found
        };
        Ok(found.into_iter().map(Found::entry).collect())
    }

    fn begin(&self, name: String) -> Begun {
        // Made before the lock is taken, under which others wait.
        let ((answer, receiver), until) = (oneshot::channel(), self.link.deadline());
        let mut queue = self.lock();
        if queue.is_idle() {
            return Begun::Alone(self.turn(&mut queue, 1), name);
        }
        queue.waiting.push_back(Waiting { name, answer, until });
        self.go_on(queue);
        Begun::Waiting(receiver)
    }

    fn turn(&self, queue: &mut Queue, names: usize) -> Turn {
        queue.begin(names);
        Turn { reads: self.clone(), names, size: None }
    }

    /// Sends those who wait, if it is their time.
    fn go_on(&self, mut queue: MutexGuard<'_, Queue>) {
        let waiting = queue.next_batch();
        if waiting.is_empty() {
            return;
        }
        let turn = self.turn(&mut queue, waiting.len());
        drop(queue);
        let next = turn.ask_all(Batch::new(waiting));
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
        let link = &self.reads.link;
        let answer = link.in_time(ask_alone(link, name)).await?;
        if let Ok(Some(entry)) = &answer {
            self.size = Some(entry.value.len());
        }
        answer
    }

    /// Asks for all at once, and tells each.
    async fn ask_all(mut self, mut batch: Batch) {
        let link = self.reads.link.clone();
        let (question, places) = batch.question(&link);
        let found = match batch.wait_for(question).await {
            Some(Ok(found)) => found,
            Some(Err(error)) => return batch.fail(&error),
            None => return,
        };
        let sizes = found.iter().filter_map(Found::size);
        self.size = sizes.clone().sum::<usize>().checked_div(sizes.count());
        // The next go before these are told: Redis need not wait for that.
        drop(self);
        batch.tell(found, &places, &link).await;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut queue = self.reads.lock();
        queue.end(self.names, self.size);
        self.reads.go_on(queue);
    }
}
