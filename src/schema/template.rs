//! A template: a key or a pattern with holes, as a schema file writes it.

use std::borrow::Cow;

use crate::key::KeyWriter;
use crate::pattern::PatternWriter;
use crate::segment::decode_segment;
use crate::template_text::parse_segment;
use crate::{Key, KeyError, Pattern, SchemaError};

/// A family's key (`agent:top:{workspace}:{timeframe}:{limit=10}`,
/// `user:analytics:{workspace}:{timeframe}[:{segment}]`) or an event's pattern
/// (`metrics:agg:*:{workspace_id}:*`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    text: String,
    segments: Vec<TemplateSegment>,
    /// The literal text it begins with (`exec:dashboard`): most keys of other families differ here,
    /// and are told apart by one comparison.
    prefix: String,
}

/// One segment of a [`Template`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplateSegment {
    /// This text.
    Literal(String),
    /// `{name}`, `{name=default}` or `[:{name}]`.
    Field {
        /// The field's name.
        name: String,
        /// Whether the field may be left out, and what then.
        presence: Presence,
    },
    /// `*`; only in an event's pattern.
    Any,
}

/// Whether a field must be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    /// `{name}`: always.
    Required,
    /// `{name=default}`: when left out, the key holds the default.
    Default(String),
    /// `[:{name}]`, last: when left out, the key is one segment shorter.
    Optional,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// [`KeyError::BadTemplate`]; [`KeyError::ReservedCharacter`] when literal text or a default
    /// would have to be encoded; [`KeyError::EmptyIdentifier`] for an empty segment.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let (head, optional) = match text.strip_suffix(']') {
            Some(open) => {
                let (head, tail) = open.split_once("[:").ok_or(KeyError::BadTemplate)?;
                (head, Some(tail))
            }
            None => (text, None),
        };
        let mut segments = Vec::new();
        for segment in head.split(':') {
            segments.push(parse_segment(segment)?);
        }
        if let Some(tail) = optional {
            match parse_segment(tail)? {
                TemplateSegment::Field { name, presence: Presence::Required } => {
                    segments.push(TemplateSegment::Field { name, presence: Presence::Optional });
                }
                _ => return Err(KeyError::BadTemplate),
            }
        }
        let literals = segments.iter().map_while(|segment| match segment {
            TemplateSegment::Literal(literal) => Some(literal.as_str()),
            _ => None,
        });
        let prefix = literals.collect::<Vec<_>>().join(":");
        Ok(Self { text: text.to_owned(), segments, prefix })
    }

    /// The text that was read.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The segments; never empty.
    #[must_use]
    pub fn segments(&self) -> &[TemplateSegment] {
        &self.segments
    }

    /// The fields in their order: name, and whether it may be left out.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &Presence)> {
        self.segments.iter().filter_map(|segment| match segment {
            TemplateSegment::Field { name, presence } => Some((name.as_str(), presence)),
            _ => None,
        })
    }

    /// Where the field stands, counted from 0.
    #[must_use]
    pub fn position(&self, field: &str) -> Option<usize> {
        self.segments.iter().position(
            |segment| matches!(segment, TemplateSegment::Field { name, .. } if name == field),
        )
    }

    /// Whether the last segment may be missing.
    #[must_use]
    pub fn has_optional(&self) -> bool {
        matches!(
            self.segments.last(),
            Some(TemplateSegment::Field { presence: Presence::Optional, .. })
        )
    }

    /// Whether `key`, a key's text, has this template's shape.
    #[must_use]
    pub fn matches(&self, key: &str) -> bool {
        if !key.starts_with(&self.prefix) {
            return false;
        }
        let mut texts = key.split(':');
        for segment in &self.segments {
            match (segment, texts.next()) {
                (TemplateSegment::Literal(literal), Some(text)) if literal == text => {}
                (TemplateSegment::Literal(_), _) => return false,
                (_, Some("")) => return false,
                (_, Some(_)) => {}
                (_, None) => return self.has_optional() && self.is_last(segment),
            }
        }
        texts.next().is_none()
    }

    fn is_last(&self, segment: &TemplateSegment) -> bool {
        self.segments.last().is_some_and(|last| std::ptr::eq(last, segment))
    }

    /// The raw (decoded) text at a position of a key that [`Template::matches`].
    #[must_use]
    pub fn value_at<'k>(&self, position: usize, key: &'k str) -> Option<Cow<'k, str>> {
        key.split(':').nth(position).and_then(|text| decode_segment(text).ok())
    }

    /// The key with these fields.
    ///
    /// # Errors
    /// [`SchemaError::MissingField`], [`SchemaError::Identifier`].
    pub fn key<'v>(&self, value_of: impl Fn(&str) -> Option<&'v str>) -> Result<Key, SchemaError> {
        let mut text = KeyWriter::with_capacity(self.text.len() + 16);
        for segment in &self.segments {
            match segment {
                TemplateSegment::Literal(literal) => text.identifier(literal.as_str()).ok(),
                TemplateSegment::Any => None,
                TemplateSegment::Field { name, presence } => match (value_of(name), presence) {
                    (Some(value), _) => {
                        text.identifier(value).map_err(|error| bad_field(name, error))?;
                        Some(())
                    }
                    (None, Presence::Default(default)) => text.identifier(default.as_str()).ok(),
                    (None, Presence::Optional) => Some(()),
                    (None, Presence::Required) => None,
                },
            }
            .ok_or_else(|| missing(segment))?;
        }
        text.finish().map_err(|error| bad_field("", error))
    }

    /// The patterns of all keys that have these values; a field without a value becomes `*`.
    /// Two patterns when the last segment is optional and nothing before it is a `*`:
    /// `x:ws1` and `x:ws1:*`.
    ///
    /// # Errors
    /// [`SchemaError::Identifier`].
    pub fn patterns<'v>(
        &self,
        value_of: impl Fn(&str) -> Option<&'v str>,
    ) -> Result<Vec<Pattern>, SchemaError> {
        let mut patterns = Vec::with_capacity(1);
        let required = self.segments.len() - usize::from(self.has_optional());
        let (short, last_is_any) = self.pattern(required, &value_of)?;
        if required == self.segments.len() {
            return Ok(vec![short]);
        }
        let optional_given = self.fields().last().is_some_and(|(name, _)| value_of(name).is_some());
        if !optional_given {
            patterns.push(short);
        }
        // A final `*` already reaches over the optional segment.
        if optional_given || !last_is_any {
            patterns.push(self.pattern(self.segments.len(), &value_of)?.0);
        }
        Ok(patterns)
    }

    /// The pattern of the first `count` segments, and whether it ends in `*`.
    fn pattern<'v>(
        &self,
        count: usize,
        value_of: &impl Fn(&str) -> Option<&'v str>,
    ) -> Result<(Pattern, bool), SchemaError> {
        let mut pattern = PatternWriter::default();
        let mut last_is_any = false;
        for segment in &self.segments[..count] {
            let (name, literal) = match segment {
                TemplateSegment::Literal(literal) => ("", Some(literal.as_str())),
                TemplateSegment::Any => ("", None),
                TemplateSegment::Field { name, .. } => (name.as_str(), value_of(name)),
            };
            last_is_any = literal.is_none();
            match literal {
                Some(raw) => pattern.literal(raw).map_err(|error| bad_field(name, error))?,
                None => pattern.any(),
            }
        }
        let pattern = pattern.finish().map_err(|error| bad_field("", error))?;
        Ok((pattern, last_is_any))
    }
}

fn bad_field(field: &str, error: KeyError) -> SchemaError {
    SchemaError::Identifier { field: field.to_owned(), error }
}

fn missing(segment: &TemplateSegment) -> SchemaError {
    SchemaError::MissingField(match segment {
        TemplateSegment::Field { name, .. } => name.clone(),
        TemplateSegment::Literal(_) | TemplateSegment::Any => "*".to_owned(),
    })
}
