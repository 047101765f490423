//! Every pattern hits what it is meant to hit, and an entity's event hits everything of it.

use super::overlap::meet;
use crate::parse::{Code, Document, EventSite, Findings, Sites};
use crate::{Event, Family, Template, TemplateSegment};

/// Reports patterns that no key can match, and patterns whose field stands at a family's segment of
/// another kind: `user:activity:{workspace_id}:*` looks alive and never hits the right user.
pub(super) fn dead_or_misplaced(document: &Document, sites: &Sites, findings: &mut Findings<'_>) {
    for (event, site) in document.schema.events.iter().zip(&sites.events) {
        for (index, pattern) in event.invalidates.iter().enumerate() {
            let at = site.patterns_at.get(index).copied().unwrap_or(site.at);
            let mut faults = Vec::new();
            let mut met = 0;
            for family in &document.schema.families {
                let Some(pairs) = meet(pattern.segments(), family) else { continue };
                met += 1;
                faults.extend(
                    pairs
                        .iter()
                        .filter_map(|pair| fault(pair, event, document))
                        .map(|(field, segment)| (field.to_owned(), segment.to_owned(), family)),
                );
            }
            if met == 0 {
                dead(at, pattern, document, findings);
            }
            for (field, segment, family) in faults {
                misplaced(at, &field, &segment, family, findings);
            }
        }
    }
}

/// A pair of pattern segment and key segment that can match as texts and yet do not belong
/// together: the event's field and the key's segment.
fn fault<'a>(
    (pattern, key): &(&'a TemplateSegment, &'a TemplateSegment),
    event: &Event,
    document: &Document,
) -> Option<(&'a str, &'a str)> {
    let TemplateSegment::Field { name: segment, .. } = key else { return None };
    let declared = document.segment(segment)?;
    match pattern {
        TemplateSegment::Field { name: field, .. } => {
            let holds = &event.fields.iter().find(|known| known.name == *field)?.holds;
            let same = holds == segment || declared.entity.as_ref() == Some(holds);
            (!same).then_some((field, segment))
        }
        TemplateSegment::Literal(text) => {
            let possible = declared.values.is_empty() || declared.values.contains(text);
            (!possible).then_some((text, segment))
        }
        TemplateSegment::Any => None,
    }
}

fn dead(at: usize, pattern: &Template, document: &Document, findings: &mut Findings<'_>) {
    let first = &pattern.segments()[0];
    let near: Vec<_> = document
        .schema
        .families
        .iter()
        .filter(|family| family.template.segments()[0] == *first)
        .map(|family| format!("`{}`", family.template.as_str()))
        .collect();
    let help = match near.as_slice() {
        [] => "no key begins like this; remove the pattern or correct its prefix".to_owned(),
        near => format!("keys that begin like this: {}", near.join(", ")),
    };
    let message = format!("no key of any family can match `{}`", pattern.as_str());
    findings.report(at, Code::DeadPattern, message, help);
}

fn misplaced(at: usize, field: &str, segment: &str, family: &Family, findings: &mut Findings<'_>) {
    findings.report(
        at,
        Code::MisplacedField,
        format!(
            "`{field}` stands where the key `{}` (family `{}`) has `{{{segment}}}`",
            family.template.as_str(),
            family.name,
        ),
        format!("put a field that holds a `{segment}` there, or `*`"),
    );
}

/// Reports families of an entity that the entity's event leaves out, and exceptions for families
/// that it does not leave out.
pub(super) fn uncovered(document: &Document, sites: &Sites, findings: &mut Findings<'_>) {
    for (event, site) in document.schema.events.iter().zip(&sites.events) {
        let Some(entity) = &site.entity else { continue };
        for family in &document.schema.families {
            let covered = covers(event, entity, family);
            let exception = site.leaves_out.iter().find(|name| name.value == family.name);
            match exception {
                Some(exception) if covered || !family.belongs_to(entity) => findings.report(
                    exception.at,
                    Code::IdleException,
                    format!("`{}` is not left out, or is no family of the {entity}", family.name),
                    "remove it from `leaves_out`",
                ),
                None if family.belongs_to(entity) && !covered => {
                    left_out(event, entity, family, site, findings);
                }
                Some(_) | None => {}
            }
        }
    }
}

fn left_out(
    event: &Event,
    entity: &str,
    family: &Family,
    site: &EventSite,
    findings: &mut Findings<'_>,
) {
    findings.report(
        site.at,
        Code::UncoveredFamily,
        format!(
            "event `{}` is about a {entity} but leaves `{}` (family `{}`) stale",
            event.name,
            family.template.as_str(),
            family.name,
        ),
        format!(
            "add a pattern for it, remove `invalidates` to have all derived, or say \
             `leaves_out = [\"{}\"]`",
            family.name
        ),
    );
}

/// Whether every key of the family that names the entity's id matches a pattern of the event: the
/// id is named in its place, and nothing else is narrowed.
fn covers(event: &Event, entity: &str, family: &Family) -> bool {
    let shapes = family.template.segments();
    let shortest = shapes.len() - usize::from(family.template.has_optional());
    // Both lengths of an optional family need a pattern; mostly it is the same one.
    (shortest..=shapes.len()).all(|count| {
        event.invalidates.iter().any(|pattern| {
            let reaches = pattern.segments().len() == count
                || pattern.segments().last() == Some(&TemplateSegment::Any)
                    && pattern.segments().len() <= count;
            reaches
                && meet(pattern.segments(), family).is_some_and(|pairs| {
                    pairs.iter().all(|(pattern, key)| match (pattern, key) {
                        (TemplateSegment::Field { name, .. }, _) => event
                            .fields
                            .iter()
                            .any(|field| field.name == *name && field.holds == entity),
                        (TemplateSegment::Literal(_), TemplateSegment::Field { .. }) => false,
                        _ => true,
                    })
                })
        })
    })
}
