//! Whose data a caller may touch.

use std::collections::{BTreeMap, BTreeSet};

use crate::schema::{Family, Pattern, PatternSegment, Schema, TemplateSegment};

/// The ids of one entity that are within reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ids {
    /// All of them.
    Any,
    /// These.
    Only(BTreeSet<String>),
}

/// Whose data a caller may touch.
///
/// **What is not named is out of reach.** A key is within reach when it names an entity, and each entity that
/// it names is. So with the workspace `ws1` alone, `exec:kpis:ws1` is within reach; `exec:kpis:ws2` is not, nor
/// `agent:analytics:a7:7d` (whose agent?), nor a key that belongs to nobody.
///
/// ```
/// use samekey::server::access::Reach;
///
/// let reach = Reach::only("workspace", ["ws1"]).and_any("agent");
/// assert!(reach.allows("workspace", "ws1") && reach.allows("agent", "a7"));
/// assert!(!reach.allows("workspace", "ws2") && !reach.allows("user", "u1"));
/// assert!(Reach::Everything.allows("user", "u1"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Every key of the schema, those that belong to nobody too.
    Everything,
    /// The keys of these entities, by name.
    Of(BTreeMap<String, Ids>),
}

impl Reach {
    /// Nobody's.
    #[must_use]
    pub const fn nothing() -> Self {
        Self::Of(BTreeMap::new())
    }

    /// That of these ids of one entity.
    #[must_use]
    pub fn only<I: Into<String>>(
        entity: impl Into<String>,
        ids: impl IntoIterator<Item = I>,
    ) -> Self {
        Self::nothing().and_only(entity, ids)
    }

    /// These ids of one more entity.
    #[must_use]
    pub fn and_only<I: Into<String>>(
        self,
        entity: impl Into<String>,
        ids: impl IntoIterator<Item = I>,
    ) -> Self {
        self.and(entity, Ids::Only(ids.into_iter().map(Into::into).collect()))
    }

    /// Every id of one more entity.
    #[must_use]
    pub fn and_any(self, entity: impl Into<String>) -> Self {
        self.and(entity, Ids::Any)
    }

    fn and(mut self, entity: impl Into<String>, ids: Ids) -> Self {
        if let Self::Of(entities) = &mut self {
            entities.insert(entity.into(), ids);
        }
        self
    }

    /// Whether this entity is within reach.
    #[must_use]
    pub fn allows(&self, entity: &str, id: &str) -> bool {
        match self.ids(entity) {
            Some(Ids::Any) => true,
            Some(Ids::Only(ids)) => ids.contains(id),
            None => false,
        }
    }

    /// The ids of this entity that are within reach; `None` when none is.
    #[must_use]
    pub fn ids(&self, entity: &str) -> Option<&Ids> {
        match self {
            Self::Everything => Some(&Ids::Any),
            Self::Of(entities) => entities.get(entity),
        }
    }

    /// Whether something that concerns these entities, and no other, is within reach. What concerns nobody
    /// is within the reach of [`Reach::Everything`] only.
    pub fn allows_all<E: AsRef<str>, I: AsRef<str>>(
        &self,
        entities: impl IntoIterator<Item = (E, I)>,
    ) -> bool {
        if *self == Self::Everything {
            return true;
        }
        let mut entities = entities.into_iter().peekable();
        entities.peek().is_some()
            && entities.all(|(entity, id)| self.allows(entity.as_ref(), id.as_ref()))
    }

    /// Whether this key is within reach.
    #[must_use]
    pub fn allows_key(&self, schema: &Schema, key: &str) -> bool {
        self.allows_all(schema.entities_of(key))
    }

    /// Whether **every** key of the schema that this pattern can match is within reach. A pattern that
    /// matches none has nothing to reach for, and is not.
    #[must_use]
    pub fn allows_pattern(&self, schema: &Schema, pattern: &Pattern) -> bool {
        if *self == Self::Everything {
            return true;
        }
        let mut families =
            schema.families.iter().filter(|family| overlaps(family, pattern)).peekable();
        families.peek().is_some()
            && families.all(|family| self.allows_pattern_within(family, pattern))
    }

    fn allows_pattern_within(&self, family: &Family, pattern: &Pattern) -> bool {
        let within = |entity: &str, field: &str| {
            let Some(ids) = self.ids(entity) else { return false };
            let at = family.template.position(field).and_then(|at| pattern.segments().get(at));
            match (ids, at) {
                (Ids::Any, _) => true,
                (Ids::Only(ids), Some(PatternSegment::Literal(id))) => ids.contains(id),
                // A wildcard there, or a `*` before it that ends the pattern.
                (Ids::Only(_), _) => false,
            }
        };
        !family.entities.is_empty()
            && family.entities.iter().all(|segment| within(&segment.entity, &segment.field))
    }
}

/// Whether some key of the family might be matched by the pattern.
fn overlaps(family: &Family, pattern: &Pattern) -> bool {
    let template = family.template.segments();
    let pattern = pattern.segments();
    let shortest = template.len() - usize::from(family.template.has_optional());
    let open = matches!(pattern.last(), Some(PatternSegment::Rest));
    let as_long = pattern.len() <= template.len() && (open || pattern.len() >= shortest);
    as_long
        && template.iter().zip(pattern).all(|segments| match segments {
            (TemplateSegment::Literal(theirs), PatternSegment::Literal(ours)) => theirs == ours,
            _ => true,
        })
}

#[cfg(test)]
mod tests;
