//! The canonical text of a key, as TanStack's `hashKey` writes it. In the browser, JavaScript hashes its keys itself.

use super::Value;
use super::matching::array_index;

/// The text of a key with these elements.
pub(super) fn hash(elements: &[Value]) -> String {
    let mut hash = String::new();
    write_array(elements, &mut hash);
    hash
}

fn write_array(elements: &[Value], hash: &mut String) {
    hash.push('[');
    for (index, element) in elements.iter().enumerate() {
        if index > 0 {
            hash.push(',');
        }
        element.write_hash(hash);
    }
    hash.push(']');
}

impl Value {
    fn write_hash(&self, hash: &mut String) {
        match self {
            Self::Primitive(_) if self.is_undefined() => hash.push_str("null"),
            Self::Primitive(primitive) => hash.push_str(primitive),
            Self::Array(elements) => write_array(elements, hash),
            Self::Object(members) => {
                // Only who needs this hash pays for the sort: in the browser, JavaScript hashes its keys itself.
                let mut members: Vec<_> =
                    members.iter().filter(|(_, value)| !value.is_undefined()).collect();
                members.sort_by_cached_key(|(name, _)| member_order(name));
                hash.push('{');
                for (index, (name, value)) in members.into_iter().enumerate() {
                    if index > 0 {
                        hash.push(',');
                    }
                    hash.push_str(name);
                    hash.push(':');
                    value.write_hash(hash);
                }
                hash.push('}');
            }
        }
    }
}

/// The order in which `hashKey` writes members: names that are array indices by number (JavaScript puts them
/// first in every object), then the others by their UTF-16 code units.
fn member_order(name: &str) -> (bool, usize, Vec<u16>) {
    let index = array_index(name).filter(|index| *index < u32::MAX as usize);
    (index.is_none(), index.unwrap_or(0), code_units(name))
}

/// The UTF-16 code units that a string's JSON text stands for.
fn code_units(json: &str) -> Vec<u16> {
    let inner = json.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(json);
    let mut units = Vec::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            units.extend_from_slice(character.encode_utf16(&mut [0; 2]));
            continue;
        }
        units.push(match characters.next() {
            Some('b') => 8,
            Some('t') => 9,
            Some('n') => 10,
            Some('f') => 12,
            Some('r') => 13,
            Some('u') => {
                let digits: String = characters.by_ref().take(4).collect();
                u16::from_str_radix(&digits, 16).unwrap_or(0)
            }
            other => other.map_or(0, |other| other as u16),
        });
    }
    units
}
