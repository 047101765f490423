//! Python: the class `CacheKeys`, with nothing but the standard library.

use core::fmt::Write;

use super::{Options, class_of};
use crate::parse::Document;
use crate::{Family, Presence, TemplateSegment, Ttl};

/// Before the class: encoding and matching, the same for every schema. The ranges are those of `needs_escape` in
/// `segment.rs`.
const ENCODING: &str = include_str!("python_runtime/encoding.py");
/// The methods that every schema has, in a class that says what they are for.
const METHODS: &str = include_str!("python_runtime/methods.py");

pub(super) fn write(document: &Document, options: &Options<'_>) -> String {
    let mut out = format!(
        "\"\"\"Cache keys, generated from {} by `samekey gen --lang python`.\n\n\
         Do not edit: change the schema and run it again.\n\"\"\"\n",
        options.source
    );
    out.push('\n');
    out.push_str(ENCODING);
    lifetimes(&mut out, document);
    tables(&mut out, document);
    out.push_str("\n\ndef _family(name):\n    if name not in FAMILIES:\n        raise CacheKeyError(\"E_FAMILY_UNKNOWN\", f\"no family `{name}`\")\n    return FAMILIES[name]\n");
    let _ = write!(
        out,
        "\n\nclass CacheKeys:\n    \"\"\"The keys of the schema `{}`.\"\"\"\n\n",
        document.schema.name
    );
    for (name, _) in &document.schema.ttl_classes {
        let _ = writeln!(out, "    TTL_{0} = TTL_{0}", name.to_uppercase());
    }
    for family in &document.schema.families {
        key_method(&mut out, family);
    }
    out.push('\n');
    let (_its_head, methods) = METHODS.split_once("\n\n").unwrap_or(("", METHODS));
    out.push_str(methods);
    out
}

fn lifetimes(out: &mut String, document: &Document) {
    for (name, ttl) in &document.schema.ttl_classes {
        let _ = writeln!(out, "TTL_{} = {}", name.to_uppercase(), ttl.as_secs());
    }
    for (segment, values) in &document.ttl_by {
        let _ = writeln!(out, "TTL_BY_{} = {{", segment.to_uppercase());
        for (value, class) in values {
            let _ = writeln!(out, "    {value:?}: TTL_{},", class.to_uppercase());
        }
        let _ = writeln!(out, "}}");
    }
}

/// The tables the general methods read.
fn tables(out: &mut String, document: &Document) {
    out.push_str("\nFAMILIES = {\n");
    for family in &document.schema.families {
        let _ = writeln!(out, "    {:?}: {{", family.name);
        let _ = writeln!(out, "        \"key\": {:?},", family.template.as_str());
        out.push_str("        \"segments\": [\n");
        for segment in family.template.segments() {
            let (kind, name, default) = match segment {
                TemplateSegment::Literal(text) => ("literal", text.as_str(), "None".to_owned()),
                TemplateSegment::Any => ("any", "*", "None".to_owned()),
                TemplateSegment::Field { name, presence } => match presence {
                    Presence::Required => ("required", name.as_str(), "None".to_owned()),
                    Presence::Default(value) => ("default", name.as_str(), format!("{value:?}")),
                    Presence::Optional => ("optional", name.as_str(), "None".to_owned()),
                },
            };
            let _ = writeln!(out, "            ({kind:?}, {name:?}, {default}),");
        }
        let _ = writeln!(out, "        ],\n        \"ttl\": {},\n    }},", ttl(family, document));
    }
    out.push_str("}\n\nENTITIES = {\n");
    for entity in &document.schema.entities {
        let _ = writeln!(out, "    {entity:?}: [");
        for family in &document.schema.families {
            for segment in family.entities.iter().filter(|segment| segment.entity == *entity) {
                let _ = writeln!(out, "        ({:?}, {:?}),", family.name, segment.field);
            }
        }
        out.push_str("    ],\n");
    }
    out.push_str("}\n\n# Fields: name, whether it may be left out.\nEVENTS = {\n");
    for event in &document.schema.events {
        let fields: Vec<_> = event
            .fields
            .iter()
            .map(|field| {
                format!("{:?}: {}", field.name, if field.optional { "True" } else { "False" })
            })
            .collect();
        let _ = writeln!(
            out,
            "    {:?}: {{\n        \"fields\": {{{}}},",
            event.name,
            fields.join(", ")
        );
        out.push_str("        \"invalidates\": [\n");
        for pattern in &event.invalidates {
            let _ = writeln!(out, "            {:?},", pattern.as_str());
        }
        out.push_str("        ],\n    },\n");
    }
    out.push_str("}\n");
}

fn ttl(family: &Family, document: &Document) -> String {
    match &family.ttl {
        Ttl::Fixed(ttl) => format!("TTL_{}", class_of(document, *ttl)),
        Ttl::By { field, otherwise, .. } => format!(
            "({}, TTL_BY_{}, TTL_{})",
            family.template.position(field).unwrap_or(0),
            field.to_uppercase(),
            class_of(document, *otherwise)
        ),
    }
}

fn key_method(out: &mut String, family: &Family) {
    let mut parameters = Vec::new();
    let mut segments = Vec::new();
    let mut optional = None;
    for segment in family.template.segments() {
        match segment {
            TemplateSegment::Literal(text) => segments.push(format!("{text:?}")),
            TemplateSegment::Any => {}
            TemplateSegment::Field { name, presence } => match presence {
                Presence::Required => {
                    parameters.push(name.clone());
                    segments.push(name.clone());
                }
                Presence::Default(default) => {
                    let value = default
                        .parse::<i64>()
                        .map_or_else(|_| format!("{default:?}"), |n| n.to_string());
                    parameters.push(format!("{name}={value}"));
                    segments.push(name.clone());
                }
                Presence::Optional => {
                    parameters.push(format!("{name}=None"));
                    optional = Some(name);
                }
            },
        }
    }
    let doc =
        if family.doc.is_empty() { String::new() } else { format!("{}\n\n        ", family.doc) };
    let _ = write!(
        out,
        "\n    @staticmethod\n    def {}({}):\n        \"\"\"{doc}`{}`\n        \"\"\"\n        segments = [{}]\n",
        family.name,
        parameters.join(", "),
        family.template.as_str(),
        segments.join(", "),
    );
    if let Some(name) = optional {
        let _ =
            writeln!(out, "        if {name} is not None:\n            segments.append({name})");
    }
    out.push_str("        return _join(segments)\n");
}
