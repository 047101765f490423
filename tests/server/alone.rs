//! Tests that measure their process: they are run once more in one of their own, where nobody else takes or gives back memory.

use std::process::Command;

const ALONE: &str = "SAMEKEY_TEST_ALONE";

/// Whether this is that process. If not, starts it, and fails as the test does there.
pub(crate) fn is_alone(test: &str) -> bool {
    if std::env::var_os(ALONE).is_some_and(|name| name == test) {
        return true;
    }
    let program = std::env::current_exe().expect("a test is a program");
    let mut command = Command::new(program);
    let run = command.args(["--exact", test, "--nocapture"]).env(ALONE, test).output();
    let run = run.expect("it starts as this one did");
    let said = [run.stdout, run.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(run.status.success() && said.contains("1 passed"), "{said}");
    false
}
