//! From one serde format into another without a value between: the order of the keys stays, and nothing is held twice.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Error as _, Serialize, SerializeMap, SerializeSeq, Serializer};

/// Writes what `source` reads to `target`.
pub(super) fn transcode<'de, D, S>(source: D, target: S) -> Result<S::Ok, D::Error>
where
    D: Deserializer<'de>,
    S: Serializer,
{
    source.deserialize_any(Into(target))
}

/// A visitor that hands on what it is shown.
struct Into<S>(S);

/// A deserializer as something to serialize; once, since reading uses it up.
struct Once<D>(Cell<Option<D>>);

impl<'de, D: Deserializer<'de>> Serialize for Once<D> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let source = self.0.take().ok_or_else(|| S::Error::custom("read twice"))?;
        transcode(source, serializer).map_err(S::Error::custom)
    }
}

fn wrong<E: serde::de::Error>(error: impl fmt::Display) -> E {
    E::custom(error)
}

macro_rules! hand_on {
    ($($visit:ident($type:ty) => $serialize:ident,)*) => {
        $(fn $visit<E: serde::de::Error>(self, value: $type) -> Result<S::Ok, E> {
            self.0.$serialize(value).map_err(wrong)
        })*
    };
}

impl<'de, S: Serializer> Visitor<'de> for Into<S> {
    type Value = S::Ok;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value that JSON has")
    }

    // Bytes are left out: JSON has none.
    hand_on! {
        visit_bool(bool) => serialize_bool,
        visit_i64(i64) => serialize_i64,
        visit_u64(u64) => serialize_u64,
        visit_f64(f64) => serialize_f64,
        visit_str(&str) => serialize_str,
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<S::Ok, E> {
        self.0.serialize_unit().map_err(wrong)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<S::Ok, A::Error> {
        let mut seq = self.0.serialize_seq(items.size_hint()).map_err(wrong)?;
        while items.next_element_seed(Item(&mut seq))?.is_some() {}
        seq.end().map_err(wrong)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<S::Ok, A::Error> {
        let mut map = self.0.serialize_map(entries.size_hint()).map_err(wrong)?;
        while entries.next_key_seed(Name(&mut map))?.is_some() {
            entries.next_value_seed(Held(&mut map))?;
        }
        map.end().map_err(wrong)
    }
}

macro_rules! seed {
    ($name:ident, $trait:ident, $method:ident) => {
        struct $name<'a, S>(&'a mut S);

        impl<'de, S: $trait> DeserializeSeed<'de> for $name<'_, S> {
            type Value = ();

            fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<(), D::Error> {
                self.0.$method(&Once(Cell::new(Some(source)))).map_err(wrong)
            }
        }
    };
}

seed!(Item, SerializeSeq, serialize_element);
seed!(Name, SerializeMap, serialize_key);
seed!(Held, SerializeMap, serialize_value);
