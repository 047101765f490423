//! What a server's access lists refuse.

use samekey::server::ServerReport;

use super::{Advice, hint, wrong};

pub(super) fn commands(server: &ServerReport) -> Option<Advice> {
    let refused = &server.refused.needed;
    if refused.is_empty() {
        return None;
    }
    wrong(
        "D_ACL_COMMANDS",
        format!("Redis refuses this user what the cache cannot do without: {}", listed(refused)),
        allow(refused),
    )
}

pub(super) fn names(server: &ServerReport) -> Option<Advice> {
    let refused = &server.refused.names;
    if refused.is_empty() {
        return None;
    }
    wrong(
        "D_ACL_NAMES",
        format!("Redis refuses this user names such as {}", listed(refused)),
        "ACL SETUSER … ~NAMESPACE* ~{NAMESPACE*: all that begins with the namespace, and with { and the namespace",
    )
}

pub(super) fn less(server: &ServerReport) -> Option<Advice> {
    let refused = &server.refused.useful;
    if refused.is_empty() {
        return None;
    }
    hint(
        "D_ACL_LESS",
        format!(
            "Redis refuses this user what the cache does without, with less: {}",
            listed(refused)
        ),
        allow(refused),
    )
}

fn listed(refused: &[String]) -> String {
    refused.join(", ").replace('|', " ")
}

fn allow(refused: &[String]) -> String {
    let words: Vec<_> = refused.iter().map(|command| format!("+{command}")).collect();
    format!("ACL SETUSER … {}: docs/operating.md has the whole list", words.join(" "))
}
