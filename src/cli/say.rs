//! What a command says: what was asked for on its standard output, and the rest beside it.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};

/// Says `text` and ends the line. A reader who has seen enough and left, as `head` does, is no failure: what the command
/// is there for, it does all the same.
///
/// # Errors
/// The output takes nothing, as on a full disk.
pub(super) fn say(text: impl Display) -> io::Result<()> {
    say_as_it_is(format_args!("{text}\n"))
}

/// The same without ending the line.
///
/// # Errors
/// As there.
pub(super) fn say_as_it_is(text: impl Display) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match write!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        said => said,
    }
}

/// Says what is not part of the answer, on standard error. Nobody can be told that it cannot be said, and what the command
/// is there for has nothing to do with it.
pub(super) fn complain(text: impl Display) {
    let _ = writeln!(io::stderr(), "{text}");
}
