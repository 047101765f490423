//! Reading properties out of TOML tables, with a finding for each that is not as it should be.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::finding::{Code, Findings};

/// A value and where it stands in the file (byte offset).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) at: usize,
}

/// A table of the file, with a name for messages (``family `executive` ``).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Table<'t> {
    entries: &'t DeTable<'t>,
    what: &'t str,
    at: usize,
}

type Value<'t> = Spanned<DeValue<'t>>;

impl<'t> Table<'t> {
    pub(crate) const fn new(entries: &'t DeTable<'t>, what: &'t str, at: usize) -> Self {
        Self { entries, what, at }
    }

    /// Where the table begins.
    pub(crate) const fn at(&self) -> usize {
        self.at
    }

    pub(crate) const fn what(&self) -> &'t str {
        self.what
    }

    /// Reports every property whose name is none of these. A misspelt `sensitve = true` must not
    /// pass in silence.
    pub(crate) fn allow(&self, names: &[&str], findings: &mut Findings<'_>) {
        for key in self.entries.keys() {
            if !names.contains(&key.get_ref().as_ref()) {
                findings.report(
                    key.span().start,
                    Code::UnknownProperty,
                    format!("{} has no property `{}`", self.what, key.get_ref()),
                    format!("one of: {}", names.join(", ")),
                );
            }
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&'t Value<'t>> {
        self.entries.get(name)
    }

    /// All entries: name, where the name stands, value.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'t str, usize, &'t Value<'t>)> {
        self.entries.iter().map(|(key, value)| (key.get_ref().as_ref(), key.span().start, value))
    }

    pub(crate) fn text(&self, name: &str, findings: &mut Findings<'_>) -> Option<At<String>> {
        let value = self.get(name)?;
        text(value, &format!("`{name}` of {}", self.what), findings)
    }

    pub(crate) fn required_text(
        &self,
        name: &str,
        findings: &mut Findings<'_>,
    ) -> Option<At<String>> {
        if self.get(name).is_none() {
            findings.report(
                self.at,
                Code::BadValue,
                format!("{} has no `{name}`", self.what),
                format!("add `{name} = \"…\"`"),
            );
        }
        self.text(name, findings)
    }

    pub(crate) fn flag(&self, name: &str, findings: &mut Findings<'_>) -> bool {
        let Some(value) = self.get(name) else { return false };
        value.get_ref().as_bool().unwrap_or_else(|| {
            self.wrong(name, value, "true or false", findings);
            false
        })
    }

    /// A positive whole number of seconds.
    pub(crate) fn seconds(&self, name: &str, findings: &mut Findings<'_>) -> Option<u32> {
        let value = self.get(name)?;
        let number = value.get_ref().as_integer();
        let seconds = number.and_then(|n| n.as_str().parse().ok()).filter(|seconds| *seconds > 0);
        if seconds.is_none() {
            self.wrong(name, value, "a whole number of seconds above 0", findings);
        }
        seconds
    }

    /// A list of texts; empty when the property is missing.
    pub(crate) fn texts(&self, name: &str, findings: &mut Findings<'_>) -> Vec<At<String>> {
        let Some(value) = self.get(name) else { return Vec::new() };
        let Some(list) = value.get_ref().as_array() else {
            self.wrong(name, value, "a list of texts", findings);
            return Vec::new();
        };
        let what = format!("an element of `{name}` of {}", self.what);
        list.iter().filter_map(|element| text(element, &what, findings)).collect()
    }

    /// A table of texts; empty when the property is missing.
    pub(crate) fn text_table(
        &self,
        name: &str,
        findings: &mut Findings<'_>,
    ) -> Vec<(At<String>, At<String>)> {
        let Some(value) = self.get(name) else { return Vec::new() };
        let Some(table) = value.get_ref().as_table() else {
            self.wrong(name, value, "a table", findings);
            return Vec::new();
        };
        let mut texts = Vec::new();
        for (key, value) in table.iter() {
            let what = format!("`{name}.{}` of {}", key.get_ref(), self.what);
            let key = At { value: key.get_ref().to_string(), at: key.span().start };
            if let Some(value) = text(value, &what, findings) {
                texts.push((key, value));
            }
        }
        texts
    }

    fn wrong(&self, name: &str, value: &Value<'_>, expected: &str, findings: &mut Findings<'_>) {
        findings.report(
            value.span().start,
            Code::BadValue,
            format!("`{name}` of {} is `{}`", self.what, findings.text(value.span())),
            format!("write {expected}"),
        );
    }
}

fn text(value: &Value<'_>, what: &str, findings: &mut Findings<'_>) -> Option<At<String>> {
    let at = value.span().start;
    match value.get_ref().as_str() {
        Some(text) => Some(At { value: text.to_owned(), at }),
        None => {
            let message = format!("{what} is `{}`", findings.text(value.span()));
            findings.report(at, Code::BadValue, message, "write a text");
            None
        }
    }
}

/// Calls `read` for each table of a section such as `[families]`; anything else is a finding.
pub(crate) fn each_table<'t>(
    section: Option<Table<'t>>,
    kind: &str,
    findings: &mut Findings<'_>,
    mut read: impl FnMut(At<String>, Table<'_>, &mut Findings<'_>),
) {
    let Some(section) = section else { return };
    for (name, at, value) in section.entries() {
        let what = format!("{kind} `{name}`");
        match value.get_ref().as_table() {
            Some(table) => {
                read(At { value: name.to_owned(), at }, Table::new(table, &what, at), findings);
            }
            None => findings.report(
                at,
                Code::BadValue,
                format!("{what} is `{}`", findings.text(value.span())),
                format!("write a table: `[….{name}]` or `{name} = {{ … }}`"),
            ),
        }
    }
}
