//! Rust: the static [`Schema`](crate::Schema), written out as the literals that build it.

use core::fmt::Write;

use crate::parse::Document;
use crate::{Family, Template, Ttl};

/// Appends `pub fn schema() -> &'static Schema`.
pub(super) fn write(out: &mut String, document: &Document, krate: &str) {
    let schema = &document.schema;
    let classes = schema.ttl_classes.iter().map(|(name, ttl)| {
        format!("({}, ::core::time::Duration::from_secs({}))", text(name), ttl.as_secs())
    });
    let families = schema.families.iter().map(|item| family(item, krate));
    let events = schema.events.iter().map(|event| {
        let fields = event.fields.iter().map(|field| {
            format!(
                "{krate}::EventField {{ name: {}, holds: {}, optional: {} }}",
                text(&field.name),
                text(&field.holds),
                field.optional
            )
        });
        let caches =
            event.caches.as_ref().map(|caches| {
                format!(
                    "{krate}::Caches {{ family: {}, fields: {}, value: {} }}",
                    text(&caches.family),
                    list(caches.fields.iter().map(|(segment, field)| {
                        format!("({}, {})", text(segment), text(field))
                    })),
                    text(&caches.value)
                )
            });
        format!(
            "{krate}::Event {{ name: {}, doc: {}, fields: {}, invalidates: {}, caches: {} }}",
            text(&event.name),
            text(&event.doc),
            list(fields),
            list(event.invalidates.iter().map(template)),
            option(caches),
        )
    });
    let _ = write!(
        out,
        "/// The schema itself, for what is asked at run time.\n\
         pub fn schema() -> &'static {krate}::Schema {{\n    \
         static SCHEMA: ::std::sync::LazyLock<{krate}::Schema> = ::std::sync::LazyLock::new(|| {{\n        \
         let template = |text: &str| {krate}::Template::parse(text).expect(\"checked at compile time\");\n        \
         {krate}::Schema {{\n            name: {},\n            ttl_classes: {},\n            entities: {},\n            \
         families: {},\n            events: {},\n        }}\n    }});\n    &SCHEMA\n}}\n",
        text(&schema.name),
        list(classes),
        list(schema.entities.iter().map(|entity| text(entity))),
        list(families),
        list(events),
    );
}

fn family(family: &Family, krate: &str) -> String {
    let duration = |seconds: u64| format!("::core::time::Duration::from_secs({seconds})");
    let ttl = match &family.ttl {
        Ttl::Fixed(ttl) => format!("{krate}::Ttl::Fixed({})", duration(ttl.as_secs())),
        Ttl::By { field, values, otherwise } => format!(
            "{krate}::Ttl::By {{ field: {}, values: {}, otherwise: {} }}",
            text(field),
            list(values.iter().map(|(v, ttl)| format!(
                "({}, {})",
                text(v),
                duration(ttl.as_secs())
            ))),
            duration(otherwise.as_secs())
        ),
    };
    let entities = family.entities.iter().map(|segment| {
        let (entity, field) = (text(&segment.entity), text(&segment.field));
        format!("{krate}::EntitySegment {{ entity: {entity}, field: {field} }}")
    });
    format!(
        "{krate}::Family {{ name: {}, doc: {}, template: {}, ttl: {ttl}, entities: {}, sensitive: {}, \
         endpoint: {}, refetch_interval: {}, value: {} }}",
        text(&family.name),
        text(&family.doc),
        template(&family.template),
        list(entities),
        family.sensitive,
        option(family.endpoint.as_deref().map(text)),
        option(family.refetch_interval.map(|interval| duration(interval.as_secs()))),
        text(&family.value),
    )
}

fn text(text: &str) -> String {
    format!("::std::string::String::from({text:?})")
}

fn template(template: &Template) -> String {
    format!("template({:?})", template.as_str())
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!("::std::vec![{}]", items.collect::<Vec<_>>().join(", "))
}

fn option(value: Option<String>) -> String {
    value.map_or_else(
        || "::core::option::Option::None".to_owned(),
        |value| format!("::core::option::Option::Some({value})"),
    )
}
