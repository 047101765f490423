//! What of a notice a caller may see.
//!
//! Who may see everything gets a notice as it is. For anybody else each pattern is read against the schema: which
//! families does it meet, and whose are their keys? What is out of the caller's [`Reach`] is left out. A pattern
//! that is wider than the caller is narrowed to the caller's ids. An event that was about the caller's own may
//! name others beside it, such as the agent that ran, and families that belong to nobody.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::Notice;
use crate::schema::{PatternWriter, Schema};
use crate::server::access::{Ids, Reach};
use crate::server::invalidation::meeting::{Meeting, Segment, meetings};

/// The families that a notice's patterns meet: worked out once, then asked for every stream.
#[derive(Debug)]
pub(super) struct View {
    /// With the pattern's place in the notice.
    meetings: Vec<(usize, Meeting)>,
}

impl View {
    pub(super) fn of(notice: &Notice, schema: &Schema) -> Self {
        let patterns = notice.patterns.iter().enumerate();
        let met = patterns.flat_map(|(place, pattern)| {
            meetings(pattern, schema).map(move |meeting| (place, meeting))
        });
        Self { meetings: met.collect() }
    }

    /// The patterns that somebody of this reach may see. None: nothing for him.
    pub(super) fn within<'n>(&self, notice: &'n Notice, reach: &Reach) -> Vec<Cow<'n, str>> {
        let scope = Some(&notice.scope).filter(|scope| is_about_own(scope, reach));
        let mut seen: Vec<Cow<'n, str>> = Vec::new();
        for (place, pattern) in notice.patterns.iter().enumerate() {
            let of_pattern = self.meetings.iter().filter(|(of, _)| *of == place);
            let sights: Vec<_> =
                of_pattern.map(|(_, met)| (met, sight(met, reach, scope))).collect();
            if !sights.is_empty() && sights.iter().all(|(_, sight)| *sight == Sight::Whole) {
                seen.push(Cow::Borrowed(pattern.as_str()));
                continue;
            }
            for (met, _) in sights.iter().filter(|(_, sight)| *sight != Sight::Hidden) {
                for narrowed in narrowed(met, reach) {
                    if !seen.contains(&Cow::Borrowed(&narrowed)) {
                        seen.push(Cow::Owned(narrowed));
                    }
                }
            }
        }
        seen
    }
}

/// An event's entities, as (entity, id).
type Scope = Vec<(String, String)>;

/// Whether an event was about somebody whom the reach names, and about nobody whom it leaves out.
fn is_about_own(scope: &Scope, reach: &Reach) -> bool {
    let mut named = scope.iter().filter(|(entity, _)| only(reach, entity).is_some()).peekable();
    named.peek().is_some() && named.all(|(entity, id)| reach.allows(entity, id))
}

/// The ids to which the reach holds this entity.
fn only<'r>(reach: &'r Reach, entity: &str) -> Option<&'r BTreeSet<String>> {
    match reach.ids(entity) {
        Some(Ids::Only(ids)) => Some(ids),
        Some(Ids::Any) | None => None,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sight {
    /// All of it is within reach.
    Whole,
    /// Some of it.
    Part,
    /// None of it, or nobody can tell.
    Hidden,
}

fn sight(met: &Meeting, reach: &Reach, own: Option<&Scope>) -> Sight {
    let mut is_somebodys = false;
    let mut sight = Sight::Whole;
    for segment in &met.segments {
        let Segment::Id { entity, id } = segment else { continue };
        is_somebodys = true;
        let named = |id: &String| {
            own.is_some_and(|scope| scope.iter().any(|(e, i)| e == entity && i == id))
        };
        match (reach.ids(entity), id) {
            (Some(Ids::Any), _) => {}
            (Some(Ids::Only(ids)), Some(id)) if ids.contains(id) => {}
            (Some(Ids::Only(_)), None) => sight = Sight::Part,
            (None, Some(id)) if named(id) => {}
            _ => return Sight::Hidden,
        }
    }
    if is_somebodys || own.is_some() || *reach == Reach::Everything { sight } else { Sight::Hidden }
}

/// The patterns of what is seen: one for each of the reach's ids where any was meant.
fn narrowed(met: &Meeting, reach: &Reach) -> Vec<String> {
    let mut rows: Vec<Vec<Option<&str>>> = vec![Vec::with_capacity(met.segments.len())];
    for segment in &met.segments {
        let ids = match segment {
            Segment::Id { entity, id: None } => only(reach, entity),
            _ => None,
        };
        if let Some(ids) = ids {
            let with = |row: Vec<_>, id| [row, vec![Some(id)]].concat();
            let grown = rows
                .iter()
                .flat_map(|row| ids.iter().map(move |id| with(row.clone(), id.as_str())));
            rows = grown.collect();
        } else {
            let (Segment::Plain(text) | Segment::Id { id: text, .. }) = segment;
            rows.iter_mut().for_each(|row| row.push(text.as_deref()));
        }
    }
    rows.iter().filter_map(|row| written(row)).collect()
}

fn written(row: &[Option<&str>]) -> Option<String> {
    let mut writer = PatternWriter::default();
    for segment in row {
        match segment {
            // Fails for an empty id, which no key has.
            Some(text) => writer.literal(text).ok()?,
            None => writer.any(),
        }
    }
    writer.finish().ok().map(|pattern| pattern.to_string())
}

#[cfg(test)]
mod tests;
