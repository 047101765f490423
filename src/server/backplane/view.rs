//! What of a notice a caller may see.
//!
//! Who may see everything gets a notice as it is. For anybody else each pattern is read against the schema: which
//! families does it meet, and whose are their keys? What is another's is left out. A pattern that is wider than the
//! caller is narrowed to the caller's ids. An event that was about the caller's own may name others beside it, such
//! as the agent that ran, and families that belong to nobody.
//!
//! Of some keys it cannot be told whose they are: those of nobody, and those of an entity that the caller's reach does
//! not speak of. The caller may hold such a key, and then it is stale. So he is told, but not which: the pattern is
//! blurred until it says no more than the schema does, that something of this family has changed.

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

    /// What somebody of this reach may see. No patterns: nothing for him.
    pub(super) fn within<'n>(&self, notice: &'n Notice, reach: &Reach) -> Seen<'n> {
        let about = About::of(&notice.scope, reach);
        let mut seen = Seen { patterns: Vec::new(), reason: UNSPECIFIED };
        let mut meetings = self.meetings.iter().peekable();
        for (place, pattern) in notice.patterns.iter().enumerate() {
            // They are in the patterns' order, and of many patterns there are many.
            let of_pattern = std::iter::from_fn(|| meetings.next_if(|(of, _)| *of == place));
            let sights: Vec<_> =
                of_pattern.map(|(_, met)| (met, sight(met, reach, &about))).collect();
            let sees = |sight| sights.iter().any(|(_, seen)| *seen == sight);
            if sees(Sight::Whole) || sees(Sight::Part) {
                seen.reason = notice.reason.as_str();
            }
            if !sights.is_empty() && sights.iter().all(|(_, sight)| *sight == Sight::Whole) {
                seen.add(Cow::Borrowed(pattern.as_str()));
                continue;
            }
            for (met, sight) in sights.iter().filter(|(_, sight)| *sight != Sight::Hidden) {
                for part in parts(met, reach, *sight) {
                    seen.add(Cow::Owned(part));
                }
            }
        }
        seen
    }
}

/// The reason that is given where nothing is told but that something has changed.
const UNSPECIFIED: &str = "unspecified";

/// What of a notice is shown to one caller.
#[derive(Debug)]
pub(super) struct Seen<'n> {
    pub(super) patterns: Vec<Cow<'n, str>>,
    pub(super) reason: &'n str,
}

impl<'n> Seen<'n> {
    fn add(&mut self, pattern: Cow<'n, str>) {
        if !self.patterns.contains(&pattern) {
            self.patterns.push(pattern);
        }
    }
}

/// An event's entities, as (entity, id).
type Scope = Vec<(String, String)>;

/// Whom an event was about, as a caller sees it.
enum About<'n> {
    /// Somebody whom the reach names, and nobody whom it leaves out.
    Own(&'n Scope),
    /// Somebody whom the reach leaves out. Whoever is named beside him is his.
    Others(&'n Scope),
    /// Nobody of whom the reach speaks.
    Unknown,
}

impl<'n> About<'n> {
    fn of(scope: &'n Scope, reach: &Reach) -> Self {
        let mut named = scope.iter().filter(|(entity, _)| only(reach, entity).is_some()).peekable();
        if named.peek().is_none() {
            return Self::Unknown;
        }
        if named.all(|(entity, id)| reach.allows(entity, id)) {
            Self::Own(scope)
        } else {
            Self::Others(scope)
        }
    }
}

fn names(scope: &Scope, entity: &str, id: &str) -> bool {
    scope.iter().any(|(e, i)| e == entity && i == id)
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
    /// Nobody can tell whose it is.
    Blurred,
    /// None of it.
    Hidden,
}

fn sight(met: &Meeting, reach: &Reach, about: &About<'_>) -> Sight {
    if reach_is_empty(reach) {
        return Sight::Hidden;
    }
    let (mut is_somebodys, mut is_part, mut is_unknown) = (false, false, false);
    for segment in &met.segments {
        let Segment::Id { entity, id } = segment else { continue };
        is_somebodys = true;
        match (reach.ids(entity), id) {
            (Some(Ids::Any), _) => {}
            (Some(Ids::Only(ids)), Some(id)) if ids.contains(id) => {}
            (Some(Ids::Only(_)), Some(_)) => return Sight::Hidden,
            (Some(Ids::Only(_)), None) => is_part = true,
            (None, Some(id)) => match about {
                About::Own(scope) if names(scope, entity, id) => {}
                About::Others(scope) if names(scope, entity, id) => return Sight::Hidden,
                _ => is_unknown = true,
            },
            (None, None) => is_unknown = true,
        }
    }
    let is_known = is_somebodys || matches!(about, About::Own(_)) || *reach == Reach::Everything;
    match (is_unknown || !is_known, is_part) {
        (true, _) => Sight::Blurred,
        (false, true) => Sight::Part,
        (false, false) => Sight::Whole,
    }
}

/// Whether nothing whatever is within reach.
fn reach_is_empty(reach: &Reach) -> bool {
    match reach {
        Reach::Everything => false,
        Reach::Of(entities) => {
            entities.values().all(|ids| matches!(ids, Ids::Only(ids) if ids.is_empty()))
        }
    }
}

/// The patterns of what is seen: one for each of the reach's ids where any was meant. What is blurred keeps the ids
/// that the reach names, and what else a key of theirs says.
fn parts(met: &Meeting, reach: &Reach, sight: Sight) -> Vec<String> {
    let is_blurred = sight == Sight::Blurred;
    let is_within = |segment: &Segment| matches!(segment, Segment::Id { entity, .. } if reach.ids(entity).is_some());
    let is_anonymous = is_blurred && !met.segments.iter().any(is_within);
    let mut rows: Vec<Vec<Option<&str>>> = vec![Vec::with_capacity(met.segments.len())];
    for segment in &met.segments {
        let text = match segment {
            Segment::Literal(text) => Some(text.as_str()),
            Segment::Plain(_) if is_anonymous => None,
            Segment::Id { .. } if is_blurred && !is_within(segment) => None,
            Segment::Plain(text) | Segment::Id { id: text, .. } => text.as_deref(),
        };
        let ids = match (segment, text) {
            (Segment::Id { entity, .. }, None) => only(reach, entity),
            _ => None,
        };
        if let Some(ids) = ids {
            let with = |row: Vec<_>, id| [row, vec![Some(id)]].concat();
            let grown = rows
                .iter()
                .flat_map(|row| ids.iter().map(move |id| with(row.clone(), id.as_str())));
            rows = grown.collect();
        } else {
            rows.iter_mut().for_each(|row| row.push(text));
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
