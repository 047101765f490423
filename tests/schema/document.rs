//! The examples of `docs/key-schema.md` run. (Its Rust blocks are doctests of the crate.)

use std::path::{Path, PathBuf};
use std::process::Command;

use samekey::schema::{Code, Pattern, parse_schema};

use super::python;

const DOCUMENT: &str = include_str!("../../docs/key-schema.md");

/// The fenced blocks: what stands behind the fence, and the text. Never none.
fn blocks(language: &str) -> Vec<(&'static str, &'static str)> {
    let parts: Vec<_> = DOCUMENT.split("\n```").collect();
    let blocks: Vec<_> = parts
        .iter()
        .skip(1)
        .step_by(2)
        .filter_map(|block| block.split_once('\n'))
        .filter(|(info, _)| info.split(' ').next() == Some(language))
        .collect();
    assert!(!blocks.is_empty(), "no {language} block");
    blocks
}

/// A folder with the schema files of the document.
fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("key-schema");
    std::fs::create_dir_all(&folder).unwrap();
    for (info, text) in blocks("toml") {
        let (_, name) = info.split_once(' ').expect("a schema has a file name");
        std::fs::write(folder.join(name), format!("{text}\n")).unwrap();
    }
    folder
}

#[test]
fn the_example_schema_is_sound() {
    let (_, sound) = blocks("toml")[0];
    assert_eq!(parse_schema(sound).err(), None);
}

#[test]
fn the_commands_print_what_the_page_says() {
    let folder = folder();
    for (_, block) in blocks("console") {
        for step in block.split("$ ").skip(1) {
            let (command, expected) = step.split_once('\n').unwrap_or((step, ""));
            let mut words = command.split(' ');
            assert_eq!(words.next(), Some("samekey"));
            let output = Command::new(env!("CARGO_BIN_EXE_samekey"))
                .current_dir(&folder)
                .args(words)
                .output()
                .unwrap();
            let printed = [output.stdout, output.stderr].concat();
            assert_eq!(
                String::from_utf8(printed).unwrap().trim_end(),
                expected.trim_end(),
                "{command}"
            );
        }
    }
}

#[test]
fn the_python_examples_run() {
    for (_, program) in blocks("python") {
        assert_eq!(python::run(program, &[]), Vec::<String>::new());
    }
}

#[test]
fn the_typescript_excerpt_is_of_the_generated_file() {
    let generated = include_str!("../../pkg-template/src/shadower/generated.ts");
    for (_, excerpt) in blocks("ts") {
        assert!(generated.contains(excerpt), "{excerpt}");
    }
}

#[test]
fn the_table_of_patterns_is_true() {
    let rows: Vec<_> = DOCUMENT
        .lines()
        .filter(|line| line.ends_with("| yes |") || line.ends_with("| no |"))
        .map(|line| line.split('|').map(|cell| cell.trim().trim_matches('`')).collect::<Vec<_>>())
        .collect();
    assert!(rows.len() > 5);
    for row in rows {
        let [_, pattern, key, answer, _] = row[..] else { panic!("{row:?}") };
        assert_eq!(Pattern::parse(pattern).unwrap().matches(key), answer == "yes", "{row:?}");
    }
}

#[test]
fn the_table_of_findings_has_every_code_in_order() {
    let listed: Vec<_> = DOCUMENT
        .lines()
        .filter_map(|line| line.strip_prefix("| `E_SCHEMA_")?.split('`').next())
        .map(|code| format!("E_SCHEMA_{code}"))
        .collect();
    let codes: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(listed, codes);
}
