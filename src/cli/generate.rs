//! `samekey gen --lang ts --schema FILE --out FILE [--check]`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use samekey_schema::codegen::{Language, Options, generate};

use super::say::say_as_it_is;
use super::{check, fail};

/// `samekey gen`: exit code 0 when written (or, with `--check`, up to date), 1 with findings or a
/// difference, 2 when a file cannot be read or written.
#[derive(Debug, Args)]
pub(super) struct Generate {
    /// ts, python, json, markdown or rust.
    #[arg(long, value_parser = language)]
    lang: Language,
    /// The schema file.
    #[arg(long)]
    schema: PathBuf,
    /// The file to write, and its folder where there is none; standard output when left out.
    #[arg(long)]
    out: Option<PathBuf>,
    /// TypeScript: the module that exports `defineFamily`.
    #[arg(long, default_value = Options::default().import)]
    import: String,
    /// TypeScript and Rust: the module that has the value types, such as `../api/types`; none are written then.
    #[arg(long, value_name = "MODULE")]
    types: Option<String>,
    /// Write nothing; fail when the file is not what would be written.
    #[arg(long, requires = "out")]
    check: bool,
}

fn language(name: &str) -> Result<Language, String> {
    Language::named(name).ok_or_else(|| {
        let names: Vec<_> = Language::ALL.iter().map(|(name, _)| *name).collect();
        format!("one of: {}", names.join(", "))
    })
}

impl Generate {
    pub(super) fn run(self) -> ExitCode {
        let document = match check::load(&self.schema) {
            Ok(document) => document,
            Err((code, message)) => return fail(code, message),
        };
        let source = self.schema.to_string_lossy();
        let types = self.types.as_deref();
        let options =
            Options { source: &source, import: &self.import, types, ..Options::default() };
        let text = generate(&document, self.lang, &options);
        let Some(out) = self.out else {
            let said = say_as_it_is(text);
            return said.map_or_else(|error| fail(2, error), |()| ExitCode::SUCCESS);
        };
        if self.check {
            return match std::fs::read_to_string(&out) {
                Ok(found) if found == text => ExitCode::SUCCESS,
                Ok(_) => fail(
                    1,
                    format!("{}: not what {source} generates; run without --check", out.display()),
                ),
                Err(error) => fail(2, format!("{}: {error}", out.display())),
            };
        }
        let folder = out.parent().map_or(Ok(()), std::fs::create_dir_all);
        match folder.and_then(|()| std::fs::write(&out, text)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => fail(2, format!("{}: {error}", out.display())),
        }
    }
}
