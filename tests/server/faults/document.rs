//! `docs/faults.md` names a test for each row: the rows are all there, and so are the tests.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Every test function under `folder`.
fn tests_in(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable folder").path();
        if path.is_dir() {
            tests_in(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("a readable file");
            let mut lines = text.lines().peekable();
            while let Some(line) = lines.next() {
                let line = line.trim();
                if !(line.starts_with("#[test]") || line.starts_with("#[tokio::test")) {
                    continue;
                }
                let function = lines.by_ref().map(str::trim).find_map(|line| {
                    line.strip_prefix("async fn ").or_else(|| line.strip_prefix("fn "))
                });
                let name = function.and_then(|rest| rest.split(['(', '<']).next());
                found.extend(name.map(str::to_owned));
            }
        }
    }
}

/// The names in backquotes in the last column of each row, by the row's number.
fn rows(document: &str) -> BTreeMap<usize, Vec<String>> {
    let mut rows = BTreeMap::new();
    for line in document.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<_> = line.trim_matches('|').split(" | ").collect();
        let Ok(number) = cells[0].trim().parse::<usize>() else { continue };
        let quoted = cells.last().expect("a row has cells").split('`').skip(1).step_by(2);
        rows.insert(number, quoted.map(str::to_owned).collect());
    }
    rows
}

#[test]
fn every_row_names_tests_and_every_test_that_is_named_exists() {
    let document = fs::read_to_string("docs/faults.md").expect("the fault list");
    let rows = rows(&document);
    assert_eq!(rows.keys().copied().collect::<Vec<_>>(), (1..=50).collect::<Vec<_>>());
    let mut tests = Vec::new();
    for folder in ["tests", "src"] {
        tests_in(Path::new(folder), &mut tests);
    }
    for (number, named) in &rows {
        assert!(!named.is_empty(), "row {number} names no test");
        for name in named {
            assert!(tests.contains(name), "row {number}: there is no test `{name}`");
        }
    }
    for test in tests.iter().filter(|test| test.starts_with("row_")) {
        let number: usize = test[4..6].parse().expect("a test of the list has its row's number");
        assert!(rows[&number].contains(test), "docs/faults.md does not name `{test}`");
    }
}
