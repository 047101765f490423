//! `schema!("file.toml")`: reads, checks, and writes the Rust half.

use std::path::{Path, PathBuf};

use proc_macro::{Span, TokenStream, TokenTree};
use samekey_schema::codegen::{Language, Options, generate};
use samekey_schema::parse_schema;

/// The arguments: a path, how the generated code reaches `samekey-schema`, and where the value types are.
struct Arguments {
    file: String,
    krate: String,
    types: Option<String>,
}

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let Some(Arguments { file, krate, types }) = arguments(input) else {
        let form = "write schema!(\"path/to/schema.toml\"), and behind it `, types = crate::model` \
                    for value types of your own";
        return errors(&[form.to_owned()]);
    };
    let path = locate(&file);
    let file = file.trim_start_matches("./");
    let source = match std::fs::read_to_string(&path) {
        Ok(source) => source,
        Err(error) => return errors(&[format!("{file}: {error}")]),
    };
    let mut expansion = match parse_schema(&source) {
        Ok(document) => {
            let types = types.as_deref();
            let options = Options { source: file, krate: &krate, types, ..Options::default() };
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

/// The file: relative to the crate; with `./` or `../`, as `include_str!` has it, to the source file.
fn locate(file: &str) -> PathBuf {
    let beside = file.starts_with("./") || file.starts_with("../");
    let source = Span::call_site().local_file().filter(|_| beside);
    let folder = match source.as_deref().and_then(Path::parent) {
        Some(folder) => folder.to_owned(),
        None => std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(PathBuf::new, PathBuf::from),
    };
    let path = folder.join(file);
    // Absolute, because `include_bytes!` would read a relative path from another place.
    std::path::absolute(&path).unwrap_or(path)
}

/// `"file.toml"`, and perhaps `, crate = ::path::of::the::crate` and `, types = crate::model`.
fn arguments(input: TokenStream) -> Option<Arguments> {
    let mut tokens = input.into_iter();
    let TokenTree::Literal(literal) = tokens.next()? else { return None };
    let text = literal.to_string();
    let file = text.strip_prefix('"')?.strip_suffix('"')?.to_owned();
    let mut arguments = Arguments { file, krate: Options::default().krate.to_owned(), types: None };
    let rest: String = tokens.map(|token| token.to_string()).collect();
    for option in rest.split(',').filter(|option| !option.is_empty()) {
        match option.split_once('=')? {
            ("crate", path) => arguments.krate = path.to_owned(),
            ("types", path) => arguments.types = Some(path.to_owned()),
            _ => return None,
        }
    }
    Some(arguments)
}

/// One `compile_error!` for each text.
fn errors(texts: &[String]) -> TokenStream {
    let code: String =
        texts.iter().map(|text| format!("::core::compile_error!({text:?});")).collect();
    code.parse().unwrap_or_default()
}
