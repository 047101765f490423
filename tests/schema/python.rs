//! Running the generated Python.

use std::io::Write;
use std::process::{Command, Stdio};

/// Runs a Python program that has `CacheKeys` and reads `lines`, one JSON text each, from its
/// standard input; what it prints, line by line.
pub(crate) fn run(program: &str, lines: &[String]) -> Vec<String> {
    let mut child = Command::new("python3")
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python"))
        .env("PYTHONIOENCODING", "utf-8")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .args(["-c", program])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 runs the generated keys; install it");
    let mut stdin = child.stdin.take().unwrap();
    let input = lines.join("\n");
    // Beside reading, so that neither side waits for the other's full pipe.
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "the Python program failed");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}
