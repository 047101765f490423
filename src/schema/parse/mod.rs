//! Reading a schema file: TOML in, a [`Document`] or findings out.

mod document;
mod events;
mod families;
mod finding;
pub(crate) mod names;
mod reader;
mod vocabulary;

use toml::de::DeTable;

pub use document::{BaseType, Document, Segment, TypeRef, ValueType};
pub use finding::{Code, Finding};

pub(crate) use events::EventSite;
pub(crate) use families::FamilySite;
pub(crate) use finding::Findings;

use crate::{Schema, check};
use reader::Table;

/// Where things stand in the file, for the checks that look at the whole.
#[derive(Debug, Default)]
pub(crate) struct Sites {
    /// One for each family, in their order.
    pub(crate) families: Vec<FamilySite>,
    /// One for each event, in their order.
    pub(crate) events: Vec<EventSite>,
}

/// Reads and checks a schema file's text.
///
/// ```
/// let findings = samekey_schema::parse_schema("name = \"demo\"\n[families.hits]\nkey = \"hits\"")
///     .unwrap_err();
/// assert_eq!(findings[0].code.as_str(), "E_SCHEMA_MISSING_TTL");
/// assert_eq!(findings[0].line, 2);
/// ```
///
/// # Errors
/// All findings, in the file's order; never an empty list.
pub fn parse_schema(source: &str) -> Result<Document, Vec<Finding>> {
    let mut findings = Findings::new(source);
    let root = match DeTable::parse(source) {
        Ok(root) => root,
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            findings.report(at, Code::Syntax, error.message(), "the file must be TOML 1.1");
            return Err(findings.into_sorted());
        }
    };
    let root = Table::new(root.get_ref(), "the schema", 0);
    let (document, sites) = read(root, &mut findings);
    // The whole is judged only when its parts are sound: one misspelt TTL should not drag ten dead
    // patterns after it.
    if findings.is_empty() {
        check::whole(&document, &sites, &mut findings);
    }
    if findings.is_empty() { Ok(document) } else { Err(findings.into_sorted()) }
}

fn read(root: Table<'_>, findings: &mut Findings<'_>) -> (Document, Sites) {
    root.allow(
        &["name", "ttl", "ttl_by", "entities", "segments", "families", "events", "types"],
        findings,
    );
    let name = root.required_text("name", findings).map_or_else(String::new, |name| {
        names::check(&name, "the schema", findings);
        name.value
    });
    let mut sections = Sections { root };
    let ttl_classes = vocabulary::ttl_classes(sections.get("ttl", findings), findings);
    let ttl_by = vocabulary::ttl_by(sections.get("ttl_by", findings), &ttl_classes, findings);
    let (entities, segments) = vocabulary::segments(&mut sections, findings);
    let types = vocabulary::types(sections.get("types", findings), findings);
    let schema = Schema { name, ttl_classes, entities, families: Vec::new(), events: Vec::new() };
    let mut document = Document { schema, ttl_by, segments, types };
    let mut sites = Sites::default();
    families::read(sections.get("families", findings), &mut document, &mut sites, findings);
    events::read(sections.get("events", findings), &mut document, &mut sites, findings);
    (document, sites)
}

/// The file's top-level tables.
pub(crate) struct Sections<'t> {
    root: Table<'t>,
}

impl<'t> Sections<'t> {
    fn get(&mut self, name: &'t str, findings: &mut Findings<'_>) -> Option<Table<'t>> {
        let value = self.root.get(name)?;
        let at = value.span().start;
        match value.get_ref().as_table() {
            Some(table) => Some(Table::new(table, name, at)),
            None => {
                let message = format!("`{name}` is `{}`", findings.text(value.span()));
                findings.report(at, Code::BadValue, message, format!("write a table `[{name}]`"));
                None
            }
        }
    }
}
