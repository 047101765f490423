//! What of a key may be seen in spans and logs.
//!
//! A key of a sensitive family says whose data it is, so its identifiers are never shown. Those of other families are
//! shown where somebody asks for them (spans, from level DEBUG on) or needs them (a log line about one bad value).

use crate::schema::{Family, Pattern, PatternSegment, Schema, Template, TemplateSegment};

/// The longest text that is shown of a key or a pattern, in characters: who asks decides how long they are, and a log or
/// a trace has to carry them. As in the audit log.
const LONGEST: usize = 512;

/// Patterns that are shown of one invalidation, which may be of a thousand events.
const MOST_PATTERNS: usize = 20;

/// The beginning of `text`, as much as is shown.
pub(in crate::server) fn beginning(text: &str) -> &str {
    text.char_indices().nth(LONGEST).map_or(text, |(end, _)| &text[..end])
}

/// How a sensitive family's keys are shown: `user:activity:*:*`.
#[derive(Clone, Debug)]
pub(in crate::server) struct Mask(String);

impl Mask {
    /// None for a family whose keys may be seen.
    pub(in crate::server) fn of(family: &Family) -> Option<Self> {
        family.sensitive.then(|| Self(masked(&family.template)))
    }

    pub(in crate::server) fn as_str(&self) -> &str {
        &self.0
    }
}

fn masked(template: &Template) -> String {
    let segments = template.segments().iter().map(|segment| match segment {
        TemplateSegment::Literal(literal) => literal.as_str(),
        _ => "*",
    });
    segments.collect::<Vec<_>>().join(":")
}

/// The patterns as one text. One that names a sensitive family is shown without the identifiers in it; one that merely
/// means it among others, `exec:*:ws1:*`, names an entity and nobody's data.
pub(in crate::server) fn shown_patterns(schema: &Schema, patterns: &[Pattern]) -> String {
    let sensitive: Vec<_> = schema.families.iter().filter(|family| family.sensitive).collect();
    let shown = patterns.iter().take(MOST_PATTERNS).map(|pattern| {
        let named = sensitive.iter().find(|family| names(pattern, &family.template));
        let whole = || beginning(pattern.as_str()).to_owned();
        named.map_or_else(whole, |family| masked(&family.template))
    });
    let rest = (patterns.len() > MOST_PATTERNS).then(|| "…".to_owned());
    shown.chain(rest).collect::<Vec<_>>().join(" ")
}

fn names(pattern: &Pattern, template: &Template) -> bool {
    template.segments().iter().enumerate().all(|(place, segment)| match segment {
        TemplateSegment::Literal(literal) => matches!(
            pattern.segments().get(place),
            Some(PatternSegment::Literal(text)) if text == literal
        ),
        _ => true,
    })
}

#[cfg(all(test, feature = "shadower"))]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_that_names_a_sensitive_family_is_shown_without_its_identifiers() {
        let patterns =
            ["exec:revenue:ws1:7d", "exec:*:ws1:*", "user:activity:u7:*", "exec:kpis:ws1"];
        let patterns = patterns.map(|text| Pattern::parse(text).unwrap());
        assert_eq!(
            shown_patterns(crate::shadower::schema(), &patterns),
            "exec:revenue:*:* exec:*:ws1:* user:activity:*:* exec:kpis:ws1"
        );
    }

    #[test]
    fn of_long_patterns_and_of_many_the_beginning_is_shown() {
        let long = format!("exec:kpis:{}", "é".repeat(100_000));
        let patterns = vec![Pattern::parse(&long).unwrap(); 1_000];
        let shown = shown_patterns(crate::shadower::schema(), &patterns);
        assert!(shown.starts_with(beginning(&long)) && shown.ends_with(" …"));
        assert_eq!(shown.chars().count(), MOST_PATTERNS * (LONGEST + 1) + 1);
    }
}
