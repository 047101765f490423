//! The examples of `docs/key-schema.md`, and the schema of `README.md`, run. (Their Rust blocks are doctests.)

use std::path::{Path, PathBuf};
use std::process::Command;

use samekey::schema::{Code, Pattern, parse_schema};

use super::python;

const DOCUMENT: &str = include_str!("../../docs/key-schema.md");
const README: &str = include_str!("../../README.md");

/// The fenced blocks of the guide: what stands behind the fence, and the text. Never none.
fn blocks(language: &str) -> Vec<(&'static str, &'static str)> {
    blocks_of(DOCUMENT, language)
}

fn blocks_of(document: &'static str, language: &str) -> Vec<(&'static str, &'static str)> {
    let parts: Vec<_> = document.split("\n```").collect();
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

/// A folder with the schema files of a document: those that have a name.
fn folder(name: &str, document: &'static str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let files = blocks_of(document, "toml");
    for (name, text) in
        files.iter().filter_map(|(info, text)| Some((info.split_once(' ')?.1, text)))
    {
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
    let folder = folder("key-schema", DOCUMENT);
    commands_print(&folder, &blocks("console"));
    let orders = std::fs::read_to_string(folder.join("orders.ts")).unwrap();
    assert!(orders.contains("import type { Order } from './types'"), "{orders}");
}

#[test]
fn the_commands_of_the_readme_print_what_it_says_and_write_the_keys() {
    let folder = folder("readme", README);
    commands_print(&folder, &blocks_of(README, "console"));
    let typescript = std::fs::read_to_string(folder.join("keys.ts")).unwrap();
    assert!(
        typescript.contains("defineFamily<unknown, [store: string, day: string]>("),
        "{typescript}"
    );
    let python = std::fs::read_to_string(folder.join("cache_keys.py")).unwrap();
    assert!(python.contains("class CacheKeys"), "{python}");
}

fn commands_print(folder: &Path, blocks: &[(&str, &str)]) {
    for (_, block) in blocks {
        for step in block.split("$ ").skip(1) {
            let (command, expected) = step.split_once('\n').unwrap_or((step, ""));
            let mut words = command.split(' ');
            assert_eq!(words.next(), Some("samekey"));
            let output = Command::new(env!("CARGO_BIN_EXE_samekey"))
                .current_dir(folder)
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
