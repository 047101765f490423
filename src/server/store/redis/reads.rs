//! Single reads: those that come while others are under way go together.
//!
//! A read of an idle connection goes at once. One that comes while [`MOST_UNDER_WAY`] questions are unanswered waits
//! for the first of them to end, and goes then with all who wait: one `MGET` and its `PTTL`s, which costs both sides a
//! fraction of as many questions. Batches fill by as much as there is to do; a lone reader waits for nobody.
//!
//! What a read may count on when it is asked alone, it may count on here:
//!
//! - It sees what was answered before it began. A batch is closed when it is sent: nobody joins one under way.
//! - Its deadline is its own, and who goes away takes nobody along: a batch is a task of its own.
//! - Its error is its own: `MGET` is silent about a key that holds no plain value, so that key is asked for again.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redis::Cmd;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::answer::entry;
use super::link::{Link, pipeline};
use crate::server::store::{Entry, StoreError, StoreErrorKind};

/// One would leave Redis idle while its answer is read; more of them make smaller batches.
const MOST_UNDER_WAY: usize = 2;

/// Names in a batch at most.
const MOST_NAMES: usize = 128;

/// What a batch may bring at most, as far as can be foreseen: who waits for a small value waits for the large ones
/// before it.
const MOST_BYTES: usize = 256 * 1024;

type Answer = Result<Option<Entry>, StoreError>;

/// The single reads of one server. Cheap to clone.
#[derive(Clone)]
pub(super) struct Reads {
    link: Link,
    queue: Arc<Mutex<Queue>>,
    /// Where a batch runs if the read before it ends outside of any runtime.
    runtime: Option<Handle>,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    under_way: usize,
    /// Bytes of a value, of late.
    usual_size: usize,
}

struct Waiting {
    name: String,
    answer: oneshot::Sender<Answer>,
}

/// The right to have one question under way. It passes to those who wait when it ends, however that is.
struct Turn {
    reads: Reads,
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

    /// What is under each of `names`: whoever has many of his own needs nobody to go with.
    pub(super) async fn read_many(
        &self,
        names: &[String],
    ) -> Result<Vec<Option<Entry>>, StoreError> {
        let found = ask_together(&self.link, names).await?;
        Ok(found.into_iter().map(Found::entry).collect())
    }

    fn begin(&self, name: String) -> Begun {
        let mut queue = self.lock();
        if queue.under_way < MOST_UNDER_WAY {
            queue.under_way += 1;
            return Begun::Alone(Turn { reads: self.clone(), size: None }, name);
        }
        let (answer, receiver) = oneshot::channel();
        queue.waiting.push_back(Waiting { name, answer });
        Begun::Waiting(receiver)
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
    async fn ask_all(mut self, batch: Vec<Waiting>) {
        let link = self.reads.link.clone();
        let found = match ask_together(&link, &batch).await {
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
        let batch = queue.next_batch(self.size);
        if batch.is_empty() {
            queue.under_way -= 1;
            return;
        }
        drop(queue);
        let reads = self.reads.clone();
        let runtime = Handle::try_current().ok().or_else(|| reads.runtime.clone());
        let next = Turn { reads, size: None }.ask_all(batch);
        // Without any, those who wait are told that nobody asks for them.
        if let Some(runtime) = runtime {
            runtime.spawn(next);
        }
    }
}

impl Queue {
    /// Those who go next, in the order in which they came, but for those who have gone away. `size`: what a value
    /// took in the answer before.
    fn next_batch(&mut self, size: Option<usize>) -> Vec<Waiting> {
        if let Some(size) = size {
            // Up at once and down slowly: too few names cost little.
            self.usual_size = size.max(self.usual_size - self.usual_size / 8);
        }
        let most = (MOST_BYTES / self.usual_size.max(1)).clamp(1, MOST_NAMES);
        let mut batch = Vec::with_capacity(most.min(self.waiting.len()));
        while batch.len() < most
            && let Some(waiting) = self.waiting.pop_front()
        {
            if !waiting.answer.is_closed() {
                batch.push(waiting);
            }
        }
        batch
    }
}

impl AsRef<str> for Waiting {
    fn as_ref(&self) -> &str {
        &self.name
    }
}

impl Waiting {
    fn tell(self, answer: Answer) {
        // Fails when whoever asked has gone away, which is theirs to do.
        let _ = self.answer.send(answer);
    }
}

/// What one question says of a name among many.
enum Found {
    Value(Entry),
    Nothing,
    /// Something, and not a plain value when it was looked at.
    Something,
}

impl Found {
    fn entry(self) -> Option<Entry> {
        match self {
            Self::Value(entry) => Some(entry),
            Self::Nothing | Self::Something => None,
        }
    }
}

/// Asks for one value. Each reply carries its own error: a list under this name fails the `GET`.
async fn ask_alone(link: &Link, name: &str) -> Answer {
    let mut replies = link.ask(&pipeline([command("GET", name), command("PTTL", name)])).await?;
    let value: Option<Vec<u8>> = replies.next()?;
    let left = replies.next()?;
    Ok(value.and_then(|value| entry(value, left)))
}

/// Asks for many values, in their order.
async fn ask_together(link: &Link, names: &[impl AsRef<str>]) -> Result<Vec<Found>, StoreError> {
    let mut values = Cmd::with_capacity(1 + names.len(), 32 * names.len());
    values.arg("MGET");
    for name in names {
        values.arg(name.as_ref());
    }
    let ttls = names.iter().map(|name| command("PTTL", name.as_ref()));
    let mut replies = link.ask(&pipeline([values].into_iter().chain(ttls))).await?;
    let values: Vec<Option<Vec<u8>>> = replies.next()?;
    let found = values.into_iter().map(|value| {
        Ok(match (value, replies.next()?) {
            (Some(value), left) => entry(value, left).map_or(Found::Nothing, Found::Value),
            (None, -2) => Found::Nothing,
            (None, _) => Found::Something,
        })
    });
    found.collect()
}

fn command(verb: &str, name: &str) -> Cmd {
    let mut command = Cmd::with_capacity(2, verb.len() + name.len());
    command.arg(verb).arg(name);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A queue of so many, and what keeps them waiting.
    fn queue_of(waiting: usize) -> (Queue, Vec<oneshot::Receiver<Answer>>) {
        let mut queue = Queue::default();
        let receivers = (0..waiting).map(|place| {
            let (answer, receiver) = oneshot::channel();
            queue.waiting.push_back(Waiting { name: place.to_string(), answer });
            receiver
        });
        let receivers = receivers.collect();
        (queue, receivers)
    }

    fn names(batch: &[Waiting]) -> Vec<&str> {
        batch.iter().map(AsRef::as_ref).collect()
    }

    #[test]
    fn they_go_in_the_order_in_which_they_came() {
        let (mut queue, _waiting) = queue_of(MOST_NAMES + 2);
        let first = queue.next_batch(Some(100));
        assert_eq!((names(&first)[0], first.len()), ("0", MOST_NAMES));
        assert_eq!(names(&queue.next_batch(Some(100))), ["128", "129"]);
        assert!(queue.next_batch(Some(100)).is_empty());
    }

    #[test]
    fn large_values_go_by_themselves_until_they_have_become_small_again() {
        let (mut queue, _waiting) = queue_of(1_000);
        assert_eq!(queue.next_batch(Some(1_000_000)).len(), 1);
        assert_eq!(queue.next_batch(Some(64 * 1024)).len(), 1);
        let sizes: Vec<_> = (0..40).map(|_| queue.next_batch(Some(64 * 1024)).len()).collect();
        assert_eq!(sizes.last(), Some(&4));
        // Of what was not there nothing is learnt.
        assert_eq!(queue.next_batch(None).len(), 4);
    }

    #[test]
    fn who_has_gone_away_is_not_asked_for() {
        let (mut queue, mut waiting) = queue_of(5);
        waiting.truncate(4);
        drop(waiting.remove(0));
        assert_eq!(names(&queue.next_batch(None)), ["1", "2", "3"]);
    }
}
