//! What becomes of a command whose output nobody takes.

use std::fs::OpenOptions;
use std::process::Stdio;

use crate::command::{exists, fill, samekey};
use crate::redis_server::RedisServer;

/// The exit code of `samekey`, whose reader has left, and what it complains of.
fn unread(arguments: &[&str]) -> (i32, String) {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = samekey();
    let child = command.args(arguments).stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
    // It has the pipe's end as well, and would keep it open.
    drop(command);
    let ended = child.wait_with_output().unwrap();
    (ended.status.code().expect("no signal ended it"), String::from_utf8(ended.stderr).unwrap())
}

#[test]
fn a_reader_who_has_seen_enough_is_no_failure() {
    let redis = RedisServer::start();
    fill(&redis.url(), &["exec:kpis:ws1", "exec:kpis:ws2"], false);
    let url = redis.url();
    for arguments in [
        &["keys", "--redis", &url][..],
        &["keys", "--json", "--redis", &url],
        &["invalidate", "exec:kpis:ws1", "--redis", &url],
        &["gen", "--schema", "schema/shadower.toml", "--lang", "ts"],
        &["check", "schema/shadower.toml"],
    ] {
        let (code, complaint) = unread(arguments);
        assert!(code == 0 && !complaint.contains("panicked"), "{arguments:?}: {code} {complaint}");
    }
    assert_eq!(unread(&["invalidate", "exec:kpis:ws1", "--yes", "--redis", &url]).0, 0);
    assert!(!exists(&url, "exec:kpis:ws1"), "it is done all the same");
}

#[test]
fn an_output_that_takes_nothing_is_exit_code_2() {
    let redis = RedisServer::start();
    fill(&redis.url(), &["exec:kpis:ws1"], false);
    let url = redis.url();
    for arguments in [&["keys", "--redis", &url][..], &["check", "schema/shadower.toml"]] {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let ended = samekey().args(arguments).stdout(full).output().unwrap();
        let complaint = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(2), "{complaint}");
        assert!(
            complaint.contains("No space left") && !complaint.contains("panicked"),
            "{complaint}"
        );
    }
}

#[test]
fn who_reads_no_complaints_is_no_failure_either() {
    let redis = RedisServer::start();
    fill(&redis.url(), &["exec:kpis:ws1"], false);
    let url = redis.url();
    for (arguments, code) in [
        (&["keys", "--redis", &url][..], 0),
        (&["invalidate", "exec:kpis:ws1", "--redis", &url], 0),
        (&["keys", "--redis", "redis://127.0.0.1:1"], 2),
        (&["check", "schema/none.toml"], 2),
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let ended = samekey().args(arguments).stderr(writer).output().unwrap();
        assert_eq!(ended.status.code(), Some(code), "{arguments:?}");
    }
}

#[test]
fn a_key_that_another_program_wrote_does_nothing_to_the_terminal() {
    let redis = RedisServer::start();
    let url = redis.url();
    fill(&url, &["exec:kpis:ws\x1b[2J", "exec:nobodys:\x1b]0;x\x07"], true);
    for arguments in [
        &["keys", "--redis", &url][..],
        &["invalidate", "exec:kpis:*", "--redis", &url],
        &["doctor", "--redis", &url],
    ] {
        let ended = samekey().args(arguments).output().unwrap();
        let text = String::from_utf8([ended.stdout, ended.stderr].concat()).unwrap();
        assert!(text.contains(r"\u{1b}"), "{arguments:?}: {text}");
        assert!(!text.contains(|it: char| it.is_control() && it != '\n'), "{arguments:?}: {text}");
    }
}
