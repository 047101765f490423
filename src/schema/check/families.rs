//! No two families have a key in common.

use super::overlap::families_overlap;
use crate::parse::{Code, Document, Findings, Sites};

/// Reports pairs of families that can make the same key: the second would read the first's value.
pub(super) fn ambiguous(document: &Document, sites: &Sites, findings: &mut Findings<'_>) {
    let families = &document.schema.families;
    for (index, family) in families.iter().enumerate() {
        for (other_index, other) in families[..index].iter().enumerate() {
            if families_overlap(family, other) {
                let line = findings.line_of(sites.families[other_index].key_at);
                findings.report(
                    sites.families[index].key_at,
                    Code::AmbiguousFamilies,
                    format!(
                        "`{}` and `{}` (family `{}`, line {line}) can be the same key",
                        family.template.as_str(),
                        other.template.as_str(),
                        other.name,
                    ),
                    "give one of them a literal segment of its own, such as another prefix",
                );
            }
        }
    }
}
