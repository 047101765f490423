//! What may stand in a key: texts and whole numbers.

use core::fmt::Write;

use crate::KeyError;
use crate::segment::encode_into;

/// A value that can be a segment of a key.
///
/// Texts and integers, and nothing else: a float has more than one spelling, and a key has one.
pub trait Identifier {
    /// Appends the encoded segment.
    ///
    /// # Errors
    /// [`KeyError::EmptyIdentifier`] when the identifier is empty.
    fn write_segment(&self, text: &mut String) -> Result<(), KeyError>;
}

impl Identifier for str {
    fn write_segment(&self, text: &mut String) -> Result<(), KeyError> {
        encode_into(text, self)
    }
}

impl Identifier for String {
    fn write_segment(&self, text: &mut String) -> Result<(), KeyError> {
        encode_into(text, self)
    }
}

impl<T: Identifier + ?Sized> Identifier for &T {
    fn write_segment(&self, text: &mut String) -> Result<(), KeyError> {
        (**self).write_segment(text)
    }
}

macro_rules! integers {
    ($($integer:ty)*) => {$(
        impl Identifier for $integer {
            fn write_segment(&self, text: &mut String) -> Result<(), KeyError> {
                // Writing to a `String` cannot fail, and digits need no encoding.
                let _ = write!(text, "{self}");
                Ok(())
            }
        }
    )*};
}

integers! { u8 u16 u32 u64 usize i8 i16 i32 i64 isize }
