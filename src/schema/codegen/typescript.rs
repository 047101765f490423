//! TypeScript: `queryKeys`, `cacheTime`, the event table and the data types.

use core::fmt::Write;
use std::collections::BTreeSet;

use super::{Options, class_of};
use crate::parse::{BaseType, Document, TypeRef, names};
use crate::{Family, Presence, Ttl};

pub(super) fn write(document: &Document, options: &Options<'_>) -> String {
    let mut out = format!(
        "// Generated from {} by `samekey gen --lang ts`. Do not edit: change the schema and run it again.\n\n\
         import {{ defineFamily }} from '{}'\n",
        options.source, options.import
    );
    if let Some(module) = options.types {
        types_of_theirs(&mut out, module, document);
    }
    out.push('\n');
    segment_types(&mut out, document);
    let written = if options.types.is_some() { &[] } else { &*document.types };
    for value_type in written {
        doc(&mut out, "", &whose(&value_type.name, document));
        let _ = writeln!(out, "export interface {} {{", value_type.name);
        for (name, kind) in &value_type.fields {
            let mark = if kind.optional { "?" } else { "" };
            let _ = writeln!(out, "  {name}{mark}: {}", field_type(kind));
        }
        out.push_str("}\n\n");
    }
    cache_time(&mut out, document);
    query_keys(&mut out, document);
    events(&mut out, document);
    entities(&mut out, document);
    out
}

/// Imports the value types that are named below, and passes them on: who uses a key finds its data's type beside it.
fn types_of_theirs(out: &mut String, module: &str, document: &Document) {
    let schema = &document.schema;
    let values = schema.families.iter().map(|family| family.value.as_str());
    let fields = schema.events.iter().flat_map(|event| &event.fields);
    let held = fields
        .filter(|field| document.segment(&field.holds).is_none())
        .map(|field| field.holds.as_str());
    let names: BTreeSet<_> = values
        .chain(held)
        .filter_map(|text| match TypeRef::parse(text)?.base {
            BaseType::Named(name) => Some(name),
            _ => None,
        })
        .collect();
    if names.is_empty() {
        return;
    }
    let names = names.into_iter().collect::<Vec<_>>().join(", ");
    let module = quoted(module);
    let _ = write!(
        out,
        "import type {{ {names} }} from {module}\n\nexport type {{ {names} }} from {module}\n"
    );
}

/// What a value type is for: the families whose data it is, else the types it is a part of.
fn whose(name: &str, document: &Document) -> String {
    let families = document
        .schema
        .families
        .iter()
        .filter(|family| family.value.strip_suffix("[]").unwrap_or(&family.value) == name);
    let families: Vec<_> =
        families.map(|family| format!("`{}`", names::camel_case(&family.name))).collect();
    if !families.is_empty() {
        return format!("The data of {}.", families.join(", "));
    }
    let part = |(_, kind): &(String, TypeRef)| kind.base == BaseType::Named(name.to_owned());
    let wholes = document.types.iter().filter(|whole| whole.fields.iter().any(part));
    let wholes: Vec<_> = wholes.map(|whole| format!("`{}`", whole.name)).collect();
    if wholes.is_empty() { String::new() } else { format!("A part of {}.", wholes.join(", ")) }
}

/// A union type for each segment that has a list of values.
fn segment_types(out: &mut String, document: &Document) {
    for segment in document.segments.iter().filter(|segment| !segment.values.is_empty()) {
        doc(out, "", &segment.doc);
        let values: Vec<_> = segment.values.iter().map(|value| quoted(value)).collect();
        let name = union_name(&segment.name);
        let _ = writeln!(out, "export type {name} = {}\n", values.join(" | "));
    }
}

/// The type of a segment with a list of values: `Timeframe`. A `{window}` is no browser window.
fn union_name(segment: &str) -> String {
    let name = names::pascal_case(segment);
    let global =
        ["Date", "Document", "Element", "Event", "Location", "Map", "Node", "Request", "Window"];
    if global.contains(&name.as_str()) { name + "Value" } else { name }
}

fn cache_time(out: &mut String, document: &Document) {
    out.push_str("/** Lifetimes in milliseconds. */\nexport const cacheTime = {\n");
    for (name, ttl) in &document.schema.ttl_classes {
        let _ = writeln!(out, "  {}: {},", name.to_uppercase(), ttl.as_millis());
    }
    out.push_str("} as const\n\n");
    for (segment, values) in &document.ttl_by {
        let name = names::pascal_case(segment);
        let _ = writeln!(out, "/** Lifetimes in milliseconds, by {segment}. */");
        let _ = writeln!(out, "export const cacheTimeBy{name} = {{");
        for (value, class) in values {
            let _ = writeln!(out, "  {}: cacheTime.{},", quoted(value), class.to_uppercase());
        }
        out.push_str("} as const\n\n");
    }
}

fn query_keys(out: &mut String, document: &Document) {
    out.push_str(
        "/** The query keys: one function for each family. */\nexport const queryKeys = {\n",
    );
    for family in &document.schema.families {
        doc(out, "  ", &family.doc);
        let name = names::camel_case(&family.name);
        let value =
            TypeRef::parse(&family.value).map_or("unknown".into(), |kind| field_type(&kind));
        let _ = writeln!(
            out,
            "  {name}: defineFamily<{value}, [{}]>(\n    {},\n    {{ {} }},\n  ),",
            parameters(family, document).join(", "),
            quoted(family.template.as_str()),
            family_options(family, document).join(", "),
        );
    }
    out.push_str("} as const\n\n");
}

fn parameters(family: &Family, document: &Document) -> Vec<String> {
    let parameter = |(field, presence): (&str, &Presence)| {
        let mark = if *presence == Presence::Required { "" } else { "?" };
        format!("{}{mark}: {}", names::camel_case(field), segment_type(field, document))
    };
    family.template.fields().map(parameter).collect()
}

fn segment_type(field: &str, document: &Document) -> String {
    match document.segment(field) {
        Some(segment) if !segment.values.is_empty() => union_name(field),
        Some(segment) if segment.integer => "number".to_owned(),
        _ => "string".to_owned(),
    }
}

fn family_options(family: &Family, document: &Document) -> Vec<String> {
    let mut options = match &family.ttl {
        Ttl::Fixed(ttl) => vec![format!("ttl: cacheTime.{}", class_of(document, *ttl))],
        Ttl::By { field, otherwise, .. } => vec![
            format!("ttl: cacheTime.{}", class_of(document, *otherwise)),
            format!(
                "ttlBy: {{ segment: {}, values: cacheTimeBy{} }}",
                quoted(field),
                names::pascal_case(field)
            ),
        ],
    };
    if let Some(endpoint) = &family.endpoint {
        options.push(format!("endpoint: {}", quoted(endpoint)));
    }
    if family.sensitive {
        options.push("sensitive: true".to_owned());
    }
    if let Some(interval) = family.refetch_interval {
        options.push(format!("refetchInterval: {}", interval.as_millis()));
    }
    options
}

fn events(out: &mut String, document: &Document) {
    out.push_str(
        "/** What each event makes stale: patterns, with the event's fields in braces. */\n",
    );
    out.push_str("export const events = {\n");
    for event in &document.schema.events {
        doc(out, "  ", &event.doc);
        let _ = writeln!(out, "  {}: [", event.name);
        for pattern in &event.invalidates {
            let _ = writeln!(out, "    {},", quoted(pattern.as_str()));
        }
        out.push_str("  ],\n");
    }
    out.push_str(
        "} as const\n\n/** The fields each event carries. */\nexport interface EventFields {\n",
    );
    for event in &document.schema.events {
        let fields: Vec<_> = event
            .fields
            .iter()
            .map(|field| {
                let mark = if field.optional { "?" } else { "" };
                let kind = match document.segment(&field.holds) {
                    Some(_) => segment_type(&field.holds, document),
                    None => {
                        TypeRef::parse(&field.holds).map_or("unknown".into(), |k| field_type(&k))
                    }
                };
                format!("{}{mark}: {kind}", field.name)
            })
            .collect();
        let _ = writeln!(out, "  {}: {{ {} }}", event.name, fields.join("; "));
    }
    out.push_str("}\n\n");
}

fn entities(out: &mut String, document: &Document) {
    out.push_str("/** Every key of an entity: patterns, with the entity's id in braces. */\n");
    out.push_str("export const entities = {\n");
    for entity in &document.schema.entities {
        let _ = writeln!(out, "  {entity}: [");
        // An id that no pattern can hold, so that its place is found again.
        let patterns = document.schema.entity_patterns(entity, "{id}").unwrap_or_default();
        for pattern in patterns {
            let text = pattern.as_str().replace("%7Bid%7D", &format!("{{{entity}}}"));
            let _ = writeln!(out, "    {},", quoted(&text));
        }
        out.push_str("  ],\n");
    }
    out.push_str("} as const\n");
}

fn field_type(kind: &TypeRef) -> String {
    let base = match &kind.base {
        BaseType::Text => "string",
        BaseType::Integer | BaseType::Number => "number",
        BaseType::Boolean => "boolean",
        BaseType::Json => "unknown",
        BaseType::Named(name) => name,
    };
    let listed = if kind.list { format!("{base}[]") } else { base.to_owned() };
    if kind.optional && kind.base != BaseType::Json { format!("{listed} | null") } else { listed }
}

fn doc(out: &mut String, indent: &str, text: &str) {
    if !text.is_empty() {
        let _ = writeln!(out, "{indent}/** {} */", text.replace("*/", "* /"));
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n"))
}
