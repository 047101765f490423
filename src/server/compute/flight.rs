//! One compute on its way: who waits for it, and who flies it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, OnceLock};

use tokio::sync::{Notify, watch};
use tracing::Span;

use super::waits::{Circle, Course, Waiting};

/// A compute under way.
pub(crate) struct Flight<T> {
    landed: watch::Receiver<Option<Landed<T>>>,
    boarded: AtomicU64,
    /// Whether its compute has begun: who wants an answer from now on cannot board it any more.
    pub(super) begun: AtomicBool,
    pub(super) voided: AtomicBool,
    /// Whether it computes whatever the store holds.
    pub(super) computes_anew: bool,
    /// Rung by a passenger who must not wait for a turn to compute.
    pub(crate) urgent: Notify,
    /// Rung when another process has changed the key.
    pub(crate) changed: Notify,
    course: Arc<Course>,
    /// What it is traced as, for those who board it to name what they waited for.
    span: OnceLock<Span>,
}

/// How it ended.
pub(super) struct Landed<T> {
    /// Nothing when the flight gave up.
    pub(super) answer: Option<T>,
    pub(super) good_for: Seats,
}

/// The seats that an answer is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seats {
    /// All below this.
    below: u64,
    /// And those whom the store gives no answer.
    and_unanswered: bool,
}

impl Seats {
    /// Everybody's.
    pub(crate) const ALL: Self = Self { below: u64::MAX, and_unanswered: true };

    /// Of a compute that the store had no part in. Who gets no answer from it would compute the same; who does may know of
    /// an invalidation that this compute could not be told of.
    pub(crate) const fn and_unanswered(self) -> Self {
        Self { and_unanswered: true, ..self }
    }

    const fn have(self, seat: u64, unanswered: bool) -> bool {
        seat < self.below || self.and_unanswered && unanswered
    }
}

/// A wait for a flight's answer.
pub(crate) struct Ticket<T> {
    flight: Arc<Flight<T>>,
    seat: u64,
    /// Whether it is the one who began the flight.
    own: bool,
    /// Whether the store gave its owner no answer.
    unanswered: bool,
}

/// What a wait ended with.
pub(crate) enum Arrival<T> {
    Answer(T),
    /// There is none, or it may be older than the question.
    AskAgain,
    /// The task ended without a word, as when its runtime shuts down.
    Lost,
}

impl<T> Flight<T> {
    /// A flight, and where its end is told.
    pub(super) fn new(computes_anew: bool) -> (Arc<Self>, watch::Sender<Option<Landed<T>>>) {
        let (landing, landed) = watch::channel(None);
        let flight = Self {
            landed,
            boarded: AtomicU64::new(0),
            begun: AtomicBool::new(false),
            voided: AtomicBool::new(false),
            computes_anew,
            urgent: Notify::new(),
            changed: Notify::new(),
            course: Arc::default(),
            span: OnceLock::new(),
        };
        (Arc::new(flight), landing)
    }

    pub(super) fn board(self: &Arc<Self>) -> Ticket<T> {
        let seat = self.boarded.fetch_add(1, SeqCst);
        Ticket { flight: self.clone(), seat, own: false, unanswered: false }
    }

    pub(super) fn course(&self) -> &Arc<Course> {
        &self.course
    }

    pub(super) fn travel_in(&self, span: &Span) {
        if !span.is_disabled() {
            // Set once: a flight has one task.
            let _ = self.span.set(span.clone());
        }
    }

    pub(super) fn span(&self) -> Option<&Span> {
        self.span.get()
    }

    /// The seats that are taken.
    pub(super) fn seats(&self) -> Seats {
        Seats { below: self.boarded.load(SeqCst), and_unanswered: false }
    }
}

impl<T> Ticket<T> {
    /// That of the one who began the flight.
    pub(super) fn own(self) -> Self {
        Self { own: true, ..self }
    }

    /// That of one to whom the store gives no answer.
    pub(super) fn unanswered(self) -> Self {
        Self { unanswered: true, ..self }
    }

    /// Says that the caller waits from now on, if it is itself a compute.
    pub(super) fn wait(&self) -> Result<Waiting, Circle> {
        self.flight.course.wait()
    }

    /// Whether it is somebody else's flight.
    pub(crate) fn is_shared(&self) -> bool {
        !self.own
    }
}

impl<T: Clone> Ticket<T> {
    /// Waits for the answer. One who asks `again` has seen another flight of the key land since the question, so
    /// this one began after it and whatever it brings is good.
    pub(crate) async fn arrival(self, again: bool) -> Arrival<T> {
        let mut landed = self.flight.landed.clone();
        let Ok(landed) = landed.wait_for(Option::is_some).await else { return Arrival::Lost };
        if self.is_shared()
            && let Some(span) = self.flight.span()
        {
            Span::current().follows_from(span);
        }
        match landed.as_ref() {
            Some(Landed { answer: Some(answer), good_for })
                if again || good_for.have(self.seat, self.unanswered) =>
            {
                Arrival::Answer(answer.clone())
            }
            _ => Arrival::AskAgain,
        }
    }

    /// Lets the flight compute without waiting for its turn.
    pub(crate) fn hurry(&self) {
        self.flight.urgent.notify_one();
    }
}
