//! `samekey check FILE`

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use samekey_schema::{Document, parse_schema};

use super::fail;
use super::say::say;

/// `samekey check schema.toml`: exit code 0 when all is well, 1 with findings, 2 when the file
/// cannot be read.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// The schema file.
    file: PathBuf,
}

impl Check {
    pub(super) fn run(self) -> ExitCode {
        match load(&self.file) {
            Ok(document) => {
                let schema = &document.schema;
                let said = say(format_args!(
                    "{}: {} families, {} events, {} entities, {} types: no findings",
                    self.file.display(),
                    schema.families.len(),
                    schema.events.len(),
                    schema.entities.len(),
                    document.types.len(),
                ));
                said.map_or_else(|error| fail(2, error), |()| ExitCode::SUCCESS)
            }
            Err((code, message)) => fail(code, message),
        }
    }
}

/// Reads and checks a schema file; else an exit code and what to print.
pub(super) fn load(file: &Path) -> Result<Document, (u8, String)> {
    let source = std::fs::read_to_string(file)
        .map_err(|error| (2, format!("{}: {error}", file.display())))?;
    parse_schema(&source).map_err(|findings| {
        let mut text = String::new();
        for finding in &findings {
            let _ = writeln!(text, "{}:{finding}", file.display());
        }
        let _ = write!(text, "{} finding(s)", findings.len());
        (1, text)
    })
}
