//! `samekey check` and `samekey gen`, as a shell sees them.

use std::path::PathBuf;
use std::process::{Command, Output};

fn samekey(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_samekey"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(arguments)
        .output()
        .unwrap()
}

/// A file of this test's own.
fn scratch(name: &str, text: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn check_is_silent_on_standard_error_when_all_is_well() {
    let output = samekey(&["check", "schema/shadower.toml"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        text(&output.stdout),
        "schema/shadower.toml: 21 families, 6 events, 3 entities, 27 types: no findings\n"
    );
    assert!(output.stderr.is_empty());
}

#[test]
fn check_fails_with_the_place_of_each_finding() {
    let output = samekey(&["check", "tests/schema/compile/dead_pattern.toml"]);
    assert_eq!(output.status.code(), Some(1));
    let errors = text(&output.stderr);
    let first = "tests/schema/compile/dead_pattern.toml:17:3: E_SCHEMA_DEAD_PATTERN: ";
    assert!(errors.starts_with(first) && errors.ends_with("1 finding(s)\n"), "{errors}");
}

#[test]
fn a_file_that_cannot_be_read_is_another_exit_code() {
    assert_eq!(samekey(&["check", "no/such/file.toml"]).status.code(), Some(2));
    assert_eq!(
        samekey(&["gen", "--lang", "cobol", "--schema", "schema/shadower.toml"]).status.code(),
        Some(2)
    );
}

#[test]
fn gen_makes_the_folder_that_it_writes_into() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("gen_into");
    let _ = std::fs::remove_dir_all(&folder);
    let out = folder.join("src/keys.ts");
    let (schema, path) = ("schema/shadower.toml", out.to_str().unwrap());
    let output = samekey(&["gen", "--lang", "ts", "--schema", schema, "--out", path]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(std::fs::read_to_string(&out).unwrap().contains("defineFamily"));
}

#[test]
fn gen_check_tells_a_committed_file_from_an_edited_one() {
    let file = "docs/schema/shadower.md";
    let check = |out: &str| {
        samekey(&[
            "gen",
            "--lang",
            "markdown",
            "--schema",
            "schema/shadower.toml",
            "--out",
            out,
            "--check",
        ])
    };
    assert_eq!(check(file).status.code(), Some(0));
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let edited = std::fs::read_to_string(root.join(file)).unwrap() + "edited\n";
    let edited_path = scratch("edited.md", &edited);
    let output = check(edited_path.to_str().unwrap());
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("not what schema/shadower.toml generates"));
    assert_eq!(std::fs::read_to_string(edited_path).unwrap(), edited, "--check writes nothing");
}

#[test]
fn gen_writes_the_file_or_standard_output() {
    let out = scratch("keys.py", "");
    let arguments = ["gen", "--lang", "python", "--schema", "schema/shadower.toml"];
    let printed = samekey(&arguments);
    let written = samekey(&[&arguments[..], &["--out", out.to_str().unwrap()]].concat());
    assert_eq!((printed.status.code(), written.status.code()), (Some(0), Some(0)));
    assert!(text(&printed.stdout).contains("class CacheKeys:"));
    assert_eq!(std::fs::read_to_string(out).unwrap(), text(&printed.stdout));
}

#[test]
fn gen_refuses_a_schema_with_findings() {
    let output =
        samekey(&["gen", "--lang", "ts", "--schema", "tests/schema/compile/missing_ttl.toml"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("E_SCHEMA_MISSING_TTL"));
    assert!(output.stdout.is_empty());
}
