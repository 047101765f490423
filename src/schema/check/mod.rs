//! The checks that look at the whole schema: do families, patterns and events fit together?

mod endpoint;
mod families;
mod overlap;
mod patterns;

use crate::parse::{Document, Findings, Sites};

/// Reports every fault of the whole.
pub(crate) fn whole(document: &Document, sites: &Sites, findings: &mut Findings<'_>) {
    endpoint::all(document, sites, findings);
    families::ambiguous(document, sites, findings);
    if !findings.is_empty() {
        // Where a key can be of two families, a pattern for one is a fault in the other: noise.
        return;
    }
    patterns::dead_or_misplaced(document, sites, findings);
    patterns::uncovered(document, sites, findings);
}
