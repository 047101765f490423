//! A subscriber that keeps the spans it is told of.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard};

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

/// A span as it stands at the end.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) id: u64,
    pub(super) name: &'static str,
    pub(super) level: Level,
    pub(super) parent: Option<u64>,
    pub(super) follows: Vec<u64>,
    pub(super) fields: BTreeMap<&'static str, String>,
    pub(super) closed: bool,
}

/// What was told since the last look.
#[derive(Clone, Default)]
pub(super) struct Spans {
    seen: Arc<Mutex<Vec<Seen>>>,
    /// The text of each event, with its fields.
    said: Arc<Mutex<Vec<String>>>,
}

impl Spans {
    /// Sees what this thread does from now on, up to `level`.
    pub(super) fn capture(level: LevelFilter) -> (Self, DefaultGuard) {
        crate::nobody::asks_each_time();
        let spans = Self::default();
        // A filter of the whole subscriber and not of the layer: those of layers keep what they said of the callsite before
        // in a place that `enabled!` leaves as it is, and with tests of other levels beside this one a span is lost by that.
        let subscriber = tracing_subscriber::registry().with(spans.clone()).with(level);
        (spans, tracing::subscriber::set_default(subscriber))
    }

    /// The same, but for targets that begin so.
    pub(super) fn capture_but(target: &'static str) -> (Self, DefaultGuard) {
        crate::nobody::asks_each_time();
        let spans = Self::default();
        let wanted = filter_fn(move |metadata| !metadata.target().starts_with(target));
        let subscriber = tracing_subscriber::registry().with(spans.clone()).with(wanted);
        (spans, tracing::subscriber::set_default(subscriber))
    }

    pub(super) fn all(&self) -> Vec<Seen> {
        self.lock().clone()
    }

    /// Those of this name, the oldest first.
    pub(super) fn named(&self, name: &str) -> Vec<Seen> {
        self.lock().iter().filter(|seen| seen.name == name).cloned().collect()
    }

    /// The only one of this name.
    pub(super) fn one(&self, name: &str) -> Seen {
        let mut named = self.named(name);
        assert_eq!(named.len(), 1, "{name}: {:#?}", self.all());
        named.remove(0)
    }

    pub(super) fn said(&self) -> Vec<String> {
        self.said.lock().unwrap().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Seen>> {
        self.seen.lock().unwrap()
    }

    fn change(&self, id: &Id, change: impl FnOnce(&mut Seen)) {
        let id = id.into_u64();
        // Ids are used again when a span is closed: the youngest is meant.
        if let Some(seen) = self.lock().iter_mut().rev().find(|seen| seen.id == id) {
            change(seen);
        }
    }
}

impl Seen {
    pub(super) fn says(&self, field: &str) -> Option<&str> {
        self.fields.get(field).map(String::as_str)
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Spans {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = BTreeMap::new();
        attributes.record(&mut Read(&mut fields));
        let parent = context.span(id).and_then(|span| Some(span.parent()?.id().into_u64()));
        let metadata = attributes.metadata();
        self.lock().push(Seen {
            id: id.into_u64(),
            name: metadata.name(),
            level: *metadata.level(),
            parent,
            follows: Vec::new(),
            fields,
            closed: false,
        });
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        self.change(id, |seen| values.record(&mut Read(&mut seen.fields)));
    }

    fn on_follows_from(&self, id: &Id, follows: &Id, context: Context<'_, S>) {
        assert!(context.span(follows).is_some(), "a link to a span that is over");
        self.change(id, |seen| seen.follows.push(follows.into_u64()));
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = BTreeMap::new();
        event.record(&mut Read(&mut fields));
        self.said.lock().unwrap().push(format!("{fields:?}"));
    }

    fn on_close(&self, id: Id, _: Context<'_, S>) {
        self.change(&id, |seen| seen.closed = true);
    }
}

struct Read<'a>(&'a mut BTreeMap<&'static str, String>);

impl Visit for Read<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}
