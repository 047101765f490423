//! Where to look for the keys of a pattern: the entities under whose tags they were stored.

use super::meeting::{Meeting, Segment, meetings};
use crate::schema::{Pattern, Schema};
use crate::server::store::Tag;

/// An invalidation's patterns, by what is known of where their keys are.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Whereabouts {
    /// Each key of these was stored under one of `tags`.
    pub(super) tagged: Vec<Pattern>,
    pub(super) tags: Vec<Tag>,
    /// Of these nobody knows.
    pub(super) others: Vec<Pattern>,
}

impl Whereabouts {
    pub(super) fn of(patterns: &[Pattern], schema: &Schema) -> Self {
        let mut found = Self::default();
        for pattern in patterns {
            let tags: Option<Vec<_>> = meetings(pattern, schema).map(|met| tag(&met)).collect();
            match tags.filter(|tags| !tags.is_empty()) {
                Some(tags) => {
                    found.tagged.push(pattern.clone());
                    found.tags.extend(tags);
                }
                None => found.others.push(pattern.clone()),
            }
        }
        found.tags.sort_unstable();
        found.tags.dedup();
        found
    }
}

/// One tag under which all keys of the meeting were stored; `None` when there is no such tag.
fn tag(met: &Meeting) -> Option<Tag> {
    met.segments.iter().find_map(|segment| match segment {
        Segment::Id { entity, id: Some(id) } => Tag::new(entity, id).ok(),
        _ => None,
    })
}

#[cfg(all(test, feature = "shadower"))]
mod tests {
    use super::*;

    fn of(patterns: &[&str]) -> (Vec<String>, Vec<String>, Vec<String>) {
        let patterns: Vec<_> = patterns.iter().map(|text| Pattern::parse(text).unwrap()).collect();
        let found = Whereabouts::of(&patterns, crate::shadower::schema());
        let texts = |patterns: Vec<Pattern>| patterns.iter().map(ToString::to_string).collect();
        let tags = found.tags.iter().map(ToString::to_string).collect();
        (texts(found.tagged), tags, texts(found.others))
    }

    #[test]
    fn a_pattern_whose_every_family_names_an_entity_is_looked_for_under_its_tags() {
        for (pattern, tags) in [
            ("exec:dashboard:ws1:*", &["workspace:ws1"][..]),
            ("exec:kpis:ws1", &["workspace:ws1"]),
            ("exec:*:ws1:*", &["workspace:ws1"]),
            ("user:analytics:ws1:*", &["workspace:ws1"]),
            ("metrics:agg:*:ws1:*", &["workspace:ws1"]),
            ("agent:analytics:a%3A1:*", &["agent:a%3A1"]),
            // An agent's analytics, or a workspace's top agents.
            ("agent:*:x:*", &["agent:x", "workspace:x"]),
        ] {
            let (tagged, found, others) = of(&[pattern]);
            assert_eq!((tagged, others), (vec![pattern.to_owned()], vec![]), "{pattern}");
            assert_eq!(found, tags, "{pattern}");
        }
    }

    #[test]
    fn any_other_pattern_is_looked_for_everywhere() {
        // `query:result` names nobody, `exec:*` anybody, `metrics:*:ws1:*` is also `metrics:agg:{metric}:…`.
        for pattern in ["query:result:*", "exec:*", "metrics:*:ws1:*", "user:*", "exec:unknown:*"] {
            assert_eq!(of(&[pattern]), (vec![], vec![], vec![pattern.to_owned()]), "{pattern}");
        }
    }

    #[test]
    fn every_pattern_of_an_event_and_of_a_workspace_is_under_a_tag() {
        let schema = crate::shadower::schema();
        let fields = [("workspace_id", "ws1"), ("agent_id", "a1")];
        let run = schema.event_patterns("agent_run_completed", &fields).unwrap();
        let workspace = schema.entity_patterns("workspace", "ws1").unwrap();
        let of_run = (run, &["agent:a1", "workspace:ws1"][..]);
        for (patterns, tags) in [of_run, (workspace, &["workspace:ws1"])] {
            let found = Whereabouts::of(&patterns, schema);
            assert_eq!((found.tagged, found.others), (patterns, vec![]));
            assert_eq!(found.tags.iter().map(Tag::as_str).collect::<Vec<_>>(), tags);
        }
    }
}
