//! Where a pattern and a family's keys meet.

use crate::schema::{Family, Pattern, PatternSegment, Schema, TemplateSegment};

/// What keys a pattern and a family have in common, segment by segment.
#[derive(Debug)]
pub(in crate::server) struct Meeting {
    pub(in crate::server) segments: Vec<Segment>,
}

/// One segment of those keys.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::server) enum Segment {
    /// What every key of the family has there.
    Literal(String),
    /// A field that names nobody: this text, or any.
    Plain(Option<String>),
    /// This id of an entity, or any.
    Id { entity: String, id: Option<String> },
}

/// All meetings of a pattern with the schema's families: one or, for a family whose last segment may be missing, two
/// of each family that it meets.
pub(in crate::server) fn meetings<'s>(
    pattern: &'s Pattern,
    schema: &'s Schema,
) -> impl Iterator<Item = Meeting> + 's {
    schema.families.iter().flat_map(move |family| {
        let full = family.template.segments().len();
        let least = full - usize::from(family.template.has_optional());
        (least..=full).filter_map(move |count| meet(pattern, family, count))
    })
}

/// What keys of `count` segments they have in common.
fn meet(pattern: &Pattern, family: &Family, count: usize) -> Option<Meeting> {
    let given = pattern.segments();
    let open = matches!(given.last(), Some(PatternSegment::Rest));
    if !(given.len() == count || open && given.len() < count) {
        return None;
    }
    let template = family.template.segments()[..count].iter().enumerate();
    let segments = template.map(|(place, segment)| {
        let given = match given.get(place) {
            Some(PatternSegment::Literal(text)) => Some(text),
            _ => None,
        };
        let field = match segment {
            TemplateSegment::Literal(text) => {
                let same = given.is_none_or(|given| given == text);
                return same.then(|| Segment::Literal(text.clone()));
            }
            TemplateSegment::Field { name, .. } => Some(name),
            TemplateSegment::Any => None,
        };
        let entity = family.entities.iter().find(|entity| Some(&entity.field) == field);
        Some(match entity {
            Some(of) => Segment::Id { entity: of.entity.clone(), id: given.cloned() },
            None => Segment::Plain(given.cloned()),
        })
    });
    Some(Meeting { segments: segments.collect::<Option<_>>()? })
}
