//! `schema!("file.toml")`: reads, checks, and writes the Rust half.

use std::path::Path;

use proc_macro::{TokenStream, TokenTree};
use samekey_schema::codegen::{Language, Options, generate};
use samekey_schema::parse_schema;

/// The arguments: a path, and how the generated code reaches `samekey-schema`.
struct Arguments {
    file: String,
    krate: String,
}

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let Some(Arguments { file, krate }) = arguments(input) else {
        return errors(&["write schema!(\"path/to/schema.toml\")".to_owned()]);
    };
    let root = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| ".".to_owned());
    let path = Path::new(&root).join(&file);
    let source = match std::fs::read_to_string(&path) {
        Ok(source) => source,
        Err(error) => return errors(&[format!("{file}: {error} (from the crate's folder)")]),
    };
    let mut expansion = match parse_schema(&source) {
        Ok(document) => {
            let options = Options { source: &file, krate: &krate, ..Options::default() };
            let code = generate(&document, Language::Rust, &options);
            code.parse().unwrap_or_else(|error| errors(&[format!("{file}: {error}")]))
        }
        Err(findings) => {
            let located = findings.iter().map(|finding| format!("{file}:{finding}"));
            errors(&located.collect::<Vec<_>>())
        }
    };
    // The compiler watches the files that are included: that is all this constant is for. With
    // findings too, or mending the file would not compile again.
    let watch = format!("const _: &[u8] = ::core::include_bytes!({:?});", path.display());
    expansion.extend(watch.parse::<TokenStream>().unwrap_or_default());
    expansion
}

/// `"file.toml"`, and perhaps `, crate = ::path::of::the::crate`.
fn arguments(input: TokenStream) -> Option<Arguments> {
    let mut tokens = input.into_iter();
    let TokenTree::Literal(literal) = tokens.next()? else { return None };
    let text = literal.to_string();
    let file = text.strip_prefix('"')?.strip_suffix('"')?.to_owned();
    let rest: String = tokens.map(|token| token.to_string()).collect();
    let krate = match rest.trim_matches(',') {
        "" => Options::default().krate.to_owned(),
        option => option.strip_prefix("crate=")?.to_owned(),
    };
    Some(Arguments { file, krate })
}

/// One `compile_error!` for each text.
fn errors(texts: &[String]) -> TokenStream {
    let code: String =
        texts.iter().map(|text| format!("::core::compile_error!({text:?});")).collect();
    code.parse().unwrap_or_default()
}
