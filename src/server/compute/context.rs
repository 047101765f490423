//! What a compute can say about its own answer while it runs.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use super::waits::{Awaited, Course};
use crate::server::store::Place;
use crate::server::ttl::Ttl;

tokio::task_local! {
    static COMPUTING: Running;
}

/// A compute that runs.
struct Running {
    said: Cell<Said>,
    line: Arc<Line>,
}

/// What is being computed, and for which compute that is. A compute that asked for one of these keys would wait for
/// itself.
pub(crate) struct Line {
    subject: Subject,
    /// Whether it was asked for by a compute of the same key, which it answers.
    within: bool,
    asked_by: Option<Arc<Line>>,
    pub(super) awaited: Awaited,
}

/// The keys of a compute, in the place where they are: the same text in another store is another key.
#[derive(Debug)]
pub(crate) struct Subject {
    pub(crate) place: Place,
    pub(crate) keys: Vec<String>,
}

/// What a question is to the compute that asks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// A question like any other.
    Free,
    /// It is what is being computed.
    OwnKey,
    /// The same, and a compute that was asked for in this way asks again: it would for ever.
    Circle,
}

/// What a compute has said of its answer.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Said {
    /// How long its value lives.
    pub(crate) lives: Option<Duration>,
    /// How long its error answers.
    pub(crate) fails: Option<Duration>,
}

/// Says, from within a compute, how long its answer lives, instead of what its family says. Zero: do not keep it.
/// The last word counts. Returns whether a compute was there to hear it: called elsewhere, or in a task that the
/// compute spawned, it does nothing.
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// # use samekey::schema::{Key, Schema, TypedKey};
/// # use samekey::server::{CacheError, CacheService, MemoryStore};
/// # use std::time::Duration;
/// # let schema = Schema { name: "doc".into(), ttl_classes: vec![], entities: vec![], families: vec![], events: vec![] };
/// # let cache = CacheService::new(&schema, MemoryStore::default());
/// # let key: TypedKey<u64> = TypedKey::new(Key::new(["exec", "runs", "ws123"])?, "runs", Duration::from_secs(60));
/// cache.get_or_compute(&key, || async {
///     let (runs, complete) = (42, false); // the day is not over
///     if !complete {
///         samekey::server::live_for(Duration::from_secs(5));
///     }
///     Ok::<_, CacheError>(runs)
/// }).await?;
/// assert!(cache.ttl(&key).await?.unwrap() <= Duration::from_secs(5));
/// # Ok::<(), CacheError>(())
/// # }).unwrap();
/// ```
pub fn live_for(ttl: Duration) -> bool {
    say(|said| said.lives = Some(ttl))
}

/// Says, from within a compute, for how long its error answers if it fails: so long, all who ask this process get the same
/// error, and nobody computes again. Otherwise as [`live_for`]; what `cache_err` of `#[cached]` does.
pub fn fail_for(time: Duration) -> bool {
    say(|said| said.fails = Some(Ttl::cut(time)))
}

fn say(word: impl FnOnce(&mut Said)) -> bool {
    let heard = COMPUTING.try_with(|running| {
        let mut said = running.said.get();
        word(&mut said);
        running.said.set(said);
    });
    heard.is_ok()
}

/// Runs a compute; what it said with [`live_for`] and [`fail_for`] comes beside its answer. `asked_by`: the
/// compute that waits for it, if it was one that asked. `flights`: those that it is the compute of.
pub(super) async fn computing<T>(
    subject: Subject,
    asked_by: Option<Arc<Line>>,
    flights: impl IntoIterator<Item = &Arc<Course>>,
    compute: impl Future<Output = T>,
) -> (T, Said) {
    let line = Arc::new(Line { subject, within: false, asked_by, awaited: Awaited::default() });
    flights.into_iter().for_each(|flight| flight.begin(&line));
    scoped(line, compute).await
}

/// Runs a compute within another of the same key. What it says of its answer, the other has said.
pub(crate) async fn computing_within<T>(
    place: &Place,
    key: &str,
    compute: impl Future<Output = T>,
) -> T {
    let asked_by = line();
    let is_ours = asked_by.as_ref().is_some_and(|line| line.subject.has(place, key));
    let subject = Subject { place: place.clone(), keys: vec![key.to_owned()] };
    let line = Line { subject, within: true, asked_by, awaited: Awaited::default() };
    let (answer, said) = scoped(Arc::new(line), compute).await;
    if is_ours {
        say(|ours| {
            ours.lives = said.lives.or(ours.lives);
            ours.fails = said.fails.or(ours.fails);
        });
    }
    answer
}

async fn scoped<T>(line: Arc<Line>, compute: impl Future<Output = T>) -> (T, Said) {
    let run = async {
        let answer = compute.await;
        (answer, COMPUTING.with(|running| running.said.get()))
    };
    COMPUTING.scope(Running { said: Cell::default(), line }, run).await
}

/// Whether the caller is itself a compute.
pub(crate) fn is_computing() -> bool {
    COMPUTING.try_with(|_| ()).is_ok()
}

/// What the caller computes, if it is a compute.
pub(crate) fn line() -> Option<Arc<Line>> {
    COMPUTING.try_with(|running| running.line.clone()).ok()
}

/// What a question for `key` in this place is to the caller.
pub(crate) fn standing(place: &Place, key: &str) -> Standing {
    COMPUTING.try_with(|running| running.line.standing(place, key)).unwrap_or(Standing::Free)
}

impl Subject {
    fn has(&self, place: &Place, key: &str) -> bool {
        self.keys.iter().any(|own| own == key) && self.place == *place
    }
}

impl Line {
    /// The compute that a flight is for: itself, or the one that it runs within.
    pub(super) fn trunk(self: &Arc<Self>) -> Arc<Self> {
        let mut line = self;
        while let (true, Some(outer)) = (line.within, &line.asked_by) {
            line = outer;
        }
        line.clone()
    }

    fn standing(&self, place: &Place, key: &str) -> Standing {
        let mut standing = Standing::Free;
        let mut next = Some(self);
        while let Some(line) = next {
            if line.subject.has(place, key) {
                if line.within {
                    return Standing::Circle;
                }
                standing = Standing::OwnKey;
            }
            next = line.asked_by.as_deref();
        }
        standing
    }
}
