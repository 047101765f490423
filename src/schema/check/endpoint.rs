//! An endpoint's URL says which key it answers for.

use crate::parse::{Code, Document, Findings, Sites};
use crate::{Family, Presence};

/// Reports endpoints that name a field the key does not have, or leave one out: two keys would
/// then fetch the same URL and hold the same data.
pub(super) fn all(document: &Document, sites: &Sites, findings: &mut Findings<'_>) {
    for (family, site) in document.schema.families.iter().zip(&sites.families) {
        let Some(endpoint) = &family.endpoint else { continue };
        if let Some((message, help)) = fault(endpoint, family) {
            findings.report(site.endpoint_at, Code::BadEndpoint, message, help);
        }
    }
}

fn fault(endpoint: &str, family: &Family) -> Option<(String, String)> {
    if !endpoint.starts_with('/') && !endpoint.starts_with("https://") {
        let message = format!("the endpoint `{endpoint}` is no path");
        return Some((message, "begin with `/` or `https://`".to_owned()));
    }
    let named = holes(endpoint);
    for (name, in_brackets) in &named {
        let presence = family.template.fields().find(|(field, _)| field == name);
        let Some((_, presence)) = presence else {
            let key = family.template.as_str();
            let message =
                format!("the endpoint names `{{{name}}}`, which is not in the key `{key}`");
            return Some((message, "name a field of the key".to_owned()));
        };
        if (*presence == Presence::Optional) != *in_brackets {
            let message =
                format!("`{{{name}}}` may be missing in the key or in the URL, but not in both");
            return Some((message, format!("write `[&{name}={{{name}}}]` for an optional field")));
        }
    }
    let (forgotten, _) =
        family.template.fields().find(|(field, _)| !named.iter().any(|(name, _)| name == field))?;
    let message = format!("the endpoint leaves out `{{{forgotten}}}`");
    Some((message, format!("add `{forgotten}={{{forgotten}}}`, or remove it from the key")))
}

/// The `{name}`s of a URL, and whether each stands in `[…]`.
fn holes(endpoint: &str) -> Vec<(&str, bool)> {
    let mut found = Vec::new();
    let mut bracketed = false;
    for (at, c) in endpoint.char_indices() {
        match c {
            '[' => bracketed = true,
            ']' => bracketed = false,
            '{' => {
                let inside = &endpoint[at + 1..];
                let end = inside.find('}').unwrap_or(inside.len());
                found.push((&inside[..end], bracketed));
            }
            _ => {}
        }
    }
    found
}
