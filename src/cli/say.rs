//! What a command says on its standard output.

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
