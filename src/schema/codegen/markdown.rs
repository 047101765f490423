//! Markdown: the schema for people.

use core::fmt::Write;

use super::{Options, class_of};
use crate::parse::{Document, names};
use crate::{Family, Ttl};

pub(super) fn write(document: &Document, options: &Options<'_>) -> String {
    let schema = &document.schema;
    let mut out = format!(
        "<!-- Generated from {0} by `samekey gen --lang markdown`. Do not edit. -->\n\n\
         # The schema `{1}`\n\n",
        options.source, schema.name
    );
    out.push_str("## Lifetimes\n\n| class | seconds |\n|---|---|\n");
    for (name, ttl) in &schema.ttl_classes {
        let _ = writeln!(out, "| {} | {} |", name.to_uppercase(), ttl.as_secs());
    }
    families(&mut out, document);
    events(&mut out, document);
    entities(&mut out, document);
    segments(&mut out, document);
    types(&mut out, document);
    out
}

fn families(out: &mut String, document: &Document) {
    out.push_str("\n## Families\n\n| family | in TypeScript | key | TTL | value | endpoint | |\n|---|---|---|---|---|---|---|\n");
    for family in &document.schema.families {
        let endpoint = family.endpoint.as_ref().map_or_else(|| "–".to_owned(), |url| code(url));
        let _ = writeln!(
            out,
            "| `{}` | `{}` | {} | {} | `{}` | {endpoint} | {} |",
            family.name,
            names::camel_case(&family.name),
            code(family.template.as_str()),
            ttl(family, document),
            family.value,
            remarks(family),
        );
    }
}

fn ttl(family: &Family, document: &Document) -> String {
    match &family.ttl {
        Ttl::Fixed(ttl) => class_of(document, *ttl),
        Ttl::By { field, values, otherwise } => {
            let values: Vec<_> = values
                .iter()
                .map(|(value, ttl)| format!("{value} {}", class_of(document, *ttl)))
                .collect();
            format!("by {field}: {}; else {}", values.join(", "), class_of(document, *otherwise))
        }
    }
}

fn remarks(family: &Family) -> String {
    let mut remarks = vec![family.doc.clone()];
    if family.sensitive {
        remarks.push("Sensitive.".to_owned());
    }
    if let Some(interval) = family.refetch_interval {
        remarks.push(format!("Asked for again every {} s while shown.", interval.as_secs()));
    }
    remarks.retain(|remark| !remark.is_empty());
    remarks.join(" ")
}

fn events(out: &mut String, document: &Document) {
    out.push_str("\n## Events\n");
    for event in &document.schema.events {
        let fields: Vec<_> = event
            .fields
            .iter()
            .map(|field| format!("`{}{}`", field.name, if field.optional { "?" } else { "" }))
            .collect();
        let _ = writeln!(out, "\n### `{}` ({})\n\n{}\n", event.name, fields.join(", "), event.doc);
        for pattern in &event.invalidates {
            let _ = writeln!(out, "- {}", code(pattern.as_str()));
        }
        if let Some(caches) = &event.caches {
            let _ = writeln!(out, "\nStores its `{}` in `{}`.", caches.value, caches.family);
        }
    }
}

fn entities(out: &mut String, document: &Document) {
    out.push_str("\n## Entities\n\n| entity | families |\n|---|---|\n");
    for entity in &document.schema.entities {
        let families: Vec<_> = document
            .schema
            .families
            .iter()
            .filter(|family| family.belongs_to(entity))
            .map(|family| format!("`{}`", family.name))
            .collect();
        let _ = writeln!(out, "| {entity} | {} |", families.join(", "));
    }
}

fn segments(out: &mut String, document: &Document) {
    out.push_str("\n## Segments\n\n| segment | meaning | values |\n|---|---|---|\n");
    for segment in &document.segments {
        let values = match segment.values.as_slice() {
            [] if segment.integer => "a whole number".to_owned(),
            [] => "any text".to_owned(),
            values => values.iter().map(|value| code(value)).collect::<Vec<_>>().join(", "),
        };
        let _ = writeln!(out, "| `{}` | {} | {values} |", segment.name, segment.doc);
    }
}

fn types(out: &mut String, document: &Document) {
    out.push_str("\n## Values\n");
    for value_type in &document.types {
        let _ = writeln!(out, "\n### `{}`\n\n| field | type |\n|---|---|", value_type.name);
        for (name, kind) in &value_type.fields {
            let _ = writeln!(out, "| `{name}` | `{kind}` |");
        }
    }
}

fn code(text: &str) -> String {
    format!("`{}`", text.replace('|', "\\|"))
}
