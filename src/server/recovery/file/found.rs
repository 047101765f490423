//! Reads what an earlier process owed.

use std::io::{self, BufRead, BufReader, Read};

use super::line::{Head, Owed};

/// No line is longer: a pattern has 64 KiB at most, and JSON writes a character with six.
const LONGEST_LINE: u64 = 1024 * 1024;

/// What was found in a file.
#[derive(Debug, Default, PartialEq)]
pub(in crate::server::recovery) struct Found {
    /// The older first.
    pub(in crate::server::recovery) owed: Vec<Owed>,
    /// Lines that were written whole and do not read any more. What they said was promised, and nobody knows what it was.
    pub(in crate::server::recovery) spoilt: usize,
    /// Whether the end is half a line: the process died while it wrote, and had promised nothing of it.
    pub(in crate::server::recovery) torn: bool,
}

#[derive(Debug)]
pub(super) enum Unread {
    Io(io::Error),
    /// It is not ours to read: why.
    Foreign(String),
}

impl Found {
    /// An empty file, as `touch` makes one, owes nothing to anybody.
    pub(super) fn read(from: impl Read, head: &Head) -> Result<Self, Unread> {
        let (mut from, mut line) = (BufReader::new(from), Vec::new());
        let mut found = Self::default();
        if next(&mut from, &mut line).map_err(Unread::Io)? == 0 {
            return Ok(found);
        }
        if let Some(why) = head.refuses(&line) {
            return Err(Unread::Foreign(why));
        }
        while next(&mut from, &mut line).map_err(Unread::Io)? > 0 {
            match Owed::from_line(&line) {
                Some(owed) => found.owed.push(owed),
                // Only the last can end so; one that is too long goes on at the next turn.
                None if line.last() != Some(&b'\n') => found.torn = true,
                None => found.spoilt += 1,
            }
        }
        Ok(found)
    }
}

fn next(from: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<usize> {
    line.clear();
    from.take(LONGEST_LINE).read_until(b'\n', line)
}
