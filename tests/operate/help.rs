use crate::command::{run, samekey};

const COMMANDS: [&str; 10] =
    ["check", "gen", "serve", "token", "health", "stats", "keys", "invalidate", "warm", "doctor"];

#[test]
fn every_commands_help_fits_into_eighty_columns() {
    for arguments in COMMANDS.iter().map(|name| vec![*name, "--help"]).chain([vec!["--help"]]) {
        let help = samekey().args(&arguments).env("COLUMNS", "80").output().unwrap();
        assert!(help.status.success(), "{arguments:?}");
        for line in String::from_utf8(help.stdout).unwrap().lines() {
            assert!(line.chars().count() <= 80, "{arguments:?}: {line}");
        }
    }
}

#[test]
fn the_list_says_in_one_line_what_each_is_for_and_each_says_the_rest() {
    let list = run(&["--help"]).out;
    for name in COMMANDS {
        let line = list.lines().find(|line| line.trim_start().starts_with(name));
        let short = line.and_then(|line| line.trim().strip_prefix(name)).unwrap_or_default().trim();
        assert!(short.len() > 10, "{name}: {list}");
        assert!(run(&[name, "--help"]).out.starts_with(short), "{name}: {short}");
    }
    for (name, word) in [
        ("doctor", "Exit code 0 when nothing is wrong"),
        ("warm", "Exit code 0 when every key is there"),
        ("stats", "missed: how many were not"),
        ("invalidate", "every node drops what it holds"),
        ("serve", "asks for a token"),
    ] {
        let help = run(&[name, "--help"]).out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(help.contains(word), "{name}: {help}");
    }
}
