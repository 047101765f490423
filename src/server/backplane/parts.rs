//! An invalidation in notices that are short enough for all who read them.

use super::Notice;
use super::notice::LONGEST;
use crate::schema::{Pattern, Schema};

/// What a notice has beside its patterns and its scope: names, the reason, who says so.
const REST: usize = 4 * 1024;

/// What an invalidation's scope may take. Without one, callers of a narrow reach are told less.
const LONGEST_SCOPE: usize = LONGEST / 4;

/// What patterns may take, one by one or together.
const ROOM: usize = LONGEST - LONGEST_SCOPE - REST;

/// `patterns` in as many lists as they need. One that is too long for any is told as what begins as it does.
pub(super) fn in_parts(patterns: Vec<Pattern>, schema: &Schema) -> Vec<Vec<Pattern>> {
    if patterns.iter().map(weight).sum::<usize>() <= ROOM {
        return vec![patterns];
    }
    let (mut parts, mut room) = (vec![Vec::new()], ROOM);
    for pattern in patterns.into_iter().flat_map(|pattern| short(pattern, schema)) {
        let weight = weight(&pattern);
        if weight > room {
            parts.push(Vec::new());
            room = ROOM;
        }
        room = room.saturating_sub(weight);
        parts.last_mut().into_iter().for_each(|part| part.push(pattern.clone()));
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// The scope, if there is room for it.
pub(super) fn fitting(scope: Vec<(String, String)>) -> Vec<(String, String)> {
    // JSON writes a control character in six bytes.
    let weight = |(entity, id): &(String, String)| 6 * (entity.len() + id.len()) + 6;
    if scope.iter().map(weight).sum::<usize>() <= LONGEST_SCOPE { scope } else { Vec::new() }
}

fn short(pattern: Pattern, schema: &Schema) -> Vec<Pattern> {
    if weight(&pattern) <= ROOM {
        return vec![pattern];
    }
    let all = Notice::every_family(schema);
    let mut wide = all.clone();
    wide.retain(|wide| wide.matches(pattern.as_str()));
    if wide.is_empty() { all } else { wide }
}

/// Its JSON, in which a quote takes two bytes and nothing else takes more than it does in a key.
fn weight(pattern: &Pattern) -> usize {
    2 * pattern.as_str().len() + 3
}

#[cfg(test)]
mod tests {
    use super::super::{Origin, Reason};
    use super::*;
    use crate::schema::{Family, Template, Ttl};

    fn schema() -> Schema {
        let family = |template: &str| Family {
            name: template.into(),
            doc: String::new(),
            template: Template::parse(template).unwrap(),
            ttl: Ttl::Fixed(std::time::Duration::from_secs(60)),
            entities: Vec::new(),
            sensitive: false,
            endpoint: None,
            refetch_interval: None,
            value: "json".into(),
        };
        Schema {
            name: String::new(),
            ttl_classes: Vec::new(),
            entities: Vec::new(),
            families: vec![family("exec:kpis:{workspace}"), family("ws:overview:{workspace}")],
            events: Vec::new(),
        }
    }

    fn pattern(text: &str) -> Pattern {
        Pattern::parse(text).unwrap()
    }

    #[test]
    fn every_part_is_read_and_together_they_mean_all() {
        for (count, length) in [(1, 10), (1_000, 500), (10, 100_000), (3, 1_000_000)] {
            let name = |n: usize| format!("exec:kpis:{n}{}", "\"".repeat(length));
            let patterns: Vec<_> = (0..count).map(|n| pattern(&name(n))).collect();
            let parts = in_parts(patterns.clone(), &schema());
            for patterns in &parts {
                let notice = Notice {
                    patterns: patterns.clone(),
                    reason: Reason::Event("e".repeat(200)),
                    scope: fitting(vec![("workspace".into(), "\u{1}".repeat(10_000))]),
                    origin: Origin { node: "n".repeat(16).into(), number: u64::MAX },
                };
                assert_eq!(Notice::from_json(notice.to_json().as_bytes()), Ok(notice));
            }
            let told = parts.concat();
            for pattern in patterns {
                assert!(told.iter().any(|told| told.matches(pattern.as_str())));
            }
        }
    }

    #[test]
    fn what_is_too_long_is_told_as_what_begins_as_it_does() {
        let long = format!("ws:*:{}", "w".repeat(300_000));
        assert_eq!(in_parts(vec![pattern(&long)], &schema()), [[pattern("ws:*")]]);
        let wild = format!("*:overview:{}", "w".repeat(300_000));
        let all = [pattern("exec:*"), pattern("ws:*")];
        assert_eq!(in_parts(vec![pattern(&wild)], &schema()), [all]);
        assert!(fitting(vec![("workspace".into(), "w".repeat(300_000))]).is_empty());
    }
}
