//! Names that are names in Rust, TypeScript, Python and Redis alike.

use super::finding::{Code, Findings};
use super::reader::At;
use crate::is_name;

/// Words that cannot be a method or a parameter in one of the languages.
#[rustfmt::skip]
const RESERVED: &[&str] = &[
    "abstract", "and", "any", "as", "assert", "async", "await", "become", "bool", "boolean", "box", "break", "case",
    "catch", "class", "const", "constructor", "continue", "crate", "debugger", "declare", "def", "default", "del",
    "delete", "do", "dyn", "elif", "else", "enum", "eval", "except", "export", "extends", "extern", "false", "final",
    "finally", "fn", "for", "from", "function", "gen", "global", "if", "impl", "implements", "import", "in",
    "instanceof", "interface", "is", "lambda", "let", "loop", "macro", "match", "mod", "module", "move", "mut",
    "never", "new", "none", "nonlocal", "not", "null", "number", "object", "or", "override", "package", "pass", "priv",
    "private", "protected", "prototype", "pub", "public", "raise", "ref", "require", "return", "self", "static",
    "string", "struct", "super", "switch", "symbol", "this", "throw", "trait", "true", "try", "type", "typeof",
    "undefined", "union", "unknown", "unsafe", "unsized", "use", "var", "virtual", "void", "where", "while", "with",
    "yield",
];

/// What the generated code calls its own: a family of that name would take its place.
const TAKEN: &[&str] = &["events", "generate_query_hash", "get_pattern", "get_patterns", "schema"];

/// Reports a name that is not snake_case or that one of the languages keeps for itself.
pub(super) fn check(name: &At<String>, what: &str, findings: &mut Findings<'_>) {
    let fault = if !is_name(&name.value) {
        "is not snake_case: a to z, digits and `_`, beginning with a letter"
    } else if name.value.ends_with('_') || name.value.contains("__") {
        "has a `_` that camelCase would lose"
    } else if RESERVED.contains(&name.value.as_str()) {
        "is a reserved word in one of the generated languages"
    } else if TAKEN.contains(&name.value.as_str()) {
        "is a name that the generated code uses itself"
    } else {
        return;
    };
    findings.report(
        name.at,
        Code::UnsafeName,
        format!("the name `{}` of {what} {fault}", name.value),
        "choose another name, such as `top_agents`",
    );
}

/// Reports two names that are one in camelCase (`top_1` and `top1`).
pub(super) fn check_distinct(name: &At<String>, others: &[String], findings: &mut Findings<'_>) {
    let camel = camel_case(&name.value);
    if let Some(other) = others.iter().find(|other| camel_case(other) == camel) {
        findings.report(
            name.at,
            Code::UnsafeName,
            format!("`{}` and `{other}` are both `{camel}` in TypeScript", name.value),
            "rename one of them",
        );
    }
}

/// `top_agents` → `topAgents`.
pub(crate) fn camel_case(name: &str) -> String {
    let mut camel = String::with_capacity(name.len());
    let mut words = name.split('_');
    camel.extend(words.next());
    for word in words {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}

/// `priceCents` → `price_cents`, as Rust calls a field. What is so already stays.
pub(crate) fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    let mut before = None;
    for letter in name.chars() {
        let begins = letter.is_ascii_uppercase()
            && before.is_some_and(|it: char| it.is_ascii_lowercase() || it.is_ascii_digit());
        snake.extend(begins.then_some('_'));
        snake.push(letter.to_ascii_lowercase());
        before = Some(letter);
    }
    snake
}

/// `agent_run_started` → `AgentRunStarted`.
#[cfg(feature = "codegen")]
pub(crate) fn pascal_case(name: &str) -> String {
    let camel = camel_case(name);
    let mut letters = camel.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}
