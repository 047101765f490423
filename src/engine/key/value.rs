//! The values that a key is made of.

/// One value inside a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A string, number, boolean, `null` or `undefined`, as its JSON text (strings with their quotes).
    Primitive(Box<str>),
    /// An array.
    Array(Vec<Value>),
    /// An object: names (JSON texts with their quotes) in ascending order.
    Object(Vec<(Box<str>, Value)>),
}

impl Value {
    /// The value as text that tells different values apart, undefined included.
    pub(in crate::engine) fn write_raw(&self, text: &mut String) {
        match self {
            Self::Primitive(primitive) => text.push_str(primitive),
            Self::Array(elements) => {
                text.push('[');
                for element in elements {
                    element.write_raw(text);
                    text.push(',');
                }
                text.push(']');
            }
            Self::Object(members) => {
                text.push('{');
                for (name, value) in members {
                    text.push_str(name);
                    text.push(':');
                    value.write_raw(text);
                    text.push(',');
                }
                text.push('}');
            }
        }
    }

    pub(in crate::engine) fn is_undefined(&self) -> bool {
        self.is("undefined")
    }

    /// Whether this is the primitive with this text.
    pub(in crate::engine) fn is(&self, word: &str) -> bool {
        matches!(self, Self::Primitive(text) if **text == *word)
    }

    pub(in crate::engine) fn is_primitive(&self) -> bool {
        matches!(self, Self::Primitive(_))
    }
}
