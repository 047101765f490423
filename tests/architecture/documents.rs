//! The documents name files and each other: what they name is there.

use std::fs;
use std::path::{Path, PathBuf};

/// The first parts of paths that stand in backquotes. What is built, or another's, begins otherwise.
const ROOMS: &[&str] = &[
    "src/",
    "macros",
    "pkg-template/",
    "www",
    "demo",
    "tests/",
    "benches/",
    "docs/",
    "schema/",
    "scripts/",
    "examples/",
    ".ci/",
];
const ROOT_FILES: &[&str] =
    &["Makefile", "Cargo.toml", "CONTRIBUTING.md", "README.md", "CHANGELOG.md"];

/// Folders that only a build or a first start makes.
const BUILT: &[&str] = &["www/dist", "demo/data/demo.sqlite", "pkg-template/src/border/generated"];

/// The pages that are kept in step with the tree. A changelog tells of what was.
fn pages() -> Vec<PathBuf> {
    let mut pages = vec!["README.md".into(), "CONTRIBUTING.md".into(), "demo/README.md".into()];
    for folder in ["docs", "docs/decisions", "docs/schema"] {
        let entries = fs::read_dir(folder).expect("a folder of documents");
        let paths = entries.map(|entry| entry.expect("a readable folder").path());
        pages.extend(paths.filter(|path| path.extension().is_some_and(|it| it == "md")));
    }
    pages
}

fn read(page: &Path) -> String {
    fs::read_to_string(page).unwrap_or_else(|error| panic!("{}: {error}", page.display()))
}

/// Prose without its fenced blocks, whose text is the examples' own.
fn prose(text: &str) -> String {
    text.split("\n```").step_by(2).collect::<Vec<_>>().join("\n")
}

/// What stands in backquotes and begins as a path of ours does. `{a,b}` and globs are shorthand, no names.
fn paths(text: &str) -> Vec<&str> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted
        .filter(|name| {
            let begins = ROOMS.iter().any(|room| name.starts_with(room)) && name.contains('/');
            let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
            (begins || ROOT_FILES.contains(name)) && name.chars().all(plain)
        })
        .filter(|name| !BUILT.contains(&name.trim_end_matches('/')))
        .collect()
}

/// The targets of Markdown links, without those that lead out of the repository.
fn links(text: &str) -> Vec<&str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    targets.map(|(target, _)| target).filter(|target| !target.contains("://")).collect()
}

/// A heading's anchor, as GitHub makes it.
fn anchor(heading: &str) -> String {
    let words = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = words.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn every_path_that_a_document_names_exists() {
    let mut named = 0;
    for page in pages() {
        let text = prose(&read(&page));
        for path in paths(&text) {
            named += 1;
            // The demo's page speaks of its own folder.
            let here = page.parent().unwrap().join(path);
            assert!(
                Path::new(path).exists() || here.exists(),
                "{} names {path}, which is not there",
                page.display()
            );
        }
    }
    assert!(named > 60, "only {named} paths found: are they still in backquotes?");
}

#[test]
fn every_link_of_a_document_leads_somewhere() {
    let mut followed = 0;
    for page in pages() {
        let text = prose(&read(&page));
        for link in links(&text) {
            followed += 1;
            let (path, fragment) = link.split_once('#').unwrap_or((link, ""));
            let target =
                if path.is_empty() { page.clone() } else { page.parent().unwrap().join(path) };
            assert!(target.exists(), "{}: {link} leads nowhere", page.display());
            if !fragment.is_empty() {
                let target = prose(&read(&target));
                let headings = target.lines().filter(|line| line.starts_with('#'));
                assert!(
                    headings.into_iter().any(|heading| anchor(heading) == fragment),
                    "{}: no heading for #{fragment}",
                    page.display()
                );
            }
        }
    }
    assert!(followed > 20, "only {followed} links found");
}

#[test]
fn every_decision_is_in_the_index_under_its_own_title() {
    let index = read(Path::new("docs/decisions/README.md"));
    let mut records = 0;
    for entry in fs::read_dir("docs/decisions").expect("the decisions") {
        let path = entry.expect("a readable folder").path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name == "README.md" {
            continue;
        }
        records += 1;
        let number = &name[..4];
        assert!(index.contains(&format!("[{number}]({name})")), "{name} is not in the index");
        let title = read(&path);
        assert!(
            title.starts_with(&format!("# {number}: ")),
            "{name} does not begin with its number"
        );
    }
    assert!(records >= 5);
}

#[test]
fn what_is_missing_is_found() {
    assert_eq!(
        paths("see `src/engine/x.rs`, `make test`, `src/{a,b}.rs` and `Key`"),
        ["src/engine/x.rs"]
    );
    assert_eq!(links("[a](b.md#c) and [d](https://e)"), ["b.md#c"]);
    assert_eq!(anchor("## Next.js and other servers"), "nextjs-and-other-servers");
}
