//! The checks that look at the whole schema: do families, patterns and events fit together?

mod endpoint;
mod families;
mod overlap;
mod patterns;

use crate::parse::{Document, Findings, Sites};

/// Reports every fault of the whole.
pub(crate) fn whole(document: &Document, sites: &Sites, findings: &mut Findings<'_>) {
    families::ambiguous(document, sites, findings);
    endpoint::all(document, sites, findings);
    patterns::dead_or_misplaced(document, sites, findings);
    patterns::uncovered(document, sites, findings);
}
