//! Reading one segment of a template: `text`, `*`, `{name}` or `{name=default}`.

use crate::segment::needs_escape;
use crate::{KeyError, Presence, TemplateSegment};

pub(crate) fn parse_segment(text: &str) -> Result<TemplateSegment, KeyError> {
    if text.is_empty() {
        return Err(KeyError::EmptyIdentifier);
    }
    if text == "*" {
        return Ok(TemplateSegment::Any);
    }
    let Some(inside) = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) else {
        return if text.contains(['{', '}', '[', ']']) {
            Err(KeyError::BadTemplate)
        } else if text.contains('*') {
            Err(KeyError::PartialWildcard)
        } else if text.chars().any(needs_escape) {
            Err(KeyError::ReservedCharacter)
        } else {
            Ok(TemplateSegment::Literal(text.to_owned()))
        };
    };
    let (name, presence) = match inside.split_once('=') {
        Some((_, "")) => return Err(KeyError::EmptyIdentifier),
        Some((_, default)) if default.chars().any(needs_escape) => {
            return Err(KeyError::ReservedCharacter);
        }
        Some((name, default)) => (name, Presence::Default(default.to_owned())),
        None => (inside, Presence::Required),
    };
    if is_name(name) {
        Ok(TemplateSegment::Field { name: name.to_owned(), presence })
    } else {
        Err(KeyError::BadTemplate)
    }
}

/// `a-z`, digits and `_`, beginning with a letter: a name in all four languages.
#[must_use]
pub fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}
