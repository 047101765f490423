//! `[families]`: keys, lifetimes, endpoints.

use std::time::Duration;

use super::document::{BaseType, Document, TypeRef};
use super::finding::{Code, Findings};
use super::reader::{At, Table, each_table};
use super::{Sites, names, vocabulary};
use crate::{EntitySegment, Family, KeyError, Presence, Template, TemplateSegment, Ttl};

/// Where a family's parts stand.
#[derive(Debug)]
pub(crate) struct FamilySite {
    pub(crate) key_at: usize,
    pub(crate) endpoint_at: usize,
}

const PROPERTIES: &[&str] =
    &["doc", "key", "ttl", "entity", "endpoint", "value", "sensitive", "refetch_interval"];

pub(super) fn read(
    section: Option<Table<'_>>,
    document: &mut Document,
    sites: &mut Sites,
    findings: &mut Findings<'_>,
) {
    each_table(section, "family", findings, |name, table, findings| {
        table.allow(PROPERTIES, findings);
        names::check(&name, "a family", findings);
        let names: Vec<_> = document.schema.families.iter().map(|f| f.name.clone()).collect();
        names::check_distinct(&name, &names, findings);
        let ttl = ttl(name.at, table, document, findings);
        let Some(key) = table.required_text("key", findings) else { return };
        let Some(template) = template(&key, document, findings) else { return };
        let Some(ttl) = ttl else { return };
        if let Ttl::By { field, .. } = &ttl {
            by_field_in_key(table.at(), field, &template, findings);
        }
        let endpoint = table.text("endpoint", findings);
        let family = Family {
            doc: table.text("doc", findings).map_or_else(String::new, |doc| doc.value),
            entities: entities(&template, document),
            ttl,
            sensitive: table.flag("sensitive", findings),
            refetch_interval: table
                .seconds("refetch_interval", findings)
                .map(|seconds| Duration::from_secs(u64::from(seconds))),
            value: value(table, document, findings),
            endpoint: endpoint.as_ref().map(|endpoint| endpoint.value.clone()),
            template,
            name: name.value,
        };
        if let Some(entity) = table.text("entity", findings) {
            names_entity(&entity, &family, document, findings);
        }
        document.schema.families.push(family);
        let endpoint_at = endpoint.map_or(name.at, |endpoint| endpoint.at);
        sites.families.push(FamilySite { key_at: key.at, endpoint_at });
    });
}

/// `ttl = "long"` or `ttl = { by = "timeframe", otherwise = "medium" }`.
fn ttl(
    name_at: usize,
    table: Table<'_>,
    document: &Document,
    findings: &mut Findings<'_>,
) -> Option<Ttl> {
    let classes = &document.schema.ttl_classes;
    let class = |class: At<String>, findings: &mut Findings<'_>| {
        vocabulary::known_class(&class, classes, findings);
        classes.iter().find(|(name, _)| *name == class.value).map(|(_, ttl)| *ttl)
    };
    let Some(value) = table.get("ttl") else {
        findings.report(
            name_at,
            Code::MissingTtl,
            format!("{} has no TTL, so its values would live for ever", table.what()),
            "add `ttl = \"medium\"` or another class of [ttl]",
        );
        return None;
    };
    let Some(by) = value.get_ref().as_table() else {
        return class(table.text("ttl", findings)?, findings).map(Ttl::Fixed);
    };
    let by = Table::new(by, table.what(), value.span().start);
    by.allow(&["by", "otherwise"], findings);
    let field = by.required_text("by", findings)?;
    let Some((_, values)) = document.ttl_by.iter().find(|(name, _)| *name == field.value) else {
        let message = format!("there is no [ttl_by.{}]", field.value);
        findings.report(field.at, Code::UnknownTtl, message, "add that table");
        return None;
    };
    let Some(otherwise) = by.text("otherwise", findings) else {
        findings.report(
            by.at(),
            Code::MissingTtl,
            format!(
                "{} has no TTL for a value that [ttl_by.{}] does not name",
                table.what(),
                field.value
            ),
            "add `otherwise = \"medium\"` or another class of [ttl]: a server makes keys of what it is asked for",
        );
        return None;
    };
    let duration_of = |name: &str| classes.iter().find(|(c, _)| c == name).map(|(_, ttl)| *ttl);
    let values = values
        .iter()
        .filter_map(|(value, name)| Some((value.clone(), duration_of(name)?)))
        .collect();
    Some(Ttl::By { field: field.value, values, otherwise: class(otherwise, findings)? })
}

fn by_field_in_key(at: usize, field: &str, key: &Template, findings: &mut Findings<'_>) {
    if key.position(field).is_none() {
        findings.report(
            at,
            Code::UnknownSegment,
            format!("the TTL follows `{{{field}}}`, which is not in the key `{}`", key.as_str()),
            "name a segment of the key, or give a fixed class",
        );
    }
}

/// Reads a family's key and checks what one key alone can get wrong.
fn template(
    key: &At<String>,
    document: &Document,
    findings: &mut Findings<'_>,
) -> Option<Template> {
    let bad = |message: String, help: &str, findings: &mut Findings<'_>| {
        findings.report(key.at, Code::BadTemplate, message, help);
    };
    let template = match Template::parse(&key.value) {
        Ok(template) => template,
        Err(error) => {
            bad_template(key, error, findings);
            return None;
        }
    };
    if !matches!(template.segments()[0], TemplateSegment::Literal(_)) {
        let message = format!("the key `{}` begins with no text of its own", key.value);
        bad(message, "begin with a prefix, such as `exec:`", findings);
    }
    if template.segments().contains(&TemplateSegment::Any) {
        let message = format!("the key `{}` holds a `*`", key.value);
        bad(message, "a key has values, a pattern has stars: write `{name}`", findings);
    }
    let mut may_be_left_out = false;
    for (name, presence) in template.fields() {
        if template.fields().filter(|(other, _)| *other == name).count() > 1 {
            bad(
                format!("`{{{name}}}` stands twice in `{}`", key.value),
                "name each once",
                findings,
            );
            return None;
        }
        if *presence != Presence::Required {
            may_be_left_out = true;
        } else if may_be_left_out {
            let message = format!("`{{{name}}}` must be given but stands behind one that need not");
            bad(message, "put fields with defaults last", findings);
        }
        let Some(segment) = document.segment(name) else {
            findings.report(
                key.at,
                Code::UnknownSegment,
                format!("`{{{name}}}` in `{}` is neither an entity nor a segment", key.value),
                format!("correct it, or add `{name}` to [segments]"),
            );
            continue;
        };
        if let Presence::Default(default) = presence {
            let fits = segment.values.is_empty() || segment.values.contains(default);
            if !fits || segment.integer && default.parse::<u64>().is_err() {
                let message = format!("`{default}` is no value of the segment `{name}`");
                bad(message, "give a default that the segment allows", findings);
            }
        }
    }
    Some(template)
}

pub(super) fn bad_template(text: &At<String>, error: KeyError, findings: &mut Findings<'_>) {
    let (code, help) = match error {
        KeyError::ReservedCharacter => {
            (Code::UnsafeName, "use letters, digits, `_`, `-` and `.` in literal segments")
        }
        KeyError::EmptyIdentifier => (Code::BadTemplate, "remove the empty segment"),
        KeyError::PartialWildcard => (Code::BadTemplate, "let the star be a segment of its own"),
        _ => (
            Code::BadTemplate,
            "write segments like `text`, `{name}`, `{name=10}`; last `[:{name}]`",
        ),
    };
    findings.report(text.at, code, format!("`{}`: {}", text.value, error.message()), help);
}

/// The entities whose segments the key names.
fn entities(template: &Template, document: &Document) -> Vec<EntitySegment> {
    let fields = template.fields().filter_map(|(name, _)| {
        let entity = document.segment(name)?.entity.clone()?;
        Some(EntitySegment { entity, field: name.to_owned() })
    });
    fields.collect()
}

/// `value = "Visits"`, a list of them, or a type that every language has.
fn value(table: Table<'_>, document: &Document, findings: &mut Findings<'_>) -> String {
    let Some(value) = table.text("value", findings) else { return "json".to_owned() };
    match TypeRef::parse(&value.value) {
        Some(TypeRef { optional: true, .. }) => findings.report(
            value.at,
            Code::UnknownType,
            format!("`{}`: there is always a value, or there is no entry", value.value),
            "leave out the `?`; a function that may find nothing returns an `Option` of it",
        ),
        Some(TypeRef { base: BaseType::Named(name), .. }) => {
            let named = At { value: name, at: value.at };
            vocabulary::known_type(&named, &document.types, findings);
        }
        Some(_) => {}
        None => vocabulary::unknown_type(&value, findings),
    }
    value.value
}

/// `entity = "workspace"` is a promise that the key names it: else invalidating the workspace
/// could never find the key.
fn names_entity(
    entity: &At<String>,
    family: &Family,
    document: &Document,
    findings: &mut Findings<'_>,
) {
    let known = vocabulary::known_entity(entity, &document.schema.entities, findings);
    if known && !family.belongs_to(&entity.value) {
        findings.report(
            entity.at,
            Code::UnknownEntity,
            format!("the key `{}` names no {}", family.template.as_str(), entity.value),
            format!("put `{{{}}}` into the key, or remove `entity`", entity.value),
        );
    }
}
