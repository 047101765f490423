//! An entry of the log as Redis sends it.

use crate::server::backplane::notice::{NoticeError, VERSION};
use crate::server::backplane::{LogId, Logged, Notice};
use crate::server::store::{StoreError, StoreErrorKind};

/// Its id; names and texts by turns.
pub(super) type Raw = (String, Vec<Vec<u8>>);

/// The field of an entry before which some may have been lost.
pub(super) const BREAK: &str = "b";

pub(super) fn place(id: &str) -> Result<LogId, StoreError> {
    let odd = |_| StoreError::new(StoreErrorKind::Refused, "the log's ids are not a stream's");
    id.parse().map_err(odd)
}

/// The entries, unless one of them says that some may be missing before it.
pub(super) fn unbroken(entries: Vec<Raw>) -> Result<Option<Vec<Logged>>, StoreError> {
    let is_break = |(_, fields): &Raw| text(fields, BREAK.as_bytes()).is_some();
    if entries.iter().any(is_break) {
        return Ok(None);
    }
    entries.into_iter().map(logged).collect::<Result<_, _>>().map(Some)
}

fn logged((id, fields): Raw) -> Result<Logged, StoreError> {
    Ok(Logged { id: place(&id)?, notice: notice(&fields) })
}

fn notice(fields: &[Vec<u8>]) -> Result<Option<Notice>, NoticeError> {
    let field = |name| text(fields, name).ok_or(NoticeError::Malformed);
    let version = std::str::from_utf8(field(b"v")?).ok().and_then(|text| text.parse::<u64>().ok());
    match version {
        Some(version) if version == u64::from(VERSION) => {}
        Some(version) if version > u64::from(VERSION) => return Err(NoticeError::Version),
        _ => return Err(NoticeError::Malformed),
    }
    match field(b"n")? {
        b"" => Ok(None),
        json => Notice::from_json(json).map(Some),
    }
}

fn text<'f>(fields: &'f [Vec<u8>], name: &[u8]) -> Option<&'f [u8]> {
    let found = fields.chunks_exact(2).find(|pair| pair[0] == name);
    found.map(|pair| &pair[1][..])
}
