//! What flights and questions are traced as, and how that ends.

use tracing::Span;

use super::task::{Flown, Purpose};
use super::{Found, Source};
use crate::server::families::Family;
use crate::server::telemetry::spans;

impl Purpose {
    /// What its flight is traced as. A refresh is waited for by nobody, or not for long.
    pub(super) fn span(&self, family: &Family) -> Span {
        let awaited = !matches!(self, Self::Refresh(_));
        let span = spans::flight(family, self.as_str(), awaited);
        if awaited { span.or_current() } else { span }
    }

    const fn as_str(&self) -> &'static str {
        match self {
            Self::Fill { .. } => "fill",
            Self::Refresh(_) => "refresh",
            Self::Anew => "anew",
            Self::Unstored => "unstored",
            Self::StoreDown => "store_down",
        }
    }
}

impl Flown {
    /// Says how it ended.
    pub(super) fn tell(&self, span: &Span) {
        match &self.landing {
            Some(Ok(found)) => spans::ended(span, found.outcome()),
            Some(Err(error)) => spans::failed(span, error.code()),
            None => spans::ended(span, "given_up"),
        }
    }
}

/// Says how many of a batch were found, and how many computed.
pub(super) fn note_outcome(span: &Span, found: &[Option<Found>]) {
    if span.is_disabled() {
        return;
    }
    let computed = |found: &&Found| matches!(found.source, Source::Miss | Source::Bypass);
    let all = found.iter().flatten().count();
    let computed = found.iter().flatten().filter(computed).count();
    span.record("samekey.found", all - computed).record("samekey.computed", computed);
}
