//! `[events]`: what happened, and which keys are no longer true.

use super::document::{Document, TypeRef, strip};
use super::finding::{Code, Findings};
use super::reader::{At, Table, each_table};
use super::{Sites, families, names, vocabulary};
use crate::{Caches, Event, EventField, Presence, Template, TemplateSegment};

/// Where an event's parts stand, and what only the checks need.
#[derive(Debug)]
pub(crate) struct EventSite {
    pub(crate) at: usize,
    /// One for each pattern that the file writes; none when they were derived.
    pub(crate) patterns_at: Vec<usize>,
    /// The entity it is about.
    pub(crate) entity: Option<String>,
    /// Families it leaves out on purpose.
    pub(crate) leaves_out: Vec<At<String>>,
}

pub(super) fn read(
    section: Option<Table<'_>>,
    document: &mut Document,
    sites: &mut Sites,
    findings: &mut Findings<'_>,
) {
    each_table(section, "event", findings, |name, table, findings| {
        table.allow(&["doc", "fields", "invalidates", "entity", "leaves_out", "caches"], findings);
        names::check(&name, "an event", findings);
        let known: Vec<_> = document.schema.events.iter().map(|e| e.name.clone()).collect();
        names::check_distinct(&name, &known, findings);
        let fields = fields(table, document, findings);
        let entity = table
            .text("entity", findings)
            .filter(|entity| vocabulary::known_entity(entity, &document.schema.entities, findings));
        let leaves_out = table.texts("leaves_out", findings);
        for family in &leaves_out {
            known_family(family, document, findings);
        }
        let (mut invalidates, patterns_at) = patterns(table, &fields, findings);
        if let Some(entity) = &entity {
            let field = entity_field(entity, &fields, findings);
            if table.get("invalidates").is_none() {
                invalidates = field.map_or_else(Vec::new, |field| {
                    derived(&entity.value, field, &leaves_out, document)
                });
            }
        }
        let caches = caches(table, &fields, document, findings);
        sites.events.push(EventSite {
            at: name.at,
            patterns_at,
            entity: entity.map(|entity| entity.value),
            leaves_out,
        });
        document.schema.events.push(Event {
            doc: table.text("doc", findings).map_or_else(String::new, |doc| doc.value),
            name: name.value,
            fields,
            invalidates,
            caches,
        });
    });
}

/// `fields = { workspace_id = "workspace", format = "format?", data = "json" }`
fn fields(table: Table<'_>, document: &Document, findings: &mut Findings<'_>) -> Vec<EventField> {
    let mut fields = Vec::new();
    for (name, holds) in table.text_table("fields", findings) {
        names::check(&name, "an event's field", findings);
        let (kind, optional) = strip(&holds.value, "?");
        let is_type = TypeRef::parse(kind).is_some();
        if document.segment(kind).is_none() && !is_type {
            findings.report(
                holds.at,
                Code::UnknownEntity,
                format!(
                    "field `{}` holds `{kind}`, which is no entity, segment or type",
                    name.value
                ),
                format!("correct it, or add `{kind}` to [entities] or [segments]"),
            );
        }
        fields.push(EventField { name: name.value, holds: kind.to_owned(), optional });
    }
    fields
}

fn patterns(
    table: Table<'_>,
    fields: &[EventField],
    findings: &mut Findings<'_>,
) -> (Vec<Template>, Vec<usize>) {
    let mut patterns = Vec::new();
    let mut sites = Vec::new();
    for text in table.texts("invalidates", findings) {
        let template = match Template::parse(&text.value) {
            Ok(template) => template,
            Err(error) => {
                families::bad_template(&text, error, findings);
                continue;
            }
        };
        for (name, presence) in template.fields() {
            if *presence != Presence::Required {
                findings.report(
                    text.at,
                    Code::BadTemplate,
                    format!("`{}` gives a default; a pattern has none", text.value),
                    "write `{name}` or `*`",
                );
            }
            if !fields.iter().any(|field| field.name == name) {
                unknown_field(text.at, name, fields, findings);
            }
        }
        patterns.push(template);
        sites.push(text.at);
    }
    (patterns, sites)
}

fn unknown_field(at: usize, name: &str, fields: &[EventField], findings: &mut Findings<'_>) {
    let names: Vec<_> = fields.iter().map(|field| field.name.as_str()).collect();
    findings.report(
        at,
        Code::UnknownField,
        format!("the event has no field `{name}`"),
        vocabulary::one_of(&names, "add it to `fields`"),
    );
}

fn known_family(name: &At<String>, document: &Document, findings: &mut Findings<'_>) {
    if document.schema.family(&name.value).is_none() {
        findings.report(
            name.at,
            Code::UnknownFamily,
            format!("there is no family `{}`", name.value),
            "name a table of [families]",
        );
    }
}

/// The field that holds the id of the entity the event is about.
fn entity_field<'f>(
    entity: &At<String>,
    fields: &'f [EventField],
    findings: &mut Findings<'_>,
) -> Option<&'f str> {
    let field = fields.iter().find(|field| field.holds == entity.value && !field.optional);
    if field.is_none() {
        findings.report(
            entity.at,
            Code::UnknownField,
            format!("the event is about a {}, but no field says which", entity.value),
            format!("add `{0}_id = \"{0}\"` to `fields`", entity.value),
        );
    }
    field.map(|field| field.name.as_str())
}

/// The patterns of all families that name the entity, with the event's field in its place and the
/// other fields as `*`.
fn derived(
    entity: &str,
    field: &str,
    leaves_out: &[At<String>],
    document: &Document,
) -> Vec<Template> {
    let mut templates = Vec::new();
    for family in &document.schema.families {
        if leaves_out.iter().any(|name| name.value == family.name) {
            continue;
        }
        for segment in family.entities.iter().filter(|segment| segment.entity == entity) {
            // A text no segment can hold, so that the id's place can be found in the pattern.
            const ID: &str = "{id}";
            let patterns = family.patterns(&[(segment.field.as_str(), ID)]).unwrap_or_default();
            for pattern in patterns {
                let text = pattern.as_str().replace("%7Bid%7D", &format!("{{{field}}}"));
                templates.extend(Template::parse(&text));
            }
        }
    }
    templates
}

/// `caches = { family = "report_data", fields = { report = "report_id" }, value = "data" }`
fn caches(
    table: Table<'_>,
    fields: &[EventField],
    document: &Document,
    findings: &mut Findings<'_>,
) -> Option<Caches> {
    let value = table.get("caches")?;
    let Some(entries) = value.get_ref().as_table() else {
        let at = value.span().start;
        let help = "write `{ family = …, fields = { … }, value = … }`";
        findings.report(at, Code::BadValue, "`caches` is no table", help);
        return None;
    };
    let table = Table::new(entries, "`caches`", value.span().start);
    table.allow(&["family", "fields", "value"], findings);
    let family_name = table.required_text("family", findings)?;
    let value = table.required_text("value", findings)?;
    known_family(&family_name, document, findings);
    let family = document.schema.family(&family_name.value)?;
    let bound = table.text_table("fields", findings);
    for (segment, field) in &bound {
        if family.template.position(&segment.value).is_none() {
            findings.report(
                segment.at,
                Code::UnknownSegment,
                format!("`{}` is not in the key `{}`", segment.value, family.template.as_str()),
                "name a segment of the key",
            );
        }
        if !fields.iter().any(|known| known.name == field.value) {
            unknown_field(field.at, &field.value, fields, findings);
        }
    }
    if !fields.iter().any(|known| known.name == value.value) {
        unknown_field(value.at, &value.value, fields, findings);
    }
    for segment in family.template.segments() {
        let TemplateSegment::Field { name, presence: Presence::Required } = segment else {
            continue;
        };
        if !bound.iter().any(|(segment, _)| segment.value == *name) {
            findings.report(
                table.at(),
                Code::UnknownField,
                format!("`caches` does not say what `{{{name}}}` of the key is"),
                format!("add `{name} = \"…\"` to its `fields`"),
            );
        }
    }
    Some(Caches {
        family: family_name.value,
        fields: bound.into_iter().map(|(segment, field)| (segment.value, field.value)).collect(),
        value: value.value,
    })
}
