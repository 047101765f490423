//! Can two templates mean the same key?

use crate::{Family, Presence, TemplateSegment};

/// Whether some key is of both families.
pub(super) fn families_overlap(a: &Family, b: &Family) -> bool {
    let (a, b) = (&a.template, &b.template);
    arities(a.segments()).any(|a_count| {
        arities(b.segments()).any(|b_count| {
            a_count == b_count
                && a.segments()[..a_count].iter().zip(&b.segments()[..b_count]).all(|pair| {
                    match pair {
                        (TemplateSegment::Literal(a), TemplateSegment::Literal(b)) => a == b,
                        _ => true,
                    }
                })
        })
    })
}

/// The numbers of segments a key of this shape can have.
fn arities(segments: &[TemplateSegment]) -> impl Iterator<Item = usize> {
    let optional = matches!(
        segments.last(),
        Some(TemplateSegment::Field { presence: Presence::Optional, .. })
    );
    segments.len() - usize::from(optional)..=segments.len()
}

/// The segments of a family's key, each with the pattern's segment that meets it. `None` when no
/// key of the family can match the pattern.
///
/// A field of an event meets only fields: `exec:{workspace_id}:…` is never meant to hit
/// `exec:kpis:…` in a workspace that happens to be called `kpis`.
pub(super) fn meet<'a>(
    pattern: &'a [TemplateSegment],
    family: &'a Family,
) -> Option<Vec<(&'a TemplateSegment, &'a TemplateSegment)>> {
    let key = family.template.segments();
    let ends_in_star = pattern.last() == Some(&TemplateSegment::Any);
    let fits =
        arities(key).any(|count| count == pattern.len() || ends_in_star && count > pattern.len());
    if !fits {
        return None;
    }
    let pairs: Vec<_> = pattern.iter().zip(key).collect();
    let all_meet = pairs.iter().all(|pair| match pair {
        (TemplateSegment::Any, _) => true,
        (TemplateSegment::Literal(a), TemplateSegment::Literal(b)) => a == b,
        (TemplateSegment::Field { .. }, TemplateSegment::Literal(_)) => false,
        (_, TemplateSegment::Field { .. }) => true,
        (_, TemplateSegment::Any) => false,
    });
    all_meet.then_some(pairs)
}
