//! The spans, one function each, and how they end.
//!
//! Names are `samekey.` and what is done; fields are `samekey.` and what is said, or OpenTelemetry's own where it has
//! one (`db.system.name`, `error.type`, `otel.kind`). docs/operating.md has the table, and a test compares it with what a
//! subscriber gets. All have the target `samekey`, so that one directive is enough: `samekey=info`.
//!
//! A span that nobody wants costs a load and a branch; what a field costs to make is paid for by those who want it.

use futures_util::future::Either;
use tracing::field::Empty;
use tracing::instrument::{Instrument, Instrumented};
use tracing::{Level, Span, debug_span, enabled, info_span};

use super::shown_patterns;
use crate::schema::{Pattern, Schema};
use crate::server::compute::Lookup;
use crate::server::families::Family;
use crate::server::invalidation::PostedEvent;
use crate::server::store::Operation;

const TARGET: &str = "samekey";

/// A question that this process could not answer at once.
pub(in crate::server) fn get_or_compute(family: &Family, key: &str, lookup: Lookup) -> Span {
    let span = info_span!(
        target: TARGET, "samekey.get_or_compute",
        samekey.family = family.name, samekey.key = Empty, samekey.lookup = lookup.as_str(), samekey.outcome = Empty,
        error.type = Empty, otel.status_code = Empty
    );
    show_key(&span, family, key);
    span
}

/// The same for many keys at once.
pub(in crate::server) fn get_many_or_compute(keys: usize, lookup: Lookup) -> Span {
    info_span!(
        target: TARGET, "samekey.get_many_or_compute",
        samekey.keys = keys, samekey.lookup = lookup.as_str(), samekey.found = Empty, samekey.computed = Empty,
        error.type = Empty, otel.status_code = Empty
    )
}

/// A look into the store that computes nothing.
pub(in crate::server) fn get(family: &Family, key: &str) -> Span {
    let span = info_span!(
        target: TARGET, "samekey.get",
        samekey.family = family.name, samekey.key = Empty, samekey.outcome = Empty,
        error.type = Empty, otel.status_code = Empty
    );
    show_key(&span, family, key);
    span
}

/// The same for many keys at once.
pub(in crate::server) fn get_many(keys: usize) -> Span {
    info_span!(
        target: TARGET, "samekey.get_many",
        samekey.keys = keys, samekey.found = Empty, error.type = Empty, otel.status_code = Empty
    )
}

/// A value that somebody stores.
pub(in crate::server) fn set(family: &Family, key: &str) -> Span {
    let span = info_span!(
        target: TARGET, "samekey.set",
        samekey.family = family.name, samekey.key = Empty, error.type = Empty, otel.status_code = Empty
    );
    show_key(&span, family, key);
    span
}

/// A key that somebody removes.
pub(in crate::server) fn delete(family: &Family, key: &str) -> Span {
    let span = info_span!(
        target: TARGET, "samekey.delete",
        samekey.family = family.name, samekey.key = Empty, samekey.deleted = Empty,
        error.type = Empty, otel.status_code = Empty
    );
    show_key(&span, family, key);
    span
}

/// The task that computes, from its lease to what it stores. A child of whoever waits for it; one that nobody waits for
/// begins a trace of its own, which follows from the question, so that the question does not look as slow as it.
pub(in crate::server) fn flight(family: &Family, purpose: &'static str, awaited: bool) -> Span {
    let asking = Span::current();
    let parent = if awaited { asking.id() } else { None };
    let span = info_span!(
        target: TARGET, parent: parent, "samekey.flight",
        samekey.family = family.name, samekey.purpose = purpose, samekey.outcome = Empty,
        error.type = Empty, otel.status_code = Empty
    );
    if !awaited {
        span.follows_from(asking.id());
    }
    span
}

/// The caller's own compute, and nothing else.
pub(in crate::server) fn compute(family: &Family, keys: usize) -> Span {
    info_span!(
        target: TARGET, "samekey.compute",
        samekey.family = family.name, samekey.keys = keys, error.type = Empty, otel.status_code = Empty
    )
}

/// An invalidation, whoever asked for it.
pub(in crate::server) fn invalidate(reason: &str, schema: &Schema, patterns: &[Pattern]) -> Span {
    let span = info_span!(
        target: TARGET, "samekey.invalidate",
        samekey.reason = reason, samekey.patterns = Empty, samekey.patterns.count = patterns.len(),
        samekey.deleted = Empty, error.type = Empty, otel.status_code = Empty
    );
    if details(&span) {
        span.record("samekey.patterns", shown_patterns(schema, patterns));
    }
    span
}

/// Events that were posted together.
pub(in crate::server) fn events(schema: &Schema, posted: &[PostedEvent]) -> Span {
    let span = info_span!(
        target: TARGET, "samekey.events",
        samekey.events.count = posted.len(), samekey.events = Empty, samekey.deleted = Empty,
        error.type = Empty, otel.status_code = Empty
    );
    if !span.is_disabled() {
        // Those that the schema knows: what else stands there anybody may have written.
        let known = posted.iter().map(|posted| posted.event.as_str());
        let mut names: Vec<_> = known.filter(|name| schema.event(name).is_some()).collect();
        names.dedup();
        span.record("samekey.events", names.join(" "));
    }
    span
}

/// A job's run.
pub(in crate::server) fn job(name: &str) -> Span {
    info_span!(
        target: TARGET, "samekey.job",
        samekey.job = name, samekey.outcome = Empty, error.type = Empty, otel.status_code = Empty
    )
}

/// Removals that are carried out late.
pub(in crate::server) fn recovery(keys: usize, patterns: usize) -> Span {
    info_span!(
        target: TARGET, "samekey.recovery",
        samekey.keys = keys, samekey.patterns.count = patterns, samekey.outcome = Empty,
        error.type = Empty, otel.status_code = Empty
    )
}

/// A browser's stream, from its first frame to its last.
pub(in crate::server) fn stream(limited: bool) -> Span {
    info_span!(
        target: TARGET, parent: None, "samekey.stream",
        samekey.stream.limited = limited, samekey.stream.frames = Empty, samekey.stream.ended = Empty
    )
}

/// A call of the store.
pub(in crate::server) fn store(kind: &'static str, operation: Operation, keys: usize) -> Span {
    let span = debug_span!(
        target: TARGET, "samekey.store",
        otel.name = Empty, otel.kind = "client", db.system.name = kind, db.operation.name = Empty,
        db.operation.batch.size = Empty, samekey.operation = operation.as_str(),
        error.type = Empty, otel.status_code = Empty
    );
    if !span.is_disabled() {
        let name = if kind == "redis" { operation.redis_command() } else { operation.as_str() };
        span.record("otel.name", name).record("db.operation.name", name);
        // As OpenTelemetry has it: a batch of one is none.
        if keys > 1 {
            span.record("db.operation.batch.size", keys);
        }
    }
    span
}

/// Does `work` in `span`. Nothing is done about one that nobody wants: to enter it and to leave it at each step of the
/// work would cost what it is to save.
pub(in crate::server) fn within<F: Future>(span: &Span, work: F) -> Either<Instrumented<F>, F> {
    if span.is_disabled() {
        return Either::Right(work);
    }
    Either::Left(work.instrument(span.clone()))
}

/// How a span ended, in one word.
pub(in crate::server) fn ended(span: &Span, outcome: &str) {
    span.record("samekey.outcome", outcome);
}

/// What a span was about came to nothing; `code` is the stable code of the error.
pub(in crate::server) fn failed(span: &Span, code: &str) {
    span.record("error.type", code).record("otel.status_code", "ERROR");
}

fn show_key(span: &Span, family: &Family, key: &str) {
    if details(span) {
        span.record("samekey.key", family.shown(key));
    }
}

/// Whether somebody wants to see keys and patterns.
fn details(span: &Span) -> bool {
    !span.is_disabled() && enabled!(target: TARGET, Level::DEBUG)
}
