//! Rust: what `schema!` expands to.

use core::fmt::Write;

use super::{Options, rust_model};
use crate::parse::{BaseType, Document, TypeRef, names};
use crate::{Event, Family, Presence, TemplateSegment, Ttl};

pub(super) fn write(document: &Document, options: &Options<'_>) -> String {
    let mut out = String::new();
    let krate = options.krate;
    for family in &document.schema.families {
        key_function(&mut out, family, document, options);
    }
    let written = if options.types.is_some() { &[] } else { &*document.types };
    for value_type in written {
        let doc = format!("A value of type `{}`.", value_type.name);
        let fields = value_type
            .fields
            .iter()
            .map(|(name, kind)| (name.as_str(), field_type(kind, krate, "")));
        structure(&mut out, &doc, &value_type.name, fields, krate);
    }
    events(&mut out, document, options);
    rust_model::write(&mut out, document, krate);
    out
}

/// `pub fn executive(workspace: impl Identifier, …) -> Result<TypedKey<…>, KeyError>`
fn key_function(out: &mut String, family: &Family, document: &Document, options: &Options<'_>) {
    let krate = options.krate;
    let (name, template) = (&family.name, &family.template);
    let mut doc = family.doc.clone();
    if !doc.is_empty() {
        doc.push_str("\n\n");
    }
    let _ = write!(doc, "`{}`\n\n# Errors\nWhen an identifier is empty.", template.as_str());
    let _ = writeln!(out, "#[doc = {doc:?}]");
    let parameters: Vec<_> = template
        .fields()
        .map(|(field, presence)| parameter(field, presence, document, krate))
        .collect();
    let value = value_type(&family.value, options);
    let _ = writeln!(
        out,
        "pub fn {name}({}) -> ::core::result::Result<{krate}::TypedKey<{value}>, {krate}::KeyError> {{",
        parameters.join(", ")
    );
    let mut literals = Vec::new();
    let mut rest = template.segments().iter().peekable();
    while let Some(TemplateSegment::Literal(literal)) = rest.peek() {
        literals.push(literal.as_str());
        rest.next();
    }
    let prefix = literals.join(":");
    let _ = writeln!(out, "    let mut key = {krate}::KeyWriter::starting_with({prefix:?}, 40);");
    for segment in rest {
        let _ = match segment {
            TemplateSegment::Literal(literal) => writeln!(out, "    key.literal({literal:?});"),
            TemplateSegment::Any => Ok(()),
            TemplateSegment::Field { name, presence } => match presence {
                Presence::Required if is_integer(name, document) => {
                    writeln!(
                        out,
                        "    key.identifier(::core::convert::Into::<i64>::into({name}))?;"
                    )
                }
                Presence::Required => writeln!(out, "    key.identifier({name})?;"),
                Presence::Default(default) => writeln!(
                    out,
                    "    match {name} {{ ::core::option::Option::Some({name}) => key.identifier({name})?, \
                     ::core::option::Option::None => key.literal({default:?}) }}"
                ),
                Presence::Optional => writeln!(
                    out,
                    "    if let ::core::option::Option::Some({name}) = {name} {{ key.identifier({name})?; }}"
                ),
            },
        };
    }
    let ttl = match &family.ttl {
        Ttl::Fixed(ttl) => format!("::core::time::Duration::from_secs({})", ttl.as_secs()),
        Ttl::By { .. } => {
            let index = document.schema.families.iter().position(|other| other.name == *name);
            format!("schema().families[{}].ttl_of(key.as_str())", index.unwrap_or(0))
        }
    };
    let _ = writeln!(out, "    let key = key.finish()?;\n    let ttl = {ttl};");
    let _ = writeln!(
        out,
        "    ::core::result::Result::Ok({krate}::TypedKey::new(key, {name:?}, ttl))\n}}\n"
    );
    // In the namespace of types, under the function's name: whoever can call the one can name the other.
    let names: Vec<_> = template.fields().map(|(field, _)| field).collect();
    let _ = writeln!(
        out,
        "#[doc(hidden)]\npub mod {name} {{\n    pub const PARAMETERS: &[&str] = &{names:?};\n}}\n"
    );
}

fn is_integer(field: &str, document: &Document) -> bool {
    document.segment(field).is_some_and(|segment| segment.integer)
}

fn parameter(field: &str, presence: &Presence, document: &Document, krate: &str) -> String {
    let integer = is_integer(field, document);
    match (presence, integer) {
        (Presence::Required, false) => format!("{field}: impl {krate}::Identifier"),
        (Presence::Required, true) => format!("{field}: impl ::core::convert::Into<i64>"),
        (_, false) => format!("{field}: ::core::option::Option<&str>"),
        (_, true) => format!("{field}: ::core::option::Option<i64>"),
    }
}

fn value_type(text: &str, options: &Options<'_>) -> String {
    let scope = types_scope(options, "");
    // The checker has read it.
    TypeRef::parse(text)
        .map_or_else(|| text.to_owned(), |kind| field_type(&kind, options.krate, &scope))
}

/// How the schema's own types are reached: from a module of the user's, or from the one that is written.
fn types_scope(options: &Options<'_>, written: &str) -> String {
    options.types.map_or_else(|| written.to_owned(), |module| format!("{module}::"))
}

/// A field's type; `scope` is how the schema's own types are reached.
fn field_type(kind: &TypeRef, krate: &str, scope: &str) -> String {
    let base = match &kind.base {
        BaseType::Text => "::std::string::String".to_owned(),
        BaseType::Integer => "i64".to_owned(),
        BaseType::Number => "f64".to_owned(),
        BaseType::Boolean => "bool".to_owned(),
        BaseType::Json => format!("{krate}::__private::serde_json::Value"),
        BaseType::Named(name) => format!("{scope}{name}"),
    };
    let listed = if kind.list { format!("::std::vec::Vec<{base}>") } else { base };
    if kind.optional { format!("::core::option::Option<{listed}>") } else { listed }
}

fn structure<'a>(
    out: &mut String,
    doc: &str,
    name: &str,
    fields: impl Iterator<Item = (&'a str, String)>,
    krate: &str,
) {
    let serde = format!("{krate}::__private::serde");
    let _ = writeln!(
        out,
        "#[doc = {doc:?}]\n#[allow(missing_docs)]\n\
         #[derive(Clone, Debug, PartialEq, {serde}::Serialize, {serde}::Deserialize)]\n\
         #[serde(crate = {serde:?})]\npub struct {name} {{"
    );
    for (field, kind) in fields {
        if kind.starts_with("::core::option::Option") {
            let _ = writeln!(
                out,
                "    #[serde(default, skip_serializing_if = \"::core::option::Option::is_none\")]"
            );
        }
        let name = names::snake_case(field);
        if name != field {
            let _ = writeln!(out, "    #[serde(rename = {field:?})]");
        }
        let _ = writeln!(out, "    pub r#{name}: {kind},");
    }
    out.push_str("}\n\n");
}

/// Each event as a struct, in a module of its own: an event and a value may share a name.
fn events(out: &mut String, document: &Document, options: &Options<'_>) {
    let (krate, scope) = (options.krate, types_scope(options, "super::"));
    out.push_str("/// The events, each with its fields.\npub mod events {\n");
    for event in &document.schema.events {
        let name = names::pascal_case(&event.name);
        let fields = event.fields.iter().map(|field| {
            let kind = TypeRef::parse(&field.holds);
            let mut kind =
                kind.filter(|_| document.segment(&field.holds).is_none()).unwrap_or(TypeRef {
                    base: if is_integer(&field.holds, document) {
                        BaseType::Integer
                    } else {
                        BaseType::Text
                    },
                    list: false,
                    optional: false,
                });
            kind.optional = field.optional;
            (field.name.as_str(), field_type(&kind, krate, &scope))
        });
        structure(out, &event.doc, &name, fields, krate);
        event_impl(out, event, &name, document, krate);
    }
    out.push_str("}\n\n");
}

fn event_impl(out: &mut String, event: &Event, name: &str, document: &Document, krate: &str) {
    let _ = writeln!(
        out,
        "impl {krate}::TypedEvent for {name} {{\n    const NAME: &'static str = {:?};\n    \
         fn fields(&self) -> ::std::vec::Vec<(&'static str, ::std::borrow::Cow<'_, str>)> {{\n        \
         let mut fields = ::std::vec::Vec::with_capacity({});",
        event.name,
        event.fields.len()
    );
    for field in &event.fields {
        // Only identifiers go into patterns; a value the event carries along does not.
        if document.segment(&field.holds).is_none() {
            continue;
        }
        let text = if is_integer(&field.holds, document) {
            "::std::borrow::Cow::Owned(value.to_string())"
        } else {
            "::std::borrow::Cow::Borrowed(value.as_str())"
        };
        let field_name = &field.name;
        let push = format!("fields.push(({field_name:?}, {text}));");
        let _ = if field.optional {
            writeln!(
                out,
                "        if let ::core::option::Option::Some(value) = &self.r#{field_name} {{ {push} }}"
            )
        } else {
            writeln!(out, "        let value = &self.r#{field_name};\n        {push}")
        };
    }
    out.push_str("        fields\n    }\n}\n\n");
}
