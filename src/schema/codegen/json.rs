//! JSON: the schema for programs that are none of ours.

use core::fmt::Write;

use crate::parse::Document;
use crate::{Event, Family, Ttl};

pub(super) fn write(document: &Document) -> String {
    let schema = &document.schema;
    let ttl =
        schema.ttl_classes.iter().map(|(name, ttl)| (name.as_str(), ttl.as_secs().to_string()));
    let segments = document.segments.iter().map(|segment| {
        let mut entry = vec![("type", text(if segment.integer { "integer" } else { "string" }))];
        entry.extend(segment.entity.as_ref().map(|entity| ("entity", text(entity))));
        if !segment.values.is_empty() {
            entry.push(("values", list(segment.values.iter().map(|value| text(value)))));
        }
        entry.extend(segment.example.as_ref().map(|example| ("example", text(example))));
        (segment.name.as_str(), object(entry, INLINE))
    });
    let types = document.types.iter().map(|value_type| {
        let fields =
            value_type.fields.iter().map(|(name, kind)| (name.as_str(), text(&kind.to_string())));
        (value_type.name.as_str(), object(fields, 2))
    });
    let top = [
        ("name", text(&schema.name)),
        ("ttl_seconds", object(ttl, 1)),
        ("entities", list(schema.entities.iter().map(|entity| text(entity)))),
        ("segments", object(segments, 1)),
        ("families", object(schema.families.iter().map(|f| (f.name.as_str(), family(f))), 1)),
        ("events", object(schema.events.iter().map(|e| (e.name.as_str(), event(e))), 1)),
        ("types", object(types, 1)),
    ];
    object(top, 0) + "\n"
}

fn family(family: &Family) -> String {
    let ttl = match &family.ttl {
        Ttl::Fixed(ttl) => ttl.as_secs().to_string(),
        Ttl::By { field, values, otherwise } => {
            let values =
                values.iter().map(|(value, ttl)| (value.as_str(), ttl.as_secs().to_string()));
            let entries = [
                ("by", text(field)),
                ("values", object(values, INLINE)),
                ("otherwise", otherwise.as_secs().to_string()),
            ];
            object(entries, INLINE)
        }
    };
    let entities =
        family.entities.iter().map(|entity| (entity.field.as_str(), text(&entity.entity)));
    let mut entries = vec![
        ("doc", text(&family.doc)),
        ("key", text(family.template.as_str())),
        ("ttl_seconds", ttl),
        ("entities", object(entities, INLINE)),
        ("sensitive", family.sensitive.to_string()),
        ("value", text(&family.value)),
    ];
    entries.extend(family.endpoint.as_ref().map(|endpoint| ("endpoint", text(endpoint))));
    let interval = family.refetch_interval.map(|interval| interval.as_secs().to_string());
    entries.extend(interval.map(|seconds| ("refetch_interval_seconds", seconds)));
    object(entries, 2)
}

fn event(event: &Event) -> String {
    let fields = event.fields.iter().map(|field| {
        let mark = if field.optional { "?" } else { "" };
        (field.name.as_str(), text(&format!("{}{mark}", field.holds)))
    });
    let mut entries = vec![
        ("doc", text(&event.doc)),
        ("fields", object(fields, INLINE)),
        ("invalidates", list(event.invalidates.iter().map(|pattern| text(pattern.as_str())))),
    ];
    if let Some(caches) = &event.caches {
        let fields = caches.fields.iter().map(|(segment, field)| (segment.as_str(), text(field)));
        let entry = [
            ("family", text(&caches.family)),
            ("fields", object(fields, INLINE)),
            ("value", text(&caches.value)),
        ];
        entries.push(("caches", object(entry, INLINE)));
    }
    object(entries, 2)
}

/// The depth of an object that is written on one line.
const INLINE: usize = usize::MAX;

/// An object: one entry a line, indented so deep, or [`INLINE`].
fn object<'a>(entries: impl IntoIterator<Item = (&'a str, String)>, depth: usize) -> String {
    let entries: Vec<_> =
        entries.into_iter().map(|(name, value)| format!("{}: {value}", text(name))).collect();
    if entries.is_empty() {
        return "{}".to_owned();
    }
    if depth == INLINE {
        return format!("{{ {} }}", entries.join(", "));
    }
    let indent = "  ".repeat(depth);
    format!("{{\n{indent}  {}\n{indent}}}", entries.join(&format!(",\n{indent}  ")))
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}

fn text(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            c if c < ' ' => {
                let _ = write!(quoted, "\\u{:04x}", c as u32);
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
