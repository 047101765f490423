//! Sources as the rules see them: without comments, line by line.

use std::fs;
use std::path::Path;

/// One file, its comments blanked out.
pub(crate) struct Source {
    /// From the repository's root, with `/`.
    pub(crate) path: String,
    code: String,
}

/// Every file under `folder` with one of the extensions, tests and generated code left out.
pub(crate) fn sources(folder: &str, extensions: &[&str]) -> Vec<Source> {
    let mut found = Vec::new();
    visit(Path::new(folder), &mut |path| {
        let name = path.to_string_lossy().replace('\\', "/");
        let extension = path.extension().and_then(|it| it.to_str()).unwrap_or("");
        let ours = !["/generated/", "/node_modules/", "/target/", ".test.", "/tests.rs"]
            .iter()
            .any(|part| name.contains(part));
        if extensions.contains(&extension) && ours {
            found.push(Source::new(&name, &fs::read_to_string(path).expect("a readable source")));
        }
    });
    found
}

fn visit(folder: &Path, each: &mut impl FnMut(&Path)) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.expect("a readable folder").path();
        if path.is_dir() {
            visit(&path, each);
        } else {
            each(&path);
        }
    }
}

impl Source {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), code: without_comments(text) }
    }

    /// `path:line: text` of each line in which `name` stands as a whole.
    pub(crate) fn lines_naming(&self, name: &str) -> Vec<String> {
        let lines = self.code.lines().enumerate();
        lines
            .filter(|(_, line)| names(line, name))
            .map(|(index, line)| format!("{}:{}: {}", self.path, index + 1, line.trim()))
            .collect()
    }

    /// The lines in which `text` stands, each with the one above it.
    pub(crate) fn lines_with(&self, text: &str) -> Vec<(&str, &str)> {
        let above = std::iter::once("").chain(self.code.lines());
        above.zip(self.code.lines()).filter(|(_, line)| line.contains(text)).collect()
    }

    /// What the file imports or re-exports, statically or on demand: the text between the quotes.
    pub(crate) fn imports(&self) -> Vec<String> {
        ["from ", "import(", "import "]
            .iter()
            .flat_map(|word| self.code.match_indices(word))
            .filter_map(|(at, word)| quoted(self.code[at + word.len()..].trim_start()))
            .collect()
    }
}

fn quoted(text: &str) -> Option<String> {
    let quote = text.chars().next().filter(|it| *it == '\'' || *it == '"')?;
    text[1..].split_once(quote).map(|(inside, _)| inside.to_owned())
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn names(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + name.len()..].chars().next();
        !before.is_some_and(is_of_name) && (!after.is_some_and(is_of_name) || name.ends_with(':'))
    })
}

/// Comments become blanks, lines stay where they are. A `//` after a colon is a URL's.
fn without_comments(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut inside = false;
    for line in text.lines() {
        let mut rest = line;
        while !rest.is_empty() {
            if inside {
                let Some((_, after)) = rest.split_once("*/") else { break };
                (inside, rest) = (false, after);
                continue;
            }
            let block = rest.find("/*");
            let slashes =
                rest.match_indices("//").map(|(at, _)| at).find(|at| !rest[..*at].ends_with(':'));
            match (block, slashes) {
                (Some(open), slashes) if slashes.is_none_or(|at| open < at) => {
                    code.push_str(&rest[..open]);
                    (inside, rest) = (true, &rest[open + 2..]);
                }
                (_, Some(at)) => {
                    code.push_str(&rest[..at]);
                    break;
                }
                _ => {
                    code.push_str(rest);
                    break;
                }
            }
        }
        code.push('\n');
    }
    code
}

/// Where `import` leads from the file at `path`: `a/b/c.ts` and `../d` give `a/d`.
pub(crate) fn join(path: &str, import: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for step in import.split('/') {
        match step {
            "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    parts.join("/")
}
