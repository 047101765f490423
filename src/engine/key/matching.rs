//! When a key matches a filter: arrays by prefix, objects by subset, at every depth.

use super::Value;

impl Value {
    /// Whether this value is matched by `filter`.
    pub(in crate::engine) fn matches(&self, filter: &Value) -> bool {
        match (self, filter) {
            (Self::Primitive(value), Self::Primitive(filter)) => value == filter,
            (Self::Array(value), Self::Array(filter)) => array_matches(value, filter),
            (Self::Primitive(_), _) | (_, Self::Primitive(_)) => false,
            // As in JavaScript, an array is an object whose names are its indices.
            (_, Self::Object(members)) => {
                members.iter().all(|(name, filter)| member_matches(self.member(name), filter))
            }
            (Self::Object(members), Self::Array(elements)) => {
                elements.iter().enumerate().all(|(index, filter)| {
                    let member = members.iter().find(|(name, _)| array_index(name) == Some(index));
                    member_matches(member.map(|(_, value)| value), filter)
                })
            }
        }
    }

    fn member(&self, name: &str) -> Option<&Value> {
        match self {
            Self::Primitive(_) => None,
            // Not a binary search: the names of a key's object are few, and mostly differ in length.
            Self::Object(members) => {
                members.iter().find(|(other, _)| **other == *name).map(|(_, value)| value)
            }
            Self::Array(elements) => elements.get(array_index(name)?),
        }
    }
}

/// The index that a name (with its quotes) is for an array: `"10"`, but not `"010"`.
pub(super) fn array_index(name: &str) -> Option<usize> {
    let (_, digits) = name.as_bytes().split_first()?;
    let (_, digits) = digits.split_last()?;
    let mut index = 0_usize;
    for digit in digits {
        let value = digit.checked_sub(b'0').filter(|value| *value < 10)?;
        index = index.checked_mul(10)?.checked_add(usize::from(value))?;
    }
    let leading_zero = digits.len() > 1 && digits[0] == b'0';
    (!digits.is_empty() && !leading_zero).then_some(index)
}

pub(super) fn array_matches(value: &[Value], filter: &[Value]) -> bool {
    filter.iter().enumerate().all(|(index, filter)| member_matches(value.get(index), filter))
}

/// A member that is missing reads as `undefined`, as in JavaScript.
fn member_matches(value: Option<&Value>, filter: &Value) -> bool {
    match value {
        Some(value) => value.matches(filter),
        None => filter.is_undefined(),
    }
}
