//! The words of a schema: TTL classes, entities, segments, value types.

use std::borrow::Borrow;
use std::time::Duration;

use super::document::{BaseType, Segment, TypeRef, ValueType, is_type_name};
use super::finding::{Code, Findings};
use super::reader::{At, Table, each_table};
use super::{Sections, names};

/// `[ttl]`: name = seconds.
pub(super) fn ttl_classes(
    section: Option<Table<'_>>,
    findings: &mut Findings<'_>,
) -> Vec<(String, Duration)> {
    let mut classes: Vec<(String, Duration)> = Vec::new();
    let Some(section) = section else { return classes };
    for (name, at, _) in section.entries() {
        names::check(&At { value: name.to_owned(), at }, "a TTL class", findings);
        // A class with a faulty lifetime is still a class: families may name it.
        let seconds = section.seconds(name, findings).unwrap_or(1);
        classes.push((name.to_owned(), Duration::from_secs(u64::from(seconds))));
    }
    classes
}

/// `[ttl_by.timeframe]`: value = class.
pub(super) fn ttl_by(
    section: Option<Table<'_>>,
    classes: &[(String, Duration)],
    findings: &mut Findings<'_>,
) -> Vec<(String, Vec<(String, String)>)> {
    let Some(section) = section else { return Vec::new() };
    let mut tables = Vec::new();
    for (segment, _, _) in section.entries() {
        let mut values = Vec::new();
        for (value, class) in section.text_table(segment, findings) {
            if known_class(&class, classes, findings) {
                values.push((value.value, class.value));
            }
        }
        tables.push((segment.to_owned(), values));
    }
    tables
}

/// Whether the class exists; a finding if not.
pub(super) fn known_class(
    class: &At<String>,
    classes: &[(String, Duration)],
    findings: &mut Findings<'_>,
) -> bool {
    let known = classes.iter().any(|(name, _)| *name == class.value);
    if !known {
        let names: Vec<_> = classes.iter().map(|(name, _)| name.as_str()).collect();
        findings.report(
            class.at,
            Code::UnknownTtl,
            format!("there is no TTL class `{}`", class.value),
            one_of(&names, "add it to [ttl]"),
        );
    }
    known
}

/// `one of: short, long; or add it to [ttl]`; only the latter when there is none yet.
pub(super) fn one_of<S: Borrow<str>>(names: &[S], or: &str) -> String {
    match names {
        [] => or.to_owned(),
        names => format!("one of: {}; or {or}", names.join(", ")),
    }
}

/// `[entities]` and `[segments]`: the entities' names, and all segments.
pub(super) fn segments(
    sections: &mut Sections<'_>,
    findings: &mut Findings<'_>,
) -> (Vec<String>, Vec<Segment>) {
    let mut segments: Vec<Segment> = Vec::new();
    each_table(sections.get("entities", findings), "entity", findings, |name, table, findings| {
        table.allow(&["doc", "example", "type"], findings);
        let mut segment = segment(&name, table, findings);
        segment.entity = Some(name.value);
        segments.push(segment);
    });
    let entities: Vec<String> = segments.iter().map(|segment| segment.name.clone()).collect();
    each_table(sections.get("segments", findings), "segment", findings, |name, table, findings| {
        table.allow(&["doc", "example", "entity", "type", "values"], findings);
        if entities.contains(&name.value) {
            findings.report(
                name.at,
                Code::BadValue,
                format!("`{}` is an entity already", name.value),
                "remove it from [segments] or from [entities]",
            );
        }
        let mut segment = segment(&name, table, findings);
        if let Some(entity) = table.text("entity", findings) {
            known_entity(&entity, &entities, findings);
            segment.entity = Some(entity.value);
        }
        segment.values =
            table.texts("values", findings).into_iter().map(|value| value.value).collect();
        segments.push(segment);
    });
    (entities, segments)
}

fn segment(name: &At<String>, table: Table<'_>, findings: &mut Findings<'_>) -> Segment {
    names::check(name, "a segment", findings);
    let kind = table.text("type", findings);
    if let Some(kind) = kind.as_ref().filter(|it| !matches!(&*it.value, "integer" | "string")) {
        findings.report(
            kind.at,
            Code::UnknownType,
            format!("a segment cannot be of type `{}`", kind.value),
            "`string` (the default) or `integer`: what has one spelling",
        );
    }
    Segment {
        integer: kind.is_some_and(|kind| kind.value == "integer"),
        name: name.value.clone(),
        doc: table.text("doc", findings).map_or_else(String::new, |doc| doc.value),
        example: table.text("example", findings).map(|example| example.value),
        ..Segment::default()
    }
}

/// Reports an entity that is not in `[entities]`.
pub(super) fn known_entity(
    entity: &At<String>,
    entities: &[String],
    findings: &mut Findings<'_>,
) -> bool {
    let known = entities.contains(&entity.value);
    if !known {
        findings.report(
            entity.at,
            Code::UnknownEntity,
            format!("there is no entity `{}`", entity.value),
            one_of(entities, "add it to [entities]"),
        );
    }
    known
}

/// `[types]`: an object type for each table.
pub(super) fn types(section: Option<Table<'_>>, findings: &mut Findings<'_>) -> Vec<ValueType> {
    let mut types: Vec<ValueType> = Vec::new();
    let mut used: Vec<(At<String>, String)> = Vec::new();
    each_table(section, "type", findings, |name, table, findings| {
        if !is_type_name(&name.value) || RESERVED_TYPES.contains(&name.value.as_str()) {
            findings.report(
                name.at,
                Code::UnsafeName,
                format!("`{}` cannot be the name of a type", name.value),
                "write it in PascalCase, such as `TopAgent`; not a name the languages have",
            );
        }
        let mut fields = Vec::new();
        for (field, at, _) in table.entries() {
            names_a_field(&At { value: field.to_owned(), at }, &name.value, &fields, findings);
            let Some(text) = table.text(field, findings) else { continue };
            match TypeRef::parse(&text.value) {
                Some(parsed) => {
                    if let BaseType::Named(named) = &parsed.base {
                        used.push((At { value: named.clone(), at: text.at }, name.value.clone()));
                    }
                    fields.push((field.to_owned(), parsed));
                }
                None => unknown_type(&text, findings),
            }
        }
        types.push(ValueType { name: name.value, fields });
    });
    for (named, _) in &used {
        known_type(named, &types, findings);
    }
    types
}

/// Names that would hide a type the generated code uses.
const RESERVED_TYPES: &[&str] = &[
    "Array", "Box", "Date", "Err", "None", "Number", "Object", "Ok", "Option", "Promise", "Record",
    "Result", "Self", "Some", "String", "Vec", "Value",
];

/// A field of a type is an object's property, called as it is in the JSON: reserved words and camelCase are fine
/// there, spaces are not. Rust has it in snake_case.
fn names_a_field(
    field: &At<String>,
    of: &str,
    others: &[(String, TypeRef)],
    findings: &mut Findings<'_>,
) {
    let in_rust = names::snake_case(&field.value);
    let raw_in_rust = matches!(in_rust.as_str(), "self" | "super" | "crate");
    if !crate::is_name(&in_rust) || raw_in_rust {
        findings.report(
            field.at,
            Code::UnsafeName,
            format!("`{}` of type `{of}` cannot be a field's name", field.value),
            "letters, digits and `_`, with a letter first; without `[types]` of it the value is `json`",
        );
    }
    if let Some((other, _)) = others.iter().find(|(other, _)| names::snake_case(other) == in_rust) {
        findings.report(
            field.at,
            Code::UnsafeName,
            format!("`{}` and `{other}` of type `{of}` are both `{in_rust}` in Rust", field.value),
            "rename one of them",
        );
    }
}

/// Reports a named type that does not exist. `json` and the like are always known.
pub(super) fn known_type(
    named: &At<String>,
    types: &[ValueType],
    findings: &mut Findings<'_>,
) -> bool {
    let known = types.iter().any(|known| known.name == named.value);
    if !known {
        unknown_type(named, findings);
    }
    known
}

pub(super) fn unknown_type(text: &At<String>, findings: &mut Findings<'_>) {
    findings.report(
        text.at,
        Code::UnknownType,
        format!("there is no type `{}`", text.value),
        "string, integer, number, boolean, json or a type of [types]; `[]` for a list, `?` behind \
         for what may be missing",
    );
}
