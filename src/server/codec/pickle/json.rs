//! What a pickle built, as JSON: as `json.dumps` writes it, in the shortest form.

use std::io::Write;

use serde::Serialize;

use super::MAX_DEPTH;
use super::heap::{Heap, Value};
use crate::server::codec::limited::Limited;

pub(super) fn write(heap: &Heap, root: Value, limit: usize) -> Result<Vec<u8>, String> {
    let mut writer = Writer { heap, target: Limited::new(limit) };
    writer.value(&root, 0)?;
    Ok(writer.target.into_bytes())
}

struct Writer<'h> {
    heap: &'h Heap,
    target: Limited,
}

impl Writer<'_> {
    fn value(&mut self, value: &Value, depth: usize) -> Result<(), String> {
        match value {
            Value::None => self.text("null"),
            Value::Bool(value) => self.text(if *value { "true" } else { "false" }),
            Value::Integer(value) => self.text(&value.to_string()),
            Value::Float(value) if value.is_finite() => self.scalar(value),
            Value::Float(_) => Err("a number that is not finite".to_owned()),
            Value::Text(text) => self.scalar(&**text),
            Value::List(place) => {
                let heap = self.heap;
                self.between('[', ']', heap.list(*place), depth, |writer, item, depth| {
                    writer.value(item, depth)
                })
            }
            Value::Dict(place) => {
                let heap = self.heap;
                self.between('{', '}', heap.dict(*place), depth, |writer, (name, value), depth| {
                    writer.name(name)?;
                    writer.text(":")?;
                    writer.value(value, depth)
                })
            }
        }
    }

    fn between<T>(
        &mut self,
        open: char,
        close: char,
        items: &[T],
        depth: usize,
        each: impl Fn(&mut Self, &T, usize) -> Result<(), String>,
    ) -> Result<(), String> {
        // A list in itself is as deep as one likes, so this ends it too.
        if depth == MAX_DEPTH {
            return Err(format!("nested more than {MAX_DEPTH} deep"));
        }
        self.text(open.encode_utf8(&mut [0; 4]))?;
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.text(",")?;
            }
            each(self, item, depth + 1)?;
        }
        self.text(close.encode_utf8(&mut [0; 4]))
    }

    /// A dict's key, as `json.dumps` makes text of what is none.
    fn name(&mut self, name: &Value) -> Result<(), String> {
        match name {
            Value::Text(text) => self.scalar(&**text),
            Value::Integer(value) => self.text(&format!("\"{value}\"")),
            Value::Bool(true) => self.text("\"true\""),
            Value::Bool(false) => self.text("\"false\""),
            Value::None => self.text("\"null\""),
            // Python writes 1e+16 where others write 1e16: the same number, and not the same name.
            Value::Float(_) => Err("a float as a dict's key".to_owned()),
            Value::List(_) | Value::Dict(_) => Err("a tuple as a dict's key".to_owned()),
        }
    }

    fn scalar(&mut self, value: &(impl Serialize + ?Sized)) -> Result<(), String> {
        serde_json::to_writer(&mut self.target, value).map_err(|error| error.to_string())
    }

    fn text(&mut self, text: &str) -> Result<(), String> {
        self.target.write_all(text.as_bytes()).map_err(|error| error.to_string())
    }
}
